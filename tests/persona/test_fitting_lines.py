"""Of several lines of a reaction the one is said that answers what was said, and joined lines sound like one person."""

from typing import Any

import pytest

from practice.persona.answers.general_lines import general_lines
from practice.persona.answers.role_reply import reply
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.common_talk import common_talk
from practice.persona.recognition.turn_recognition import understand
from practice.persona.recognition.understood import Recognised, Understood
from practice.persona.rules import role_rules
from practice.persona.rules.joined_lines import joined
from practice.persona.rules.role_storage import RolePart
from tests.persona.test_recognition import CountedWords

SHIFT = {
    "key": "early-shift",
    "when": "hears how tired the neighbour is",
    "heard": ["I get up at five for the early shift.", "On Thursday I fell asleep at the wheel of the bus."],
    "says": [
        "Asleep at the wheel of the bus at five? You get that for the shift?",
        "At five, for a shift? That is hard.",
    ],
    "trust": 1,
}
ORDER = {
    "key": "order",
    "when": "x",
    "heard": ["I ordered tea."],
    "says": ["Tea, then. What did you have?"],
    "meets": [1],
}
AGAIN = {
    "key": "again",
    "when": "x",
    "heard": ["Can you make it again, please?", "Could you make me a new one?"],
    "says": ["Of course. Give me a minute."],
    "meets": [2],
}
MONEY = {
    "key": "money",
    "when": "x",
    "heard": ["Just give me the money back.", "Could I have the money back?"],
    "says": ["Yes, of course. Here is the money."],
    "meets": [2],
}
SORRY = {
    "key": "own-part",
    "when": "x",
    "heard": ["I am sorry about the report.", "The report was my mistake."],
    "says": ["Thanks for saying that."],
    "trust": 1,
}
KNOWS = [{"asked": ["Do you take sugar?"], "says": ["Two."]}]
BLAMES = {"key": "blame", "when": "x", "heard": ["You seem lazy today."], "says": ["Ouch."], "trust": -1}


def brief(*reactions: dict[str, Any], **more: Any) -> RoleBrief:
    return RoleBrief.model_validate({"manner": "Short.", "holdsOn": ["Well."], "reactions": [*reactions], **more})


async def called(said: str, *reactions: dict[str, Any]) -> list[str]:
    found = await understand(brief(*reactions), said, CountedWords())
    return [one.key for one in found.reactions]


async def test_a_line_does_not_take_up_what_only_another_line_would_have_said() -> None:
    for said, answered in (("I get up at five for a shift.", 1), ("I fell asleep at the wheel of the bus.", 0)):
        fits = (await understand(brief(SHIFT), said, CountedWords())).fits
        assert max(fits, key=lambda line: fits[line]) == SHIFT["says"][answered]


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("Can you make it again, please? If not, just give me the money back.", ["again"]),
        ("Can you make it again, please? Or just give me the money back.", ["again"]),
        ("Can you make it again, please? And just give me the money back.", ["again", "money"]),
        ("If not, just give me the money back.", ["money"]),
    ],
)
async def test_of_two_alternatives_the_first_is_answered(said: str, keys: list[str]) -> None:
    assert sorted(await called(said, AGAIN, MONEY)) == keys


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Of course. One minute.", "Yes, of course. Here's your money."], "Of course. One minute. Here's your money."),
        (["Right. I see.", "Deal."], "Right. I see."),
        (["行，马上做。", "行，给您退。"], "行，马上做。给您退。"),
        (["I see.", "Deal. Monday."], "I see. Deal. Monday."),
        (["Righteous.", "Good. Monday."], "Righteous. Good. Monday."),
    ],
)
def test_nobody_accepts_twice_in_one_breath(lines: list[str], text: str) -> None:
    assert joined(lines) == text


async def test_an_admission_that_is_denied_or_nobodys_own_is_none() -> None:
    assert await called("I am sorry about the report.", SORRY) == ["own-part"]
    assert await called("I'm not saying I am sorry about it all.", SORRY) == []


async def test_how_somebody_looks_is_no_reproach() -> None:
    assert await called("You seem lazy today.", BLAMES, SORRY) == ["blame"], "word for word"
    assert await called("You seem tired today.", BLAMES, SORRY) == []


def answered(said: str, understood: Understood, *reactions: dict[str, Any], **more: Any) -> str:
    role = brief(*reactions, **more)
    part = RolePart(role, role_rules.begin(role, "realistic"), 2, "en", "Alex", "Sam", None)
    answer, _ = reply(part, said, understood, before="", last="Hm?")
    assert answer is not None
    return answer.text


def test_a_line_beside_another_does_not_ask_for_what_was_just_told() -> None:
    both = Understood((Recognised("order", 0.9), Recognised("again", 0.9)), said_at={"again": 0, "order": 1})
    assert answered("x", both, ORDER, AGAIN) == "Of course. Give me a minute. Tea, then."


def test_a_fact_answers_more_than_a_not_yet_to_what_was_hardly_said() -> None:
    locked = AGAIN | {"otherwise": ["Make what again?"], "needs": {"trust": 3}}
    role = brief(locked, knows=KNOWS)
    for likeness, text in ((0.55, "Two."), (0.7, "Make what again?")):
        found = Understood((Recognised("again", likeness),), facts=tuple(role.knows))
        assert answered("Do you take sugar? I forget.", found, locked, knows=KNOWS) == text


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Can I ask you something about yesterday?", "attention"),
        ("I need to get something off my chest.", "announces"),
        ("Do you want to hear why now or would you rather have a minute?", "nowOrLater"),
        ("Do you want me to ring my mum?", "offered"),
        ("I can see you've gone white.", None),
        ("我能问你个事吗", "attention"),
        ("现在跟你说还是等会儿", "nowOrLater"),
        ("您觉得我还差点什么", None),
    ],
)
def test_a_form_of_its_own_is_answered_as_such(said: str, kind: str | None) -> None:
    language = "en" if said.isascii() else "zh"
    own = brief(BLAMES, toAnyQuestion=["Q."], toAnyStatement=["S."], toAnyRequest=["R."])
    lines = next(lines for lines in general_lines(said, language, last="", brief=own) if lines)
    small = common_talk(language).unforeseen
    assert lines == small[kind] if kind else lines in (own.to_any_question, own.to_any_statement)
