"""Model faults: which are retried, what is kept, and how the conversation goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from coach.providers.completion_stream import Patience
from coach.threads import THREADS, in_thread
from practice.turns import model_restart
from tests import cast
from tests.audio import sounds
from tests.fakes.models import chunk, events
from tests.practice.running_web import Clock, RunningWeb, running

MP3 = sounds.mp3(1.5)
# PATIENT outlasts any busy machine. With IMPATIENT, a first try that stalls is soon given up. Seconds.
PATIENT, IMPATIENT = Patience(30.0, 30.0), Patience(1.0, 1.0)


@pytest.fixture
def waits() -> list[float]:
    """The pauses before retries, in seconds; none is waited for."""
    return []


@pytest.fixture
async def web(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any], waits: list[float]
) -> AsyncIterator[RunningWeb]:
    async def no_sleep(seconds: float) -> None:
        waits.append(seconds)
        made.roleplay._patience = PATIENT

    async with running(fake, clock, sleep=no_sleep) as made:
        made.roleplay._patience = PATIENT
        yield made


async def spoken_to(web: RunningWeb, **scenario: Any) -> tuple[str, str]:
    """A session whose opening was said; its id and scenario."""
    made = await in_thread(cast.scenario, **scenario)
    web.fake.answer("roleplay", text="Hello Sam.")
    session_id = await web.started(made)
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    return session_id, made.pk


@pytest.mark.parametrize("fault", ["401", "403", "404", "quota", "413"])
async def test_a_permanent_fault_ends_the_session_at_once(web: RunningWeb, fault: str) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", fault=fault, times=None)
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        ended = await talker.hear("termination")
        assert ended["termination"]["reason"] == "qa_error"
    assert len(web.fake.requests("roleplay")) == 2
    turns = await web.turns(session_id)
    assert [turn.sequence for turn in turns if turn.transcript is not None or turn.audio] == [0, 1]


@pytest.mark.postgres
@pytest.mark.parametrize(
    "refusal",
    [
        {"fault": "refused"},
        {"error_in_stream": True, "stream_fault": "refused"},
        {"finish_reason": "content_filter", "text": [], "pcm": b""},
        {"sends": [events(chunk({"refusal": "I cannot talk about this."}))]},
    ],
    ids=["400", "in the stream", "content_filter", "refusal"],
)
async def test_after_refused_content_the_session_goes_on_and_can_be_rephrased(
    web: RunningWeb, refusal: dict[str, Any]
) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", **refusal)
    async with web.socket(session_id) as talker:
        await talker.type(1, "Something nobody may say.")
        assert "in other words" in (await talker.reply(2))["transcript"]
        web.fake.answer("roleplay", text="That I understand.")
        await talker.type(3, "You promised it for Monday.")
        assert (await talker.reply(4))["transcript"] == "That I understand."
        assert "termination" not in talker.types()
    told = str(web.fake.requests("roleplay")[-1]["body"]["messages"])
    assert "You promised it for Monday." in told
    assert "nobody may say" not in told
    assert "in other words" not in told


async def test_a_reply_that_is_refused_midway_is_kept_as_far_as_it_was_spoken(web: RunningWeb) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", text=["Well, ", "I think "], audio_ms=200, finish_reason="content_filter")
    async with web.socket(session_id) as talker:
        await talker.type(1, "You promised it for Monday.")
        assert (await talker.reply(2))["transcript"].startswith("Well,")
        web.fake.answer("roleplay", text="Good.")
        await talker.type(3, "So?")
        assert (await talker.reply(4))["transcript"] == "Good."


async def test_a_refused_opening_ends_the_session(web: RunningWeb) -> None:
    web.fake.answer("roleplay", fault="refused", hold="the opening")
    session_id = await web.started(await in_thread(cast.scenario))
    async with web.socket(session_id) as talker:
        web.fake.release("the opening")
        assert (await talker.hear("termination"))["termination"]["reason"] == "qa_error"


@pytest.mark.parametrize("answer", [{"fault": "500"}, {"fault": "503"}, {"fault": "429"}, {"cut": True}, {"end": True}])
async def test_a_temporary_fault_is_retried_twice_before_the_session_ends(
    web: RunningWeb, answer: dict[str, Any], waits: list[float]
) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", times=None, **answer)
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        assert (await talker.hear("termination"))["termination"]["reason"] == "qa_error"
    assert len(web.fake.requests("roleplay")) == 1 + 3
    assert len(waits) == 2


async def test_a_reply_without_words_or_sound_is_a_fault(web: RunningWeb) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", text=[], pcm=b"", times=None)
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        assert (await talker.hear("termination"))["termination"]["reason"] == "qa_error"


@pytest.mark.parametrize("answer", [{"fault": "429", "retry_after": 3}, {"stall": "first"}, {"cut": True}])
async def test_a_fault_that_passes_on_retry_goes_unnoticed(
    web: RunningWeb, answer: dict[str, Any], waits: list[float]
) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", **answer)
    web.fake.answer("roleplay", text="As I said.")
    if "stall" in answer:
        web.roleplay._patience = IMPATIENT
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        assert (await talker.reply(2))["transcript"] == "As I said."
        assert talker.types().count("ai_turn_started") == 1
    assert len(waits) == 1
    assert waits[0] >= answer.get("retry_after", 0)


@pytest.mark.parametrize("answer", [{"cut": True}, {"stall": "middle"}, {"error_in_stream": True}])
async def test_after_the_first_word_a_reply_is_not_retried_and_its_words_stay(
    web: RunningWeb, answer: dict[str, Any], waits: list[float]
) -> None:
    session_id, _ = await spoken_to(web)
    web.fake.answer("roleplay", text=["Well, ", "I think "], audio_ms=200, after=3, **answer)
    if "stall" in answer:
        web.roleplay._patience = IMPATIENT
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        assert (await talker.hear("termination"))["termination"]["reason"] == "qa_error"
        assert (await talker.reply(2))["transcript"].startswith("Well,")
    assert len(web.fake.requests("roleplay")) == 2
    assert waits == []


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the local models are loaded; a waiting reply polls it without pause."""
    monkeypatch.setattr(model_restart, "LOOK_SECONDS", 0.01)
    return threading.Event()


@pytest.fixture
async def local_web(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any], loaded: threading.Event
) -> AsyncIterator[RunningWeb]:
    async with running(fake, clock, by_brief=True, models_ready=loaded.is_set) as made:
        yield made


async def with_a_brief(web: RunningWeb) -> str:
    session_id = await web.started(await in_thread(cast.scenario_with_brief))
    async with web.socket(session_id) as talker:
        await talker.reply(0)
    return session_id


@pytest.mark.parametrize(
    ("killed", "answer"),
    [
        ("asr", {"fault": "models_loading"}),
        # The brief's lines may be requested in the background at the same time.
        ("embeddings", {"fault": "models_loading", "times": 2}),
        ("roleplay", {"fault": "models_loading"}),
        ("roleplay", {"sends": [events(chunk({"content": "Okay"}), done=False)], "then": "reset"}),
        ("roleplay", {"text": ["Okay, ", "that"], "audio_ms": 200, "after": 3, "cut": True}),
    ],
    ids=["hearing", "comparing", "before a word", "connection", "in mid-word"],
)
async def test_a_turn_waits_for_restarting_local_models_and_is_answered_completely(
    local_web: RunningWeb, loaded: threading.Event, killed: str, answer: dict[str, Any]
) -> None:
    web = local_web
    session_id = await with_a_brief(web)
    web.fake.answer("asr", text="The search page was four days late again.", times=None)
    web.fake.answer(killed, **answer)
    async with web.socket(session_id) as talker:
        limit = (await web.session(session_id)).duration_deadline
        await talker.say(1, MP3)
        told = await talker.hear("models_restarting")
        assert told["sequence"] == 2
        waits = await web.session(session_id)
        assert (waits.idle_deadline, waits.duration_deadline) == (None, limit + timedelta(seconds=20))
        web.clock.advance(3)
        loaded.set()
        assert (await talker.reply(2))["transcript"] == "Okay, that one was on me."
        assert talker.text_of(2).endswith("Okay, that one was on me.")
        assert "termination" not in talker.types()
        lost = (await web.session(session_id)).duration_deadline - limit
        assert timedelta(seconds=3) <= lost < timedelta(seconds=20)


async def test_local_models_that_stay_down_end_the_session_and_its_transcript_is_kept(
    local_web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = local_web
    session_id = await with_a_brief(web)
    web.fake.answer("roleplay", fault="models_loading")
    monkeypatch.setattr(model_restart, "RESTART_SECONDS", 0.1)
    async with web.socket(session_id) as talker:
        await talker.say(1, MP3)
        await talker.hear("models_restarting")
        assert (await talker.hear("termination"))["termination"]["reason"] == "qa_error"
    kept = [turn.sequence for turn in await web.turns(session_id) if turn.transcript is not None or turn.audio]
    assert kept == [0, 1]


@pytest.mark.postgres
async def test_a_retry_continues_from_what_was_said(web: RunningWeb) -> None:
    session_id, scenario_id = await spoken_to(web)
    async with web.socket(session_id) as talker:
        web.fake.answer("roleplay", fault="401")
        assert (await talker.type(1, "You promised it for Monday."))["receipt"]["status"] == "accepted"
        await talker.hear("termination")
    started = await web.post(
        "/api/sessions",
        {
            "scenarioId": scenario_id,
            "clientSessionStartedAt": web.clock.now().isoformat(),
            "continuesFrom": session_id,
        },
    )
    assert started.status_code == 201, started.content
    again = started.json()
    assert again["continuesFrom"] == session_id
    async with web.socket(again["id"]) as talker:
        await talker.reply(0)
    said = [message["content"] for message in web.fake.requests("roleplay")[-1]["body"]["messages"][1:]]
    assert said[:2] == ["Hello Sam.", "You promised it for Monday."]


async def test_limits_are_enforced_and_leases_renewed_while_every_thread_is_busy(web: RunningWeb, clock: Clock) -> None:
    session_id, _ = await spoken_to(web)
    free, begun = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        begun.release()
        free.wait()

    taken = [asyncio.create_task(in_thread(hold)) for _ in range(THREADS)]
    try:
        for _ in taken:
            await asyncio.to_thread(begun.acquire)
        clock.advance(400)
        async with asyncio.timeout(30):
            await web.runtime.sweep_once()
            await web.runtime.runner.renew()
    finally:
        free.set()
        await asyncio.gather(*taken)
    assert (await web.session(session_id)).status == "ended"
