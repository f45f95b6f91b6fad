"""A persona tells known facts when somebody asks for them. Similarity here is the share of common words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.providers.ports import ReplyRequest
from practice.persona.answers.role_reply import reply
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.common_talk import common_talk
from practice.persona.model.role_instructions import with_role
from practice.persona.recognition.turn_recognition import prepare, understand
from practice.persona.rules import role_rules
from practice.persona.rules.role_storage import RolePart
from practice.persona.sentences.answer_kinds import can_answer
from practice.persona.sentences.asked_for import asked_for
from tests import cast
from tests.persona.test_recognition import CountedWords

YEARS = {
    "asked": ["How many years have you worked here?"],
    "says": ["Three years in March.", "Since March, three years."],
}
WINTER = {"asked": ["Was the winter cold in Leeds?"], "says": ["Minus nine."]}
CALLS = {"asked": ["How many calls are there each day?"], "says": ["Eight."], "needs": {"after": ["behind-it"]}}
QUESTIONS = ["When is it?", "How long is it?", "Who is it?", "How was it?", "Where?", "What is it?", "Is it good?"]
LINES = ["At eight.", "Two hours.", "In the hall.", "Flat tenors.", "My brother.", "Good."]
BRIEF = RoleBrief.model_validate(cast.role_brief(knows=[YEARS, WINTER, CALLS], toAnyQuestion=["Later."]))


class Talk:
    def __init__(self, brief: RoleBrief = BRIEF, **state: Any) -> None:
        self.part = RolePart(brief, role_rules.begin(brief, "realistic"), 2, "en", "Alex", "Sam", None)
        self.embeddings = CountedWords()

    async def __call__(self, heard: str) -> str:
        brief, state = self.part.brief, self.part.state
        found = await understand(brief, heard, self.embeddings, happened=state.happened)
        answer, after = reply(self.part, heard, found, before="", last="Well.")
        self.part = RolePart(brief, after, self.part.sequence + 2, "en", "Alex", "Sam", None)
        assert answer is not None
        return answer.text


async def test_a_fact_is_told_in_other_words_the_second_time_and_never_a_third_time() -> None:
    talk = Talk()
    said = [await talk("How many years have you worked here?") for _ in range(3)]
    assert said[:2] == YEARS["says"]
    assert said[2] in common_talk("en").asked


async def test_telling_a_fact_changes_no_state() -> None:
    talk = Talk()
    before = talk.part.state
    await talk("How many years have you worked here?")
    after = talk.part.state
    assert (after.trust, after.happened, after.met) == (before.trust, before.happened, before.met)


async def test_a_fact_that_depends_on_a_reaction_is_not_told_before_it() -> None:
    talk = Talk()
    assert await talk("How many calls are there each day?") == "Later."
    await talk("The search page was four days late.")
    assert await talk("What is getting in your way?") == "I have been taking the support calls."
    assert await talk("How many calls are there each day?") == "Eight."


@pytest.mark.parametrize(
    "said",
    [
        "I have worked here how many years.",
        "Let's say you have worked here many years.",
        "The winter in Leeds was cold.",
    ],
)
async def test_a_line_that_asks_nothing_gets_no_fact(said: str) -> None:
    assert (await understand(BRIEF, said, CountedWords())).facts == ()


async def test_a_final_question_is_answered_in_the_context_of_the_sentences_before_it() -> None:
    asked = "The search page was four days late. Was the winter cold in Leeds?"
    assert await Talk()(asked) == "Okay, that one was on me. Minus nine."
    assert await Talk()("What is behind it? Was the winter cold in Leeds?") == "Minus nine."
    assert await Talk()("You are useless. Was the winter cold in Leeds?") == "If I am that useless, find somebody else."


async def test_among_many_facts_the_nearest_one_answers_sooner() -> None:
    near = {"asked": ["Was the summer hot in Rome?"], "says": ["Boiling."]}
    others = [{"asked": [f"Thing{n} whose{n} kind{n}?"], "says": ["Green."]} for n in range(60)]
    for knows, answer in (([WINTER, near], "Later."), ([WINTER, near, *others], "Minus nine.")):
        talk = Talk(RoleBrief.model_validate(cast.role_brief(knows=knows, toAnyQuestion=["Later."])))
        assert await talk("Was the winter hard in York?") == answer


async def test_a_guessed_fact_is_told_only_where_nothing_else_is_said() -> None:
    near = {"asked": ["Was the summer hot in Rome?"], "says": ["Boiling."]}
    others = [{"asked": [f"Thing{n} whose{n} kind{n}?"], "says": ["Green."]} for n in range(60)]
    talk = Talk(RoleBrief.model_validate(cast.role_brief(knows=[WINTER, near, *others], toAnyQuestion=["Later."])))
    guessed = "Was the winter so very hard in York?"
    assert await talk(guessed) == "Minus nine."
    assert await talk(f"The search page was four days late. {guessed}") == "Okay, that one was on me."


async def test_two_facts_are_told_one_after_the_other() -> None:
    asked = "How many years have you worked here? And was the winter cold in Leeds?"
    assert await Talk()(asked) == "Three years in March. Minus nine."


async def test_a_locked_fact_hides_one_that_is_about_as_near_no_longer() -> None:
    locked = {"asked": ["Was the winter cold in Leeds?"], "says": ["Then."], "needs": {"after": ["late-work"]}}
    for other, answer in (("Was the winter cold in Leeds", "Now."), ("Was the winter so cold?", "Later.")):
        knows = [locked, {"asked": [other], "says": ["Now."]}]
        talk = Talk(RoleBrief.model_validate(cast.role_brief(knows=knows, toAnyQuestion=["Later."])))
        assert await talk("Was the winter cold in Leeds?") == answer


async def test_of_two_facts_with_the_same_question_one_is_told() -> None:
    twice = [{"asked": ["Was the winter cold in Leeds?"], "says": [each]} for each in ("Minus nine.", "Very.")]
    found = await understand(
        RoleBrief.model_validate(cast.role_brief(knows=twice)), "Was winter cold in Leeds then?", CountedWords()
    )
    assert len(found.facts) == 1


async def test_a_question_closer_to_a_locked_fact_triggers_no_reaction() -> None:
    asked = "What is behind the calls each day?"
    fact = {"asked": [asked], "says": ["Bad sleep."], "needs": {"after": ["late-work"]}}
    for_that_reaction = fact | {"needs": {"after": ["behind-it"]}}
    found = [
        await understand(RoleBrief.model_validate(cast.role_brief(knows=knows)), asked, CountedWords())
        for knows in ([], [fact], [for_that_reaction])
    ]
    assert [[one.key for one in each.reactions] for each in found] == [["behind-it"], [], ["behind-it"]]
    assert [each.facts for each in found] == [(), (), ()]


async def test_lines_of_facts_are_embedded_in_advance() -> None:
    embeddings = CountedWords()
    await prepare(BRIEF, embeddings)
    assert {*YEARS["asked"], *YEARS["says"]} <= {text for texts in embeddings.asked for text in texts}


def test_a_model_with_a_key_gets_only_the_unlocked_facts() -> None:
    told = with_role(ReplyRequest(""), Talk().part).instructions
    assert "- How many years have you worked here? Three years in March." in told
    assert "Eight." not in told


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Do you know when the plumber comes?", "en", "when"),
        ("And whose are the pots?", "en", "person"),
        ("How come you never rang?", "en", "reason"),
        ("How old is the little one?", "en", "age"),
        ("How was choir on Thursday?", "en", "verdict"),
        ("Were you angry when he left?", "en", "whether"),
        ("您怎么没去医院？", "zh", "reason"),
        ("你来了多少年了？", "zh", "duration"),
        ("那是谁的车？", "zh", "person"),
        ("他住哪儿？", "zh", "place"),
    ],
)
def test_the_kind_of_a_question_is_recognised_by_its_words(question: str, language: str, kind: str) -> None:
    assert asked_for(question, language) == kind


@pytest.mark.parametrize(
    ("question", "fact", "answers"),
    [
        ("How was choir?", {"asked": ["When is choir?", "Where is choir?"], "says": ["At eight, in the hall."]}, False),
        ("How was choir?", {"asked": ["What did you do at choir?"], "says": ["We sang."]}, True),
        ("How long is choir?", {"asked": ["Where is choir?"], "says": ["In the hall."]}, False),
        ("How long is choir?", {"asked": ["Where is choir?"], "says": ["In the hall, two hours."]}, True),
        ("When is choir?", {"asked": ["Where is choir?"], "says": ["Behind the church."]}, False),
        ("Why is choir so early?", {"asked": ["When is choir?"], "says": ["The hall is taken later."]}, True),
        ("How was it, when did you get home?", {"asked": ["When did you get home?"], "says": ["Late."]}, True),
    ],
)
def test_a_fact_without_a_time_answers_no_when(question: str, fact: dict[str, list[str]], answers: bool) -> None:
    assert can_answer(question, fact["asked"], fact["says"], "en") is answers


@given(
    asked=st.lists(st.sampled_from(QUESTIONS), min_size=1, max_size=4),
    says=st.lists(st.sampled_from(LINES), min_size=1, max_size=3),
    question=st.sampled_from(QUESTIONS),
)
def test_what_lines_can_answer_only_grows(asked: list[str], says: list[str], question: str) -> None:
    assert can_answer(question, [*asked, question], says, "en")
    if can_answer(question, asked, says, "en"):
        assert all(can_answer(question, asked, [*says, line], "en") for line in LINES)


async def test_a_fact_that_lacks_what_is_asked_for_is_not_told_however_near() -> None:
    when = {"asked": ["When is choir in the hall?"], "says": ["At eight."]}
    brief = RoleBrief.model_validate(cast.role_brief(knows=[when]))
    for asked, facts in (("When is choir in the hall?", 1), ("How is choir in the hall?", 0)):
        assert len((await understand(brief, asked, CountedWords())).facts) == facts


async def test_of_the_answers_of_a_fact_the_one_that_has_what_is_asked_for_is_told() -> None:
    baby = {"asked": ["How old is the baby?", "How is the baby?"], "says": ["She's asleep.", "Eight months."]}
    for asked, told in (("How old is the baby?", "Eight months."), ("How is the baby?", "She's asleep.")):
        assert await Talk(RoleBrief.model_validate(cast.role_brief(knows=[baby])))(asked) == told
