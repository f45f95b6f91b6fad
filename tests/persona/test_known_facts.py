"""A persona tells what they know when somebody asks for it: sentences are alike as far as they share words here."""

from typing import Any

import pytest

from coach.providers.ports import ReplyRequest
from practice.persona import role_rules
from practice.persona.common_talk import common_talk
from practice.persona.known_facts import asked_for
from practice.persona.recognition import prepare, understand
from practice.persona.role_brief import RoleBrief
from practice.persona.role_instructions import with_role
from practice.persona.role_reply import reply
from practice.persona.role_storage import RolePart
from tests import cast
from tests.persona.test_recognition import CountedWords

YEARS = {
    "asked": ["How many years have you worked here?"],
    "says": ["Three years in March.", "Since March, three years."],
}
WINTER = {"asked": ["Was the winter cold in Leeds?"], "says": ["Minus nine."]}
CALLS = {"asked": ["How many calls are there each day?"], "says": ["Eight."], "needs": {"after": ["behind-it"]}}
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


async def test_a_fact_is_told_in_other_words_the_second_time_and_not_a_third_time() -> None:
    talk = Talk()
    said = [await talk("How many years have you worked here?") for _ in range(3)]
    assert said[:2] == YEARS["says"]
    assert said[2] in common_talk("en").asked


async def test_it_moves_nothing() -> None:
    talk = Talk()
    before = talk.part.state
    await talk("How many years have you worked here?")
    after = talk.part.state
    assert (after.trust, after.happened, after.met) == (before.trust, before.happened, before.met)


async def test_a_fact_that_waits_for_a_reaction_is_not_told_before() -> None:
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
async def test_what_asks_for_nothing_is_told_nothing(said: str) -> None:
    assert (await understand(BRIEF, said, CountedWords())).facts == ()


async def test_a_question_at_the_end_is_answered_with_what_was_said_before_it() -> None:
    asked = "The search page was four days late. Was the winter cold in Leeds?"
    assert await Talk()(asked) == "Okay, that one was on me. Minus nine."
    assert await Talk()("What is behind it? Was the winter cold in Leeds?") == "Minus nine."
    assert await Talk()("You are useless. Was the winter cold in Leeds?") == "If I am that useless, find somebody else."


async def test_two_facts_are_told_one_after_the_other() -> None:
    asked = "How many years have you worked here? And was the winter cold in Leeds?"
    assert await Talk()(asked) == "Three years in March. Minus nine."


async def test_a_question_nearer_to_a_fact_calls_for_no_reaction_even_before_the_fact_may_be_told() -> None:
    asked = "What is behind the calls each day?"
    fact = {"asked": [asked], "says": ["Bad sleep."], "needs": {"after": ["behind-it"]}}
    found = [
        await understand(RoleBrief.model_validate(cast.role_brief(knows=knows)), asked, CountedWords())
        for knows in ([], [fact])
    ]
    assert [[one.key for one in each.reactions] for each in found] == [["behind-it"], []]
    assert found[1].facts == ()


async def test_the_lines_of_facts_are_read_ahead() -> None:
    embeddings = CountedWords()
    await prepare(BRIEF, embeddings)
    assert {*YEARS["asked"], *YEARS["says"]} <= {text for texts in embeddings.asked for text in texts}


def test_a_model_with_a_key_is_told_the_facts_that_may_be_told() -> None:
    told = with_role(ReplyRequest(""), Talk().part).instructions
    assert "- “How many years have you worked here?” – “Three years in March.”" in told
    assert "Eight." not in told


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Do you know when the plumber comes?", "en", "time"),
        ("And whose are the pots?", "en", "person"),
        ("How come you never rang?", "en", "reason"),
        ("Were you angry when he left?", "en", "whether"),
        ("您怎么没去医院？", "zh", "reason"),
        ("你来了多少年了？", "zh", "time"),
        ("那是谁的车？", "zh", "person"),
        ("他住哪儿？", "zh", "place"),
    ],
)
def test_what_a_question_wants_to_know_is_known_by_its_words(question: str, language: str, kind: str) -> None:
    assert asked_for(question, language) == kind
