"""Redoing a line: a new session begins with the conversation before it and the same persona state."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from coach.storage import audio
from coach.threads import in_thread
from practice.models import PracticeSession, Turn
from practice.persona.rules.role_state import RoleState
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import RunningWeb, running

MP3 = sounds.mp3(1.5)
LATE = "The search page was four days late."
WHY = "What is getting in your way?"
RUDE = "You are useless."


@pytest.fixture
async def web(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any]
) -> AsyncIterator[RunningWeb]:
    async with running(fake, clock, by_brief=True) as made:
        yield made


async def answer(talker: Any, sequence: int, text: str) -> str:
    assert (await talker.type(sequence, text))["receipt"]["status"] == "accepted"
    return str((await talker.reply(sequence + 1))["transcript"])


async def talked(web: RunningWeb, *lines: str, **start: Any) -> str:
    """A session with these lines, stopped by the trainee."""
    scenario = start.pop("scenario", None) or await in_thread(cast.scenario_with_brief)
    session_id = await web.started(scenario, **start)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        for number, line in enumerate(lines):
            await answer(talker, 2 * number + 1, line)
    await web.post(f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
    return session_id


async def session(session_id: str) -> PracticeSession:
    return await in_thread(PracticeSession.objects.select_related("scenario").get, pk=session_id)


async def last_state(session_id: str) -> RoleState:
    states = Turn.objects.filter(session_id=session_id, role_state__isnull=False).order_by("-sequence")
    return RoleState.read(await in_thread(states.values_list("role_state", flat=True).first))


async def test_a_redo_begins_with_the_conversation_up_to_its_line_and_the_same_state(web: RunningWeb) -> None:
    first = await talked(web, LATE, RUDE)
    earlier = await session(first)
    again = await web.started(earlier.scenario, continuesFrom=first, continuesAt=3)
    async with web.socket(again) as talker:
        snapshot = await talker.next()
        assert [(turn["sequence"], turn["transcript"]) for turn in snapshot["turns"]] == [
            (turn.sequence, turn.transcript) for turn in await web.turns(first) if turn.sequence < 3
        ]
        assert (snapshot["session"]["continuesFrom"], snapshot["session"]["continuesAt"]) == (first, 3)
        assert (await session(again)).idle_deadline is not None
        assert (await last_state(again)).trust == 1
        assert await answer(talker, 3, WHY) == "I have been taking the support calls."
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert (await last_state(again)).met == {1: 1, 2: 3}
    assert (await last_state(first)).trust == -1
    assert len(await web.turns(first)) == 5


async def test_words_that_arrive_late_are_shown_in_the_room_of_the_redo(web: RunningWeb) -> None:
    first = await talked(web, LATE, RUDE)
    turn = (await web.turns(first))[1]
    unheard = {"transcript": None, "asr_status": "pending", "asr_next_attempt_at": web.clock.now()}
    recording = await in_thread(audio.keep, MP3, duration_ms=1_500, now=web.clock.now())
    await in_thread(Turn.objects.filter(pk=turn.pk).update, audio=recording, **unheard)
    again = await web.started((await session(first)).scenario, continuesFrom=first, continuesAt=3)
    async with web.socket(again) as talker:
        copied = (await talker.next())["turns"][1]
        assert (copied["transcript"], copied["asrStatus"]) == ("", None)
        web.fake.answer("asr", text=LATE)
        assert await web.transcribe(turn.pk)
        told = (await talker.hear("turn_updated"))["turn"]
        assert (told["id"], told["transcript"], told["asrStatus"]) == (copied["id"], LATE, None)


async def test_a_redo_can_be_redone(web: RunningWeb) -> None:
    first = await talked(web, LATE, RUDE)
    scenario = (await session(first)).scenario
    second = await web.started(scenario, continuesFrom=first, continuesAt=3)
    async with web.socket(second) as talker:
        await answer(talker, 3, RUDE)
    await web.post(f"/api/sessions/{second}/manual-stop", {"reason": "manual"})
    third = await web.started(scenario, continuesFrom=second, continuesAt=1)
    assert [turn.sequence for turn in await web.turns(third)] == [0]
    async with web.socket(third) as talker:
        assert await answer(talker, 1, LATE) == "Okay, that one was on me."
    lines = [asked["body"]["messages"] for asked in web.fake.requests("roleplay")][-1]
    assert [message["content"] for message in lines[2:]] == [LATE]


async def test_a_redo_may_have_another_difficulty(web: RunningWeb) -> None:
    first = await talked(web, RUDE)
    scenario = (await session(first)).scenario
    easy = await web.started(scenario, continuesFrom=first, continuesAt=1, difficulty="gentle")
    async with web.socket(easy) as talker:
        assert await answer(talker, 1, WHY) == "I have been taking the support calls."


async def test_a_retry_continues_with_the_state_that_was_reached(web: RunningWeb) -> None:
    first = await talked(web, LATE)
    again = await web.started((await session(first)).scenario, continuesFrom=first)
    async with web.socket(again) as talker:
        await talker.reply(0)
        assert await answer(talker, 1, WHY) == "I have been taking the support calls."
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert (await last_state(again)).met == {1: 0, 2: 1}


async def test_a_continued_session_ignores_later_changes_by_curators(web: RunningWeb) -> None:
    first = await talked(web, LATE)
    scenario = (await session(first)).scenario
    await in_thread(type(scenario).objects.filter(pk=scenario.pk).update, ai_persona_brief=None)
    again = await web.started(scenario, continuesFrom=first, continuesAt=1)
    assert (await session(again)).role_brief == cast.role_brief()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"continuesAt": 2}, "continuesAt"),
        ({"continuesAt": 9}, "continuesAt"),
        ({"continuesAt": 1, "continuesFrom": None}, "continuesAt"),
        ({"continuesAt": 1, "continuesFrom": "nothing"}, "continuesFrom"),
    ],
)
async def test_redoing_an_unsuitable_line_is_refused_with_a_reason(
    web: RunningWeb, changes: dict[str, Any], field: str
) -> None:
    first = await talked(web, LATE)
    body = {"continuesFrom": first} | changes
    refused = await web.start((await session(first)).scenario, **body)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


@pytest.mark.parametrize("difficulty", ["gentle", "realistic", "tough"])
async def test_the_difficulty_is_stored_and_changes_what_unlocks_a_reaction(web: RunningWeb, difficulty: str) -> None:
    session_id = await web.started(await in_thread(cast.scenario_with_brief), difficulty=difficulty, coaching=True)
    told = (await web.http.get(f"/api/sessions/{session_id}?historyStepCount=1")).json()["session"]
    assert (told["difficulty"], told["coaching"], told["hintsUsed"]) == (difficulty, True, 0)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        opened = await answer(talker, 1, WHY)
    assert (opened == "I have been taking the support calls.") is (difficulty == "gentle")
    again = await web.post(
        f"/api/sessions/{session_id}/practice-again", {"clientSessionStartedAt": web.clock.now().isoformat()}
    )
    assert again.json()["difficulty"] == difficulty


async def test_an_unknown_difficulty_is_refused_by_its_field(web: RunningWeb) -> None:
    refused = await web.start(await in_thread(cast.scenario_with_brief), difficulty="brutal")
    assert refused.status_code == 422
    assert "difficulty" in refused.json()["errors"][0]["field"]


async def test_a_reply_taken_over_by_another_process_has_the_same_line_and_state(web: RunningWeb) -> None:
    session_id = await web.started(await in_thread(cast.scenario_with_brief))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        web.fake.answer("roleplay", hold="never", hold_at=1)
        assert (await talker.type(1, LATE))["receipt"]["status"] == "accepted"
        await talker.hear("ai_turn_started")
    await web.runtime.runner.hand_over()
    async with running(web.fake, web.clock, by_brief=True) as other, other.socket(session_id) as talker:
        assert (await talker.reply(2))["transcript"] == "Okay, that one was on me."
    assert (await last_state(session_id)).met == {1: 1}
    assert (await last_state(session_id)).happened == {"late-work": (1,)}
