"""Speaking holds the idle clock: for the turn that comes next, and afresh after a cancel over whichever socket."""

from coach.threads import in_thread
from practice.limits import session_deadlines
from practice.models import PracticeSession
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import RunningWeb
from tests.talker import Talker, iso

MP3 = sounds.mp3(1.5)


async def listening(web: RunningWeb) -> str:
    """A session with 20 s to answer and a limit that no test reaches."""
    scenario = await in_thread(cast.scenario, idle_limit_seconds=20, duration_limit_seconds=900)
    session_id = await web.started(scenario)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
        await heard(talker, 0)
    return session_id


async def heard(talker: Talker, sequence: int) -> None:
    await talker.send("playback_ended", sequence=sequence)
    await done(talker)


async def begin(talker: Talker, sequence: int) -> None:
    await talker.send("turn_start", sequence=sequence, startedAt=iso(talker.now()))
    await done(talker)


async def cancel(talker: Talker, sequence: int) -> None:
    await talker.send("turn_cancel", sequence=sequence)
    await done(talker)


async def done(talker: Talker) -> None:
    """Wait until the server has done what this socket asked for."""
    asked = len(talker.heard)
    await talker.send("ping", clientTime=asked)
    await talker.hear("pong", clientTime=asked)


async def seconds_left(web: RunningWeb, session_id: str) -> float:
    session = await web.session(session_id)
    assert session.idle_deadline is not None
    return (session.idle_deadline - web.clock.now()).total_seconds()


async def is_open(web: RunningWeb, session_id: str) -> bool:
    await in_thread(session_deadlines.expire, now=web.clock.now(), session_id=session_id)
    return await in_thread(PracticeSession.objects.filter(pk=session_id, status="active").exists)


async def test_a_turn_begun_again_after_a_reload_holds_the_clock_for_the_whole_minute(web: RunningWeb) -> None:
    session_id = await listening(web)
    async with web.socket(session_id) as before:
        await begin(before, 1)
    async with web.socket(session_id) as after:
        await done(after)
        web.clock.advance(45)
        await cancel(after, 1)
        await begin(after, 1)
        web.clock.advance(40)
        assert await is_open(web, session_id)
        web.clock.advance(60)
        assert not await is_open(web, session_id)


async def test_a_turn_begun_again_after_a_refusal_holds_the_clock_for_the_whole_minute(web: RunningWeb) -> None:
    session_id = await listening(web)
    async with web.socket(session_id) as talker:
        await begin(talker, 1)
        await talker.end_turn(1)
        assert (await talker.answer())["code"] == "resend_turn"
        web.clock.advance(45)
        await cancel(talker, 1)
        await begin(talker, 1)
        web.clock.advance(40)
        assert await is_open(web, session_id)


async def test_a_turn_dropped_after_a_reload_leaves_no_more_than_the_idle_limit(web: RunningWeb) -> None:
    session_id = await listening(web)
    async with web.socket(session_id) as before:
        await begin(before, 1)
    async with web.socket(session_id) as after:
        for _ in range(2):
            await cancel(after, 1)
        assert 10 < await seconds_left(web, session_id) <= 20


async def test_a_late_cancel_of_an_earlier_turn_does_not_interrupt_the_next_one(web: RunningWeb) -> None:
    session_id = await listening(web)
    async with web.socket(session_id) as stalled, web.socket(session_id) as talker:
        await begin(stalled, 1)
        assert (await talker.type(1, "Good morning."))["receipt"]["status"] == "accepted"
        await talker.reply(2)
        await heard(talker, 2)
        await begin(talker, 3)
        await cancel(stalled, 1)
        assert await seconds_left(web, session_id) > 60
        await cancel(stalled, 1)  # of nothing that is uploaded here any more
        await cancel(stalled, 5)
        assert await seconds_left(web, session_id) > 60


async def test_a_turn_sent_again_although_it_was_accepted_holds_no_clock(web: RunningWeb) -> None:
    session_id = await listening(web)
    async with web.socket(session_id) as talker:
        assert (await talker.say(1, MP3))["receipt"]["status"] == "accepted"
        assert (await talker.say(1, MP3))["receipt"]["status"] == "duplicate"
        await talker.reply(2)
        await heard(talker, 2)
        assert await seconds_left(web, session_id) <= 20
        web.clock.advance(15)
        await begin(talker, 3)
        assert await seconds_left(web, session_id) > 60
