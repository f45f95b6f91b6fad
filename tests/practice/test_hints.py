"""Hints on request: what to try, then an example; counted, unavailable at tough."""

from typing import Any

import pytest

from coach.config import config
from coach.threads import in_thread
from practice.help import hints
from practice.models import PracticeSession, Scenario
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.rules import role_rules
from tests import cast
from tests.practice.running_web import RunningWeb
from tests.practice.scripted_text import ScriptedText

BRIEF = {
    "manner": "Short sentences.",
    "reactions": [
        {"key": "late", "when": "hears what was late", "heard": ["The report came on Friday."], "says": ["It slid."],
         "trust": 1, "hint": "Name one delivery and when it came."},
        {"key": "why", "when": "is asked what is behind it", "heard": ["What gets in your way?"],
         "says": ["The support calls."], "needs": {"trust": 1}, "meets": [1], "hint": "Ask openly what is behind it."},
        {"key": "insult", "when": "is insulted", "heard": ["You are lazy."], "says": ["Well."], "trust": -2,
         "hint": "Never this."},
        {"key": "leaves", "when": "trust is gone", "says": ["I am done here."], "ends": "failed"},
    ],
    "holdsOn": ["Everyone is late."],
}  # fmt: skip
CRITERIA = ["Alex says what gets in the way.", "It fails if Alex leaves."]


@pytest.fixture(autouse=True)
def _a_place_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the usual places, a third session would wait until the first socket's grace period is over."""
    monkeypatch.setattr(type(config), "max_active", property(lambda _: 10))


def with_brief(**changes: Any) -> Scenario:
    return cast.scenario(ai_persona_brief=BRIEF, end_criteria=CRITERIA, **changes)


async def asked(web: RunningWeb, session_id: str, **body: Any) -> Any:
    return await web.post(f"/api/sessions/{session_id}/hints", body)


async def session_at_my_turn(web: RunningWeb, **changes: Any) -> str:
    session_id = await web.started(await in_thread(with_brief), **changes)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    return session_id


def test_the_hint_is_for_the_most_helpful_reaction_that_is_unlocked() -> None:
    brief = RoleBrief.model_validate(BRIEF)
    state = role_rules.begin(brief, "realistic")
    assert (door := hints.next_reaction(brief, state))
    assert door.key == "late", "the other one is still locked"
    _, state = role_rules.react(brief, state, ["late"], sequence=1)
    assert (door := hints.next_reaction(brief, state))
    assert door.key == "why"
    _, state = role_rules.react(brief, state, ["why"], sequence=3)
    assert hints.next_reaction(brief, state) is None, "an insult is no door"


async def test_a_second_request_shows_an_example_of_the_same_hint_and_is_not_counted(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practice.api.coaching_api.build.objective_check", lambda: None)
    session_id = await session_at_my_turn(web)
    async with web.socket(session_id) as talker:
        await talker.hear("session")
        first = await web.http.generic(
            "POST", f"/api/sessions/{session_id}/hints"
        )  # no body: its one field is optional
        assert (first.status_code, first.json()) == (
            200,
            {"hint": "Name one delivery and when it came.", "example": None},
        )
        second = (await asked(web, session_id, example=True)).json()
        assert second == {"hint": first.json()["hint"], "example": "The report came on Friday."}
        told = [await talker.hear("hint"), await talker.hear("hint", example=second["example"])]
        assert [one["hint"] for one in told] == [first.json()["hint"]] * 2
    assert (await web.session(session_id)).hints_used == 1
    whole = (await web.http.get(f"/api/sessions/{session_id}?historyStepCount=1")).json()
    assert whole["session"]["hintsUsed"] == 1


async def test_hints_are_refused_at_tough_before_the_first_words_and_after_the_end(web: RunningWeb) -> None:
    tough = await session_at_my_turn(web, difficulty="tough")
    refused = await asked(web, tough)
    assert (refused.status_code, "tough" in refused.json()["detail"]) == (409, True)

    web.fake.answer("roleplay", hold="the first byte")
    speaking = await web.started(await in_thread(with_brief))
    assert (await asked(web, speaking)).status_code == 409

    ended = await session_at_my_turn(web)
    await web.post(f"/api/sessions/{ended}/manual-stop", {"reason": "manual"})
    assert (await asked(web, ended)).status_code == 409
    assert (await asked(web, "nobody")).status_code == 404
    assert not await in_thread(PracticeSession.objects.filter(hints_used__gt=0).exists)


async def test_with_a_key_the_text_model_writes_the_hint_and_its_failure_is_harmless(web: RunningWeb) -> None:
    session_id = await session_at_my_turn(web)
    caller = ScriptedText({"hint": " Say who stayed late. ", "example": "Lena stayed until eleven."})
    given = await in_thread(give, session_id, caller, web)
    assert (given.hint, given.example) == ("Say who stayed late.", "Lena stayed until eleven.")
    assert caller.timeout == hints.MODEL_SECONDS
    for odd in ({"hint": "", "example": ""}, {"hint": 3}, {"hint": "x" * 999, "example": ""}, None):
        other = await session_at_my_turn(web)
        given = await in_thread(give, other, ScriptedText(odd), web)
        assert given.hint == "Name one delivery and when it came."


async def test_without_a_brief_the_hint_names_what_will_be_rated(web: RunningWeb) -> None:
    shown = {"key": "asks", "text": "Asks what is behind it", "kind": "do", "shown": ["What happened?"], "notShown": []}
    more = [{**shown, "key": f"k{number}", "kind": "avoid"} for number in range(3)]

    def scenario() -> Scenario:
        return cast.scenario(skills=[cast.skill(behaviours=[*more, shown])])

    session_id = await web.started(await in_thread(scenario))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    given = await in_thread(give, session_id, None, web)
    assert "Asks what is behind it" in given.hint
    assert given.example == "What happened?"


def give(session_id: str, model: Any, web: RunningWeb) -> hints.Hint:
    return hints.ask(session_id, user_id="pilot-user", example=False, now=web.clock.now(), model=model)
