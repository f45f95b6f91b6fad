"""What the trainee said, in words: claimed by a conditional update, tried three times, finished once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import F, Q

from coach import clock, wake_up
from coach.providers.ports import ProviderError, ProviderUnavailable, SpeechRecognizer
from coach.storage import audio
from coach.telemetry import metrics, names, spans
from practice import announce
from practice.lifecycle import AsrStatus
from practice.models import PracticeSession, Turn
from practice.signals import turn_transcribed

log = structlog.get_logger(__name__)

TASK = "practice.tasks.transcribe"
ATTEMPTS = 3
BACK_OFF = (timedelta(seconds=1), timedelta(seconds=4))
LONGEST_RETRY_AFTER = timedelta(seconds=20)
CLAIM = timedelta(seconds=8)
RENEW_SECONDS = 2.0
# A call for work that nobody took up is repeated after this long.
CALL_AGAIN = timedelta(seconds=5)


def wake(turn_id: str) -> None:
    """Ask a worker to transcribe this turn now; the sweep asks again if nobody does."""
    wake_up.call(TASK, turn_id)


def transcribe(turn_id: str, recognizer: SpeechRecognizer, *, now: datetime) -> bool:
    """Hear one turn if it is owed and free; True if it was ours."""
    turn = _claim(turn_id, now)
    if turn is None:
        return False
    session = turn.session
    with (
        spans.span(names.TRANSCRIPTION, session_id=session.pk, turn_id=turn_id, parent=session.traceparent) as span,
        _renewed(turn_id),
    ):
        span.set(names.ATTEMPT, turn.asr_attempts)
        try:
            if turn.audio is None:
                raise audio.AudioLost(turn_id)
            heard = recognizer.transcribe(audio.read(turn.audio), language=session.language, session_id=session.pk)
            words = heard.text.strip()
        except ProviderUnavailable as error:
            span.fail(type(error).__name__)
            _try_again_or_fail(turn, error, clock.now(), retry_after=error.retry_after)
        except (ProviderError, audio.AudioLost) as error:
            span.fail(type(error).__name__)
            log.warning("transcription failed", turnId=turn_id, error=str(error))
            _finish(turn, AsrStatus.FAILED, None, clock.now())
        except Exception as error:
            # An answer of a shape nobody thought of, a store that is down: as often as any other fault.
            span.fail(type(error).__name__)
            _try_again_or_fail(turn, error, clock.now())
        else:
            _finish(turn, AsrStatus.COMPLETED, words, clock.now())
    return True


def request_again(turn_id: str, *, now: datetime) -> bool:
    """Have a failed transcription done anew; False in any other state."""
    with transaction.atomic():
        turn = Turn.objects.filter(pk=turn_id).first()
        if turn is None or PracticeSession.objects.locked(turn.session_id) is None:
            return False
        moved = Turn.objects.filter(pk=turn_id, asr_status=AsrStatus.FAILED).update(
            asr_status=AsrStatus.PENDING, asr_attempts=0, asr_claimed_until=None, asr_next_attempt_at=now
        )
        if moved:
            announce.tell(turn.session_id)
            transaction.on_commit(lambda: wake(turn_id))
    return bool(moved)


def owed(*, now: datetime) -> list[str]:
    """Turns whose transcription is due and that no worker holds; each is returned to one caller in five seconds."""
    free = Turn.objects.filter(_free(now), asr_status=AsrStatus.PENDING, asr_next_attempt_at__lte=now)
    return [
        turn_id
        for turn_id in free.values_list("pk", flat=True)
        if free.filter(pk=turn_id).update(asr_next_attempt_at=now + CALL_AGAIN)
    ]


def _free(now: datetime) -> Q:
    return Q(asr_claimed_until=None) | Q(asr_claimed_until__lt=now)


def _claim(turn_id: str, now: datetime) -> Turn | None:
    free = Turn.objects.filter(_free(now), pk=turn_id, asr_status=AsrStatus.PENDING)
    moved = free.filter(asr_attempts__lt=ATTEMPTS).update(
        asr_claimed_until=now + CLAIM, asr_attempts=F("asr_attempts") + 1
    )
    turn = Turn.objects.select_related("session", "audio").filter(pk=turn_id).first()
    if turn and not moved and turn.asr_attempts >= ATTEMPTS and free.exists():
        # The last try ended with its worker.
        _finish(turn, AsrStatus.FAILED, None, now)
    return turn if moved else None


def _try_again_or_fail(turn: Turn, error: Exception, now: datetime, *, retry_after: float | None = None) -> None:
    what = str(error) if isinstance(error, ProviderError) else type(error).__name__
    log.warning("transcription not possible now", turnId=turn.pk, attempt=turn.asr_attempts, error=what)
    if turn.asr_attempts >= ATTEMPTS:
        _finish(turn, AsrStatus.FAILED, None, now)
        return
    wait = BACK_OFF[turn.asr_attempts - 1]
    if retry_after is not None:
        wait = min(max(wait, timedelta(seconds=retry_after)), LONGEST_RETRY_AFTER)
    Turn.objects.filter(pk=turn.pk, asr_status=AsrStatus.PENDING).update(
        asr_claimed_until=None, asr_next_attempt_at=now + wait
    )


def _finish(turn: Turn, status: AsrStatus, text: str | None, now: datetime) -> None:
    with transaction.atomic():
        if PracticeSession.objects.locked(turn.session_id) is None:
            return
        moved = Turn.objects.filter(pk=turn.pk, asr_status=AsrStatus.PENDING).update(
            asr_status=status, transcript=text, asr_claimed_until=None, asr_next_attempt_at=None
        )
        if not moved:
            return
        turn.refresh_from_db()
        turn_transcribed.send(sender=Turn, turn=turn)
        announce.tell(turn.session_id)
    latency_ms = (now - turn.created_at).total_seconds() * 1000
    metrics.measure(names.ASR_LATENCY, latency_ms, status=str(status))
    log.info("turn transcribed", sessionId=turn.session_id, turnId=turn.pk, status=str(status), latencyMs=latency_ms)


@contextmanager
def _renewed(turn_id: str) -> Iterator[None]:
    """Prolong the claim while a model listens; a worker that dies stops prolonging."""
    done = threading.Event()

    def prolong() -> None:
        mine = Turn.objects.filter(pk=turn_id, asr_status=AsrStatus.PENDING)
        while not done.wait(RENEW_SECONDS):
            try:
                mine.update(asr_claimed_until=clock.now() + CLAIM)
            except DatabaseError as error:
                log.warning("transcription's claim not renewed", turnId=turn_id, error=type(error).__name__)
            close_old_connections()

    thread = threading.Thread(target=prolong, name=f"claim-{turn_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
