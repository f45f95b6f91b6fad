"""After a fault in our own code: at most three attempts, then the session ends and what was heard is kept."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from coach.audio import encode
from coach.jobs import Backoff
from coach.providers.ports import Transcript
from coach.storage import audio
from coach.threads import in_thread
from practice import notifications, sessions, web_runtime
from practice.lifecycle import AsrStatus, ReplyStatus
from practice.limits import outage_time, sweep
from practice.models import Turn
from practice.turns import goal_check, goal_check_by_model, replies, roleplay_prompt, store_reply, transcription
from tests import cast
from tests.audio import sounds
from tests.practice.running_web import RunningWeb, running

MP3 = sounds.mp3(1.5)


@pytest.fixture
async def web(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningWeb]:
    async def no_sleep(seconds: float) -> None:
        """Return at once."""

    at_once = Backoff(timedelta(microseconds=1), 1, timedelta(microseconds=1))
    monkeypatch.setattr(replies, "REPLY", replace(replies.REPLY, backoff=at_once))
    monkeypatch.setattr(web_runtime, "SWEEP_SECONDS", 0.05)
    async with running(fake, clock) as made:
        made.runtime.runner._sleep = no_sleep
        yield made


async def spoken_to(web: RunningWeb) -> str:
    """A session whose opening was said."""
    web.fake.answer("roleplay", text="Hello Sam.")
    session_id = await web.started(await in_thread(cast.scenario))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    return session_id


def breaks(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, times: int = 1_000) -> list[int]:
    """Make `owner.name` raise `times` times, then work; returns the growing list of calls."""
    really, calls = getattr(owner, name), []

    def broken(*args: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) <= times:
            raise ZeroDivisionError("nobody thought of this")
        return really(*args, **options)

    monkeypatch.setattr(owner, name, broken)
    return calls


async def ended(web: RunningWeb, session_id: str, say: Callable[[Any], Any]) -> dict[str, Any]:
    async with web.socket(session_id) as talker:
        await say(talker)
        return dict((await talker.hear("termination"))["termination"])


@pytest.mark.postgres
async def test_a_prompt_that_cannot_be_built_is_tried_three_times(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await spoken_to(web)
    calls = breaks(monkeypatch, roleplay_prompt, "reply_request")
    end = await ended(web, session_id, lambda talker: talker.say(1, MP3))
    assert (end["reason"], len(calls)) == ("qa_error", 3)
    assert len(web.fake.requests("roleplay")) == 1, "the model was asked without a prompt"
    _, said, reply = await web.turns(session_id)
    assert (said.audio is not None, reply.reply_status) == (True, ReplyStatus.FAILED)


async def test_a_prompt_that_is_built_at_the_third_try_is_answered(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await spoken_to(web)
    web.fake.answer("roleplay", text="As I said.")
    breaks(monkeypatch, roleplay_prompt, "reply_request", times=2)
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        assert (await talker.reply(2))["transcript"] == "As I said."
    assert (await web.session(session_id)).status == "active"


@pytest.mark.postgres
async def test_a_reply_whose_audio_cannot_be_stored_is_requested_once_and_its_words_stay(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await spoken_to(web)
    web.fake.answer("roleplay", text="I was going to tell you.", audio_ms=400)
    calls = breaks(monkeypatch, encode, "to_mp3")
    end = await ended(web, session_id, lambda talker: talker.type(1, "You promised it for Monday."))
    assert (end["reason"], len(calls)) == ("qa_error", 3)
    assert len(web.fake.requests("roleplay")) == 2
    turns = await web.turns(session_id)
    assert [turn.transcript for turn in turns] == [
        "Hello Sam.",
        "You promised it for Monday.",
        "I was going to tell you.",
    ]
    assert turns[2].audio is None


async def test_a_reply_stored_at_the_third_try_is_like_any_other(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await spoken_to(web)
    web.fake.answer("roleplay", text="I was going to tell you.", audio_ms=400)
    breaks(monkeypatch, audio, "keep", times=2)
    async with web.socket(session_id) as talker:
        await talker.type(1, "You promised it for Monday.")
        assert (await talker.reply(2))["transcript"] == "I was going to tell you."
        web.fake.answer("roleplay", text="Yes.")
        assert (await talker.type(3, "Go on."))["receipt"]["status"] == "accepted"
        await talker.reply(4)
    assert (await web.turns(session_id))[2].audio is not None
    assert len(web.fake.requests("roleplay")) == 3


async def test_a_reply_that_cannot_be_stored_at_all_is_requested_three_times_at_most(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await spoken_to(web)
    web.fake.answer("roleplay", text="I was going to tell you.", times=None)
    breaks(monkeypatch, store_reply, "_complete")
    end = await ended(web, session_id, lambda talker: talker.type(1, "You promised it for Monday."))
    assert end["reason"] == "qa_error"
    assert len(web.fake.requests("roleplay")) <= 1 + 3


async def test_a_reply_waits_for_the_database_no_longer_than_its_session_could_last(
    web: RunningWeb, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await spoken_to(web)
    web.fake.answer("roleplay", text="I was going to tell you.")
    calls = []

    def away(*args: Any, **options: Any) -> None:
        calls.append(clock.now())
        raise OperationalError("no connection") from ConnectionError()

    async def a_minute(seconds: float) -> None:
        clock.advance(60)

    monkeypatch.setattr(store_reply, "store", away)
    web.runtime.runner._sleep = a_minute
    end = await ended(web, session_id, lambda talker: talker.type(1, "You promised it for Monday."))
    await web.runtime.runner.stopped((await web.turns(session_id))[2].pk)
    assert (end["reason"], len(calls)) == ("duration", 16)
    assert calls[-1] - calls[0] >= outage_time.FORGIVEN_AT_MOST
    assert len(web.fake.requests("roleplay")) == 2, "the model was asked again"


async def test_a_reply_whose_process_died_three_times_is_given_up(web: RunningWeb, clock: Any) -> None:
    session_id = await spoken_to(web)

    def dies_three_times() -> None:
        replies.promise(session_id, sequence=2, now=clock.now())
        turn = Turn.objects.get(session_id=session_id, sequence=2)
        Turn.objects.filter(pk=turn.pk).update(
            reply_status=ReplyStatus.SPEAKING, reply_attempts=3, lease_holder="gone", lease_until=clock.now()
        )
        sweep.enforce(now=clock.now())

    await web.runtime.runner.hand_over()
    await in_thread(dies_three_times)
    assert (await web.session(session_id)).termination_reason == "qa_error"


class Odd:
    """A recogniser whose answer has an unexpected form."""

    def __init__(self, fault: Exception) -> None:
        self.calls = 0
        self.fault = fault

    def transcribe(self, mp3: bytes, *, language: str, session_id: str) -> Transcript:
        self.calls += 1
        raise self.fault


@pytest.mark.parametrize("fault", [TypeError("NoneType"), KeyError("choices"), RecursionError()])
async def test_a_malformed_answer_of_the_recogniser_is_retried_three_times(
    web: RunningWeb, clock: Any, fault: Exception
) -> None:
    session_id = await spoken_to(web)
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        odd = Odd(fault)
        for _ in range(6):
            await in_thread(transcription.transcribe, turn_id, odd, now=clock.now())
            clock.advance(30)
    assert odd.calls == 3
    assert (await web.turns(session_id))[1].asr_status == AsrStatus.FAILED


async def test_a_transcription_whose_worker_died_three_times_fails(web: RunningWeb, clock: Any) -> None:
    session_id = await spoken_to(web)
    async with web.socket(session_id) as talker:
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        await in_thread(lambda: Turn.objects.filter(pk=turn_id).update(asr_attempts=3, asr_claimed_until=clock.now()))
        clock.advance(60)
        odd = Odd(AssertionError("asked again"))
        assert not await in_thread(transcription.transcribe, turn_id, odd, now=clock.now())
        await in_thread(sweep.enforce, now=clock.now())
        assert (await talker.hear("turn_updated"))["turn"]["asrStatus"] == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_failing_objective_check_is_tried_three_times_and_counts_as_continue(
    clock: Any, calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "post", lambda message: None)
    asked = breaks(monkeypatch, goal_check_by_model, "ask")
    wish = sessions.Start(cast.scenario().pk, clock.now())
    session = sessions.start(wish, user_id="pilot-user", now=clock.now())
    turn = Turn.objects.get(session=session)
    Turn.objects.update(reply_status=ReplyStatus.COMPLETE, objective_check_at=clock.now())
    for _ in range(6):
        if goal_check.claim(turn.pk, now=clock.now(), seconds=4.0):
            with pytest.raises(ZeroDivisionError):
                goal_check.check(turn.pk, object(), local=False, timeout=4.0)
        clock.advance(60)
    goal_check.give_up_exhausted(now=clock.now())
    turn.refresh_from_db()
    session.refresh_from_db()
    assert (len(asked), turn.objective_attempts, turn.objective_check_at) == (3, 3, None)
    assert (session.status, session.objective_status) == ("active", "unknown")
