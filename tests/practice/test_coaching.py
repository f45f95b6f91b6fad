"""Coach me: after every third reply the session pauses for praise with a quote and one thing to try."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from coach.threads import in_thread
from practice.help import coaching
from practice.help.coaching_pauses import HELD_AT_MOST
from practice.limits import sweep
from practice.models import PracticeSession, Turn
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import RunningWeb, running
from tests.practice.scripted_text import ScriptedText
from tests.talker import Talker

LATE = "The search page was four days late."
RUDE = "You are useless, why do you do that?"
TALK = "Let us talk about it."


@pytest.fixture
async def web(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any]
) -> AsyncIterator[RunningWeb]:
    async with running(fake, clock, by_brief=True, checks_local=True) as made:
        yield made


async def say(talker: Talker, first: int, *lines: str) -> None:
    for number, line in enumerate(lines):
        sequence = first + 2 * number
        await talker.reply(sequence - 1)
        assert (await talker.type(sequence, line))["receipt"]["status"] == "accepted"
        await talker.reply(sequence + 1)


async def coached(web: RunningWeb, **changes: Any) -> str:
    scenario = await in_thread(cast.scenario_with_brief)
    return await web.started(scenario, **({"coaching": True} | changes))


async def test_after_every_third_reply_coaching_names_one_thing_that_worked_and_one_to_try(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, LATE, TALK)
        first = await talker.hear("coaching")
        assert first == {
            "type": "coaching",
            "praise": "This brought you closer to your goal with Alex.",
            "quote": LATE,
            "next": "Ask what is in the way, then wait.",
        }
        await say(talker, 7, TALK, TALK)
        assert "coaching" not in talker.types()[talker.types().index("coaching") + 1 :]
        await say(talker, 11, TALK)
        assert (await talker.hear("coaching"))["quote"] == TALK
    stored = (await web.session(session_id)).coaching_pauses
    assert [(pause["sequence"], pause["quoteSequence"]) for pause in stored] == [(6, 3), (12, 11)]


async def test_limits_are_paused_until_the_trainee_goes_on(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, TALK)
        running_until = (await web.session(session_id)).duration_deadline
        await say(talker, 5, TALK)
        await talker.hear("coaching")
        paused = await web.session(session_id)
        assert paused.duration_deadline == running_until + HELD_AT_MOST
        limit = timedelta(seconds=paused.idle_limit_seconds)
        assert paused.idle_deadline == paused.coaching_paused_at + limit + HELD_AT_MOST
        await talker.send("playback_ended", sequence=6)
        web.clock.advance(130)
        await in_thread(sweep.enforce, now=web.clock.now())
        assert (await web.session(session_id)).status == "active"
        answer = await web.post(f"/api/sessions/{session_id}/go-on")
        assert (answer.status_code, answer.json()["status"]) == (200, "active")
        on = await web.session(session_id)
        assert timedelta(seconds=125) < on.duration_deadline - running_until < timedelta(seconds=135)
        assert abs(on.idle_deadline - web.clock.now() - limit) < timedelta(seconds=5)
        assert (on.coaching_paused_at, on.coaching_pauses[0]["resumedAt"] is not None) == (None, True)
        assert (await web.post(f"/api/sessions/{session_id}/go-on")).status_code == 200
        assert (await web.session(session_id)).duration_deadline == on.duration_deadline, "once is enough"


async def test_speaking_ends_a_coaching_pause_and_the_turn_is_accepted(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, TALK, TALK)
        await talker.hear("coaching")
        await talker.send("turn_start", sequence=7, startedAt=web.clock.now().isoformat())
        await talker.send("turn_cancel", sequence=7)
        await talker.send("ping", clientTime=1)
        await talker.hear("pong")
        assert (await web.session(session_id)).coaching_paused_at is None
        await say(talker, 7, TALK, TALK)
        assert (await talker.say(11, sounds.mp3(1.5)))["type"] == "turn_accepted"
        sixth = await in_thread(Turn.objects.filter(session_id=session_id, sequence=10).get)
        assert not await in_thread(coaching.offer, sixth.pk, now=web.clock.now(), model=None)


async def test_a_socket_opened_during_a_coaching_pause_is_told_and_a_later_one_is_not(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, TALK, TALK)
        told = await talker.hear("coaching")
        async with web.socket(session_id) as again:
            assert await again.hear("coaching") == told
        await say(talker, 7, TALK)
        async with web.socket(session_id) as late:
            await late.hear("session")
            await late.send("ping", clientTime=1)
            await late.hear("pong")
            assert "coaching" not in late.types()


async def test_what_cost_trust_is_never_praised(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, RUDE, TALK)
        assert (await talker.hear("coaching"))["quote"] == TALK


async def test_coaching_is_off_by_default_and_can_be_switched_in_the_room(web: RunningWeb) -> None:
    session_id = await coached(web, coaching=False)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, TALK, TALK)
        assert (await web.session(session_id)).coaching_pauses == []
        chosen = await web.http.put(
            f"/api/sessions/{session_id}/coaching", data={"coaching": True}, content_type="application/json"
        )
        assert (chosen.status_code, chosen.json()["coaching"]) == (200, True)
        await say(talker, 7, TALK, TALK, TALK)
        await talker.hear("coaching")
        off = await web.http.put(
            f"/api/sessions/{session_id}/coaching", data={"coaching": False}, content_type="application/json"
        )
        assert off.json()["coaching"] is False
        assert (await web.session(session_id)).coaching_paused_at is None
    await web.post(f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
    late = await web.http.put(
        f"/api/sessions/{session_id}/coaching", data={"coaching": True}, content_type="application/json"
    )
    assert late.status_code == 409
    assert (await web.post("/api/sessions/nobody/go-on")).status_code == 404


async def test_a_session_can_end_during_a_coaching_pause(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, TALK, TALK)
        await talker.hear("coaching")
        await web.post(f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
        await talker.hear("termination")
    ended = await web.session(session_id)
    assert (ended.status, ended.coaching_paused_at, len(ended.coaching_pauses)) == ("ended", None, 1)


async def test_in_a_redo_only_its_own_replies_are_counted(web: RunningWeb) -> None:
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, TALK)
    await web.post(f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
    scenario = await in_thread(lambda: PracticeSession.objects.select_related("scenario").get(pk=session_id).scenario)
    again = await web.started(scenario, continuesFrom=session_id, continuesAt=3, coaching=True)
    async with web.socket(again) as talker:
        await say(talker, 3, TALK, TALK)
        assert "coaching" not in talker.types()
        await say(talker, 7, TALK)
        await talker.hear("coaching")


@pytest.mark.parametrize(
    ("answer", "praise"),
    [
        ({"praise": "You named a day.", "quote": "FOUR  days late", "next": "Ask why."}, "You named a day."),
        ({"praise": "You named a day.", "quote": "five days late", "next": "Ask why."}, None),
        ({"praise": "You named a day.", "quote": "", "next": "Ask why."}, None),
        ({"praise": 5, "quote": LATE, "next": "Ask why."}, None),
        ({"praise": "x" * 301, "quote": LATE, "next": "Ask why."}, None),
        (None, None),
    ],
)
async def test_with_a_key_the_text_model_writes_the_coaching_and_may_quote_only_what_was_said(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch, answer: Any, praise: str | None
) -> None:
    monkeypatch.setattr(coaching, "is_due", lambda turn_id: False)  # the web process leaves it to this test
    session_id = await coached(web)
    async with web.socket(session_id) as talker:
        await say(talker, 1, TALK, LATE, TALK)
    turn = await in_thread(Turn.objects.filter(session_id=session_id, sequence=6).get)
    model = ScriptedText(answer)
    assert await in_thread(coaching.offer, turn.pk, now=web.clock.now(), model=model)
    pause = (await web.session(session_id)).coaching_pauses[0]
    assert model.timeout == coaching.MODEL_SECONDS
    assert pause["praise"] == (praise or "This brought you closer to your goal with Alex.")
    assert pause["quoteSequence"] == 3
