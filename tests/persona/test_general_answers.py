"""Lines that neither the brief nor common talk covers get an answer to their kind, never the same one twice."""

from collections.abc import Sequence

import pytest

from practice.persona.answers.role_reply import reply
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.common_talk import common_talk
from practice.persona.recognition.understood import Recognised, Understood
from practice.persona.rules import role_rules
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from practice.persona.sentences.set_phrases import names_topic, topic
from tests import cast

BRIEF = RoleBrief.model_validate(cast.role_brief())


GREETING = {"key": "greeting", "when": "is greeted", "heard": ["Hi.", "Hey."], "says": ["Hi there. What is it?"]}
IN_OWN_WORDS = RoleBrief.model_validate(
    cast.role_brief(
        reactions=[GREETING, *cast.role_brief()["reactions"]],
        toAnyQuestion=["Can I get back to you on that?"],
        toAnyStatement=["Right.", "Got it."],
    )
)


class Talk:
    def __init__(self, language: str = "en", brief: RoleBrief = BRIEF) -> None:
        self.language, self.brief, self.sequence = language, brief, 2
        self.state = role_rules.begin(brief, "realistic")

    def __call__(self, heard: str, *called: str, aside: str = "", last: str = "Hm?") -> str:
        part = RolePart(self.brief, self.state, self.sequence, self.language, "Alex", "Sam", heard)
        understood = Understood(tuple(Recognised(key, 0.7) for key in called), aside)
        answer, self.state = reply(part, heard, understood, before="", last=last)
        self.sequence += 2
        assert answer is not None
        return answer.text


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Which zebra eats purple gravel?", "en"),
        ("Is the moon made of cheese?", "en"),
        ("Bananas grow near rivers.", "en"),
        ("那只斑马吃什么？", "zh"),
        ("香蕉长在河边的树上。", "zh"),
    ],
)
def test_no_general_line_is_repeated_in_a_conversation(line: str, language: str) -> None:
    talk = Talk(language)
    said = [talk(line) for _ in range(9)]
    assert len(set(said)) == len(said)


def test_repeated_common_talk_is_answered_in_other_words() -> None:
    talk = Talk()
    said = [talk("Have you ever been to Spain?", aside="personal") for _ in range(7)]
    assert len(set(said)) == len(said)


def test_an_answer_without_alternatives_may_be_repeated() -> None:
    talk = Talk()
    assert [talk("What?", aside="again") for _ in range(3)] == ["I said: Hm?"] * 3


def test_after_a_statement_the_persona_answers_an_earlier_question_it_now_trusts_enough_to_answer() -> None:
    talk = Talk()
    assert talk("What is behind it?", "behind-it") == "It was just a busy month."
    talk("The search page was late.", "late-work")
    assert talk("I'm on your side, whatever it is.") == "About before… I have been taking the support calls."


@pytest.mark.parametrize(
    ("line", "aside"),
    [("How is your garden?", ""), ("Bye for now.", "goodbye"), ("?!", ""), ("你说什么呢，我听不懂", "")],
)
def test_a_question_a_goodbye_or_no_words_do_not_bring_the_earlier_question_back(line: str, aside: str) -> None:
    talk = Talk()
    talk("What is behind it?", "behind-it")
    talk("The search page was late.", "late-work")
    assert talk(line, aside=aside) != "I have been taking the support calls."


def test_an_earlier_question_that_is_still_locked_is_not_answered() -> None:
    talk = Talk()
    talk("What is behind it?", "behind-it")
    assert talk("I'm on your side, whatever it is.") in common_talk("en").unforeseen["aboutMe"]
    assert RoleState.read(talk.state.stored()).refused == ("behind-it",)


@pytest.mark.parametrize(
    ("sentence", "language", "named"),
    [
        ("It's about the allotment.", "en", "allotment"),
        ("I'd like to talk to you about the garden fence.", "en", "garden fence"),
        ("Can we talk about something important?", "en", None),
        ("It's about getting home at four.", "en", None),
        ("我想跟你说说房子的事。", "zh", "房子"),
        ("我想跟你说说这个事。", "zh", None),
    ],
)
def test_a_sentence_that_only_announces_its_topic_is_recognised(
    sentence: str, language: str, named: str | None
) -> None:
    assert topic(sentence, language) == named


def test_a_topic_that_the_lines_do_not_mention_is_another_one() -> None:
    lines = ["It's about the car, Dad.", "You scraped the wall."]
    assert names_topic("It's about the allotment.", lines, "en") is False
    assert names_topic("It's about your car.", lines, "en") is True
    assert names_topic("You scraped the wall.", lines, "en") is None
    assert Talk()("It's about the allotment.") in common_talk("en").unforeseen["fragment"]


@pytest.mark.parametrize(
    ("heard", "aside", "answers"),
    [
        ("Was it fun in Spain with all of them?", "", IN_OWN_WORDS.to_any_question),
        ("Do you have children?", "personal", IN_OWN_WORDS.to_any_question),
        ("There was a duck on the stairs this morning.", "small-talk", IN_OWN_WORDS.to_any_statement),
        ("No.", "refusal", IN_OWN_WORDS.to_any_statement),
        ("Yes.", "acknowledgement", IN_OWN_WORDS.to_any_statement),
        ("Can we do this in German?", "", common_talk("en").asides["language"].says),
        ("Ich kann nicht mehr, das ist mir zu viel.", "", common_talk("en").foreign),
    ],
)
def test_an_unforeseen_line_is_answered_in_the_personas_own_words(
    heard: str, aside: str, answers: Sequence[str]
) -> None:
    assert Talk(brief=IN_OWN_WORDS)(heard, aside=aside, last="Is something up?") in answers


def test_a_yes_without_a_question_is_not_answered_like_a_statement() -> None:
    said = Talk(brief=IN_OWN_WORDS)("Yes.", aside="acknowledgement", last="I am listening.")
    assert said not in IN_OWN_WORDS.to_any_statement


def test_the_persona_asks_for_the_topic_only_at_the_beginning() -> None:
    assert Talk(brief=IN_OWN_WORDS)("Hi.", "greeting") == "Hi there. What is it?"
    talk = Talk(brief=IN_OWN_WORDS)
    talk("The search page was late.", "late-work")
    assert talk("Hi.", "greeting") == "Hi there."
