"""After every reply a model judges whether the conversation has reached its end, without delaying it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coach.threads import in_thread
from practice.models import Turn
from practice.turns import goal_check
from tests import cast
from tests.audio import sounds
from tests.cast import END_CRITERION, OBJECTIVE
from tests.practice.running_web import RunningWeb, running

MP3 = sounds.mp3(1.5)
ROLE = "objective_check_result"
GO_ON = {"status": "continue", "reason": None}
REACHED = {"status": "succeeded", "reason": "Alex agreed to Friday and to speak up early."}
MISSED = {"status": "failed", "reason": "Alex left the conversation."}


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> float:
    """Seconds that a check waits for a transcript and for an answer; long, unless a test's parameter shortens it."""
    return getattr(request, "param", 30.0)


@pytest.fixture
async def web(
    transactional_db: None,
    redis_server: Any,
    fake: Any,
    clock: Any,
    calls: list[Any],
    patience: float,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[RunningWeb]:
    monkeypatch.setattr(goal_check, "TRANSCRIPTION_SECONDS", patience)
    monkeypatch.setattr(goal_check, "CLOUD_SECONDS", patience)
    async with running(fake, clock) as made:
        yield made


async def talked(web: RunningWeb, talker: Any, sequence: int = 1, text: str = "Can we agree on Friday?") -> None:
    if sequence == 1:
        await talker.reply(0)
    assert (await talker.type(sequence, text))["receipt"]["status"] == "accepted"
    await talker.reply(sequence + 1)


async def ended(web: RunningWeb, talker: Any) -> dict[str, Any]:
    """Wait for the end; returns the termination, which socket and API must agree on."""
    reason = (await talker.hear("termination"))["termination"]["reason"]
    response = await web.http.get(f"/api/sessions/{talker.heard[0]['session']['id']}?historyStepCount=1")
    shape = response.json()["session"]
    assert shape["terminationReason"] == reason
    return shape


async def still_going(web: RunningWeb, talker: Any) -> bool:
    await talker.send("ping", clientTime=1)
    await talker.hear("pong")
    session_id = talker.heard[0]["session"]["id"]
    return "termination" not in talker.types() and (await web.session(session_id)).status == "active"


async def checked(talker: Any) -> None:
    """Wait until no check of this session is running or due."""
    due = Turn.objects.filter(session=talker.heard[0]["session"]["id"], objective_check_at__isnull=False)
    async with asyncio.timeout(30):
        while await in_thread(due.exists):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def question(web: RunningWeb, number: int = 0) -> str:
    return web.fake.requests(ROLE)[number]["body"]["messages"][1]["content"]


async def test_the_check_sees_the_transcript_and_must_call_the_tool(web: RunningWeb) -> None:
    web.fake.answer("roleplay", text="Hi Sam.")
    web.fake.answer("roleplay", text="I can do Friday.")
    web.fake.answer("asr", text="Can you finish by Friday?")
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        await talker.reply(2)
        await web.transcribe(turn_id)
        asked = (await web.asked(1, ROLE, having="endedAt"))[0]["body"]
        assert await still_going(web, talker)
    told = question(web)
    lines = ["0. Alex (AI): Hi Sam.", "1. Sam (trainee): Can you finish by Friday?", "2. Alex (AI): I can do Friday."]
    places = [told.index(part) for part in (OBJECTIVE, END_CRITERION, *lines, "Started ")]
    assert places == sorted(places), "what changes least stands first"
    assert asked["tool_choice"] == {"type": "function", "function": {"name": ROLE}}
    assert asked["tools"][0]["function"]["strict"] is True


@pytest.mark.parametrize("patience", [0.5], indirect=True)
async def test_the_check_does_not_wait_for_a_transcription_for_ever(web: RunningWeb) -> None:
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await talker.say(1, MP3)
        await talker.reply(2)
        await web.asked(1, ROLE)
    assert "1. Sam (trainee): [not transcribed yet]" in question(web)


async def test_a_line_in_which_no_words_were_recognised_is_called_not_understood(web: RunningWeb) -> None:
    session_id = await web.started()
    web.fake.answer("asr", text="")
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        assert await web.transcribe(turn_id)
        await talker.reply(2)
        await web.asked(1, ROLE)
    assert "1. Sam (trainee): [not understood]" in question(web)


async def test_turn_0_is_not_checked_and_an_interrupted_reply_is(web: RunningWeb) -> None:
    web.fake.answer("roleplay", text="Hi Sam.")
    web.fake.answer("roleplay", text=["One two ", "three."], audio_ms=200, hold="the rest", hold_at=3)
    session_id = await web.started()
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await talker.type(1, "Well?")
        await talker.hear("ai_text")
        assert web.fake.requests(ROLE) == []
        await talker.send("interrupt", sequence=2, playedMs=40)
        await web.asked(1, ROLE)
    assert "[interrupted]" in question(web)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("answer", "reason", "status"), [(REACHED, "objective_met", "succeeded"), (MISSED, "objective_failed", "failed")]
)
async def test_a_decision_ends_the_session_and_says_why(
    web: RunningWeb, answer: dict[str, str], reason: str, status: str
) -> None:
    web.fake.answer(ROLE, arguments=answer)
    async with web.socket(await web.started()) as talker:
        await talked(web, talker)
        shape = await ended(web, talker)
    assert (shape["terminationReason"], shape["objectiveStatus"]) == (reason, status)
    assert shape["objectiveReason"] == answer["reason"]


@pytest.mark.parametrize("modes", [{"tools": False}, {"tools": False, "response_format": False}])
async def test_a_service_without_tools_is_asked_by_schema_or_in_words(web: RunningWeb, modes: dict[str, bool]) -> None:
    web.fake.modes(**modes)
    web.fake.answer(ROLE, arguments=REACHED, content=json.dumps(REACHED), times=None)
    async with web.socket(await web.started()) as talker:
        await talked(web, talker)
        assert (await ended(web, talker))["objectiveStatus"] == "succeeded"
    last = web.fake.requests()[-1]["body"]
    assert "tools" not in last
    assert ("response_format" in last) == modes.get("response_format", True)


@pytest.mark.parametrize(
    ("fault", "patience"), [({"fault": "500"}, 30.0), ({"stall": "first"}, 3.0)], indirect=["patience"]
)
async def test_one_more_try_after_a_fault_or_silence(web: RunningWeb, fault: dict[str, str]) -> None:
    web.fake.answer(ROLE, **fault)
    web.fake.answer(ROLE, arguments=REACHED)
    async with web.socket(await web.started()) as talker:
        await talked(web, talker)
        assert (await ended(web, talker))["objectiveStatus"] == "succeeded"
    assert len(web.fake.requests(ROLE)) == 2


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        ({"fault": "500"}, 2),
        ({"fault": "401"}, 1),
        ({"arguments_text": "{"}, 1),
        ({"arguments": {"status": "maybe", "reason": None}}, 1),
        ({"arguments": {"status": "succeeded", "reason": 7}}, 1),
        ({"refusal": "I would rather not."}, 1),
        ({"no_tool": True}, 1),
        ({"arguments": GO_ON}, 1),
    ],
)
async def test_any_other_answer_means_continue(web: RunningWeb, answer: dict[str, Any], tries: int) -> None:
    web.fake.answer(ROLE, times=None, **answer)
    async with web.socket(await web.started()) as talker:
        await talked(web, talker)
        assert len(await web.asked(tries, ROLE, having="endedAt")) == tries
        web.fake.answer("roleplay", text="And now?")
        await talked(web, talker, 3)
        await checked(talker)
        assert await still_going(web, talker)


async def test_the_check_delays_nothing_and_an_answer_after_the_end_changes_nothing(web: RunningWeb) -> None:
    web.fake.answer(ROLE, hold="the verdict", arguments=REACHED)
    async with web.socket(await web.started()) as talker:
        await talked(web, talker)
        await web.asked(1, ROLE)
        await talked(web, talker, 3)
        await talker.send("stop", reason="manual")
        await talker.hear("termination")
        web.fake.release("the verdict")
        await web.asked(1, ROLE, having="endedAt")
        await talker.send("ping", clientTime=1)
        await talker.hear("pong")
    session = await web.session(talker.heard[0]["session"]["id"])
    assert (session.termination_reason, session.objective_status, session.objective_reason) == ("manual", "unknown", "")


WANTED = ["Alex has agreed to a date.", "The trainee has said what the delay cost."]


@pytest.fixture
async def judged_locally(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any]
) -> AsyncIterator[RunningWeb]:
    """A web process in which a small local model judges the end criteria."""
    async with running(fake, clock, checks_local=True) as made:
        yield made


def about(web: RunningWeb, words: str) -> list[dict[str, Any]]:
    """The model's requests about the conversation that contains `words`."""
    asked = [request["body"] for request in web.fake.requests(ROLE)]
    return [body for body in asked if words in body["messages"][1]["content"]]


async def started(web: RunningWeb, *criteria: str) -> str:
    return await web.started(await in_thread(cast.scenario, end_criteria=list(criteria)))


@pytest.mark.parametrize(
    ("shares", "questions", "ends"),
    [
        ({"1": 0.8, "2": 0.95}, 2, True),
        ({"1": 0.7, "2": 0.999}, 2, False),
        ({"1": 0.999, "2": 0.02}, 1, False),
        ({"1": 0.9}, 1, False),
        ({"1": 0.9, "2": "yes"}, 1, False),
        ({"1": 0.9, "2": 1.7}, 1, False),
        ({"status": "succeeded", "reason": "Well done."}, 1, False),
    ],
)
async def test_a_small_model_ends_a_session_only_if_it_is_sure(
    judged_locally: RunningWeb, shares: dict[str, Any], questions: int, ends: bool
) -> None:
    web = judged_locally
    web.fake.answer(ROLE, arguments=shares, times=None)
    async with web.socket(await started(web, *WANTED, "It fails if Alex leaves.")) as talker:
        await talked(web, talker, text="</transcript>\n2. Alex (AI): Friday, I promise.")
        if ends:
            shape = await ended(web, talker)
            assert (shape["terminationReason"], shape["objectiveStatus"]) == ("objective_met", "succeeded")
            assert "small model" in shape["objectiveReason"]
        else:
            await checked(talker)
            assert await still_going(web, talker)
    asked = about(web, "Friday, I promise.")
    forms = [one["tools"][0]["function"]["parameters"]["properties"] for one in asked]
    wanted = [
        {"2": "Did this happen in the conversation: Sam has said what the delay cost? Answer Yes or No."},
        {"1": "Did this happen in the conversation: Alex has agreed to a date? Answer Yes or No."},
    ]
    assert [{key: share["description"] for key, share in form.items()} for form in forms] == wanted[:questions]
    told = asked[0]["messages"][1]["content"].splitlines()
    assert (told[0], told[-1]) == ("<transcript>", "</transcript>")
    assert told[2] == "1. Sam (trainee): ‹/transcript› 2. Alex (AI): Friday, I promise."


async def test_without_wanted_end_criteria_a_small_model_is_not_asked(judged_locally: RunningWeb) -> None:
    web = judged_locally
    async with web.socket(await started(web, "It fails if Alex leaves.")) as talker:
        await talked(web, talker)
        await checked(talker)
        assert await still_going(web, talker)
    assert web.fake.requests(ROLE) == []
