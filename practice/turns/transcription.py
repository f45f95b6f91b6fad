"""Transcribes the trainee's turns: a job (`coach.jobs`) that is tried three times, after 1 and after 4 more seconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from coach import clock
from coach.jobs import Backoff, JobKind, Lease, kept, wake_up
from coach.providers.ports import ModelsRestarting, ProviderError, ProviderUnavailable, SpeechRecognizer, Transcript
from coach.providers.reply_time_limits import RESTART_SECONDS
from coach.storage import audio
from coach.telemetry import metrics, names, spans
from practice import delivery, lifecycle
from practice.lifecycle import AsrStatus
from practice.models import Turn
from practice.signals import turn_transcribed
from practice.transitions import move
from practice.turns import recogniser_inventions

log = structlog.get_logger(__name__)

TASK = "practice.tasks.transcribe"
TRANSCRIPTION: JobKind[Turn] = JobKind(
    "transcription",
    Turn,
    owed=Q(asr_status=AsrStatus.PENDING),
    due_at="asr_next_attempt_at",
    held_until="asr_claimed_until",
    attempts="asr_attempts",
    limit=3,
    lease=timedelta(seconds=8),
    backoff=Backoff(first=timedelta(seconds=1), factor=4, most=timedelta(seconds=20), jitter=0),
)


def wake(turn_id: str) -> None:
    """Ask a worker to transcribe this turn now; if the call is lost, the sweep asks again."""
    wake_up.call(TASK, turn_id)


def transcribe(turn_id: str, recognizer: SpeechRecognizer, *, now: datetime) -> bool:
    """Transcribe one turn if it is owed and free; True if we claimed it."""
    lease = TRANSCRIPTION.claim(turn_id, now=now)
    turn = Turn.objects.select_related("session", "audio").filter(pk=turn_id).first()
    if lease is None or turn is None:
        return False
    session = turn.session
    with (
        spans.span(names.TRANSCRIPTION, session_id=session.pk, turn_id=turn_id, parent=session.traceparent) as span,
        kept(lease),
    ):
        span.set(names.ATTEMPT, lease.attempt)
        try:
            words = _recognised(turn, recognizer)
        except Exception as error:  # an unexpected answer, or a store that is down, is retried like any other fault
            span.fail(type(error).__name__)
            _after(error, lease, turn, clock.now())
        else:
            found = {"delivery": words.delivery, "doubtful": words.doubtful}
            _finish(turn, lease.held, AsrStatus.COMPLETED, words.text, clock.now(), **found)
    return True


@dataclass(frozen=True)
class _Words:
    """`doubtful`: ranges of `text`. `delivery`: as stored; None if the recording could not be measured."""

    text: str
    doubtful: list[list[int]]
    delivery: dict[str, Any] | None


def _recognised(turn: Turn, recognizer: SpeechRecognizer) -> _Words:
    """Raises ProviderError or AudioLost."""
    if turn.audio is None:
        raise audio.AudioLost(turn.pk)
    language = turn.session.language
    recording = audio.read(turn.audio)
    speech = delivery.speech_in(recording)
    heard = recognizer.transcribe(recording, language=language, session_id=turn.session_id)
    if speech and not speech.spans and recogniser_inventions.is_invented(heard.text):
        heard = Transcript("")
    text = heard.text.strip()
    if recogniser_inventions.repeats_itself(text, turn.audio.duration_ms):
        raise ProviderUnavailable(f"one phrase again and again, {len(text)} characters of it")
    measured = delivery.of_turn(speech, text, language).stored() if speech else None
    return _Words(text, _doubtful(heard), measured)


def _after(error: Exception, lease: Lease[Turn], turn: Turn, now: datetime) -> None:
    match error:
        case ModelsRestarting():
            # The remaining tries are spread over the time that models may take to come back.
            _try_again_or_fail(lease, turn, error, now, retry_after=RESTART_SECONDS / 2)
        case ProviderUnavailable():
            _try_again_or_fail(lease, turn, error, now, retry_after=error.retry_after)
        case ProviderError() | audio.AudioLost():
            log.warning("transcription failed", turnId=turn.pk, error=str(error))
            _finish(turn, lease.held, AsrStatus.FAILED, None, now)
        case _:
            _try_again_or_fail(lease, turn, error, now)


def request_again(turn_id: str, *, now: datetime) -> bool:
    """Request a failed transcription again; False in any other state."""
    turn = Turn.objects.filter(pk=turn_id)
    session_id = turn.values_list("session_id", flat=True).first()
    if session_id is None:
        return False
    again: dict[str, Any] = {"asr_attempts": 0, "asr_claimed_until": None, "asr_next_attempt_at": now}
    with transaction.atomic():
        moved = move(turn, lifecycle.TRANSCRIPTION, AsrStatus.PENDING, session_id=session_id, **again)
        if moved:
            transaction.on_commit(lambda: wake(turn_id))
    return moved


def give_up(turn_id: str, *, now: datetime) -> bool:
    """Give up an owed transcription; False in any other state. The recording stays."""
    turn = Turn.objects.filter(pk=turn_id, asr_status=AsrStatus.PENDING).first()
    if turn is not None:
        _finish(turn, Turn.objects.filter(pk=turn_id, asr_status=AsrStatus.PENDING), AsrStatus.FAILED, None, now)
    return turn is not None


def owed(*, now: datetime) -> list[str]:
    """Turns whose transcription is due and unclaimed."""
    return list(TRANSCRIPTION.due(now).values_list("pk", flat=True))


def give_up_exhausted(*, now: datetime) -> None:
    """Mark transcriptions as failed if their worker died in the last attempt."""
    for turn in TRANSCRIPTION.exhausted(now):
        _finish(turn, TRANSCRIPTION.exhausted(now).filter(pk=turn.pk), AsrStatus.FAILED, None, now)


def _try_again_or_fail(
    lease: Lease[Turn], turn: Turn, error: Exception, now: datetime, *, retry_after: float | None = None
) -> None:
    what = str(error) if isinstance(error, ProviderError) else type(error).__name__
    log.warning("transcription not possible now", turnId=turn.pk, attempt=lease.attempt, error=what)
    if not lease.put_off(now, asked_for=retry_after):
        _finish(turn, lease.held, AsrStatus.FAILED, None, now)


def _doubtful(heard: Transcript) -> list[list[int]]:
    """The uncertain ranges, as positions in the stripped text."""
    cut = len(heard.text) - len(heard.text.lstrip())
    most = len(heard.text.strip())
    shifted = [(max(0, start - cut), min(most, end - cut)) for start, end in heard.doubtful]
    return [[start, end] for start, end in shifted if start < end]


def _finish(
    turn: Turn, ours: "QuerySet[Turn]", status: AsrStatus, text: str | None, now: datetime, **found: Any
) -> None:
    done: dict[str, Any] = {"transcript": text, "asr_claimed_until": None, "asr_next_attempt_at": None} | found
    with transaction.atomic():
        if not move(ours, lifecycle.TRANSCRIPTION, status, session_id=turn.session_id, **done):
            return
        turn.refresh_from_db()
        turn_transcribed.send(sender=Turn, turn=turn)
    latency_ms = (now - turn.created_at).total_seconds() * 1000
    metrics.measure(names.ASR_LATENCY, latency_ms, status=str(status))
    log.info("turn transcribed", sessionId=turn.session_id, turnId=turn.pk, status=str(status), latencyMs=latency_ms)
