"""A persona tells known facts when somebody asks for them. Similarity here is the share of common words."""

from typing import Any

import pytest

from coach.providers.ports import ReplyRequest
from practice.persona import role_rules
from practice.persona.asked_for import asked_for
from practice.persona.common_talk import common_talk
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


async def test_two_facts_are_told_one_after_the_other() -> None:
    asked = "How many years have you worked here? And was the winter cold in Leeds?"
    assert await Talk()(asked) == "Three years in March. Minus nine."


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
def test_the_kind_of_a_question_is_recognised_by_its_words(question: str, language: str, kind: str) -> None:
    assert asked_for(question, language) == kind
