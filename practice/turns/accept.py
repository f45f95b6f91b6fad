"""Accepts or refuses a trainee turn by the same rules for POST and socket.

Everything is checked before anything is stored; sound, turn and the owed answer are stored in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from coach.audio import recording_limits
from coach.storage import audio
from coach.telemetry import metrics, names, spans
from coach.text import is_blank
from practice import notifications, sessions
from practice.catalog.completeness import FieldProblem
from practice.lifecycle import AsrStatus, ReplyStatus, SessionStatus, Speaker
from practice.limits import session_deadlines
from practice.limits.clock_drift import ClockDrift, check_drift
from practice.models import PracticeSession, Turn
from practice.turns import idle_clock, replies, transcription
from practice.turns.submission import Receipt, Submission, TurnMalformed, TurnRefused

log = structlog.get_logger(__name__)

MAX_TEXT = 2_000
AGREES_WITHIN = timedelta(seconds=2)
EARLY_START = timedelta(seconds=2)


def accept(session_id: str, turn: Submission, *, user_id: str, now: datetime) -> Receipt:
    """Accept a turn. Raises SessionUnknown, TurnMalformed or TurnRefused."""
    session = sessions.get(session_id, user_id=user_id, briefs=False)
    if session_deadlines.is_over_a_limit(session, now=now) and session_deadlines.expire(now=now, session_id=session_id):
        session.refresh_from_db()
    if session.status == SessionStatus.ENDED:
        return Receipt(session.pk, "closed")
    with spans.span(names.TURN_ACCEPT, session_id=session_id, parent=session.traceparent) as span:
        try:
            receipt = _take(session.pk, _checked(turn, session, now), now)
        except (TurnMalformed, TurnRefused) as refusal:
            # A turn that was accepted before is answered as such, whatever is wrong with this copy.
            if already := _already(session, turn.sequence, _from_before(session, turn.sequence)):
                return already
            if isinstance(refusal, TurnRefused):
                span.set(names.CODE, refusal.code)
                metrics.count(names.TURNS_REFUSED, code=refusal.code)
            raise
        span.set(names.TURN_ID, receipt.turn_id)
        return receipt


@dataclass(frozen=True)
class _Checked:
    """A turn with nothing wrong in itself. `sound` is empty for a typed one; `ended_at` agrees with its length."""

    sequence: int
    started_at: datetime
    ended_at: datetime
    sound: bytes
    duration_ms: int
    text: str | None
    context: str | None


def _checked(turn: Submission, session: PracticeSession, now: datetime) -> _Checked:
    """Raises TurnMalformed or TurnRefused."""
    sequence, started_at, ended_at = turn.sequence, turn.started_at, turn.ended_at
    if turn.problems or sequence is None or started_at is None or ended_at is None:
        raise TurnMalformed(turn.problems)
    duration_ms = _check_content(turn)
    _check_clock(turn, started_at, ended_at, session, now)
    if turn.text is None:
        lasts = timedelta(milliseconds=duration_ms)
        if abs((ended_at - started_at) - lasts) > AGREES_WITHIN:
            ended_at = started_at + lasts
    sound = turn.sound if turn.sound and turn.text is None else b""
    return _Checked(sequence, started_at, ended_at, sound, duration_ms, turn.text, turn.context)


def _from_before(session: PracticeSession, sequence: int | None) -> dict[int, Turn]:
    """The turns from the one before `sequence` on: they show whether it was accepted, and whether it is next."""
    if sequence is None:
        return {}
    turns = session.turns.filter(sequence__gte=sequence - 1).only("session", "sequence", "reply_status")
    return {turn.sequence: turn for turn in turns.order_by("sequence")}


def _already(session: PracticeSession, sequence: int | None, turns: Mapping[int, Turn]) -> Receipt | None:
    """The receipt of a turn that was accepted before (the same number, whatever its content) or comes after the end.

    None: it is new.
    """
    if session.status == SessionStatus.ENDED:
        return Receipt(session.pk, "closed")
    if sequence is None or not sequence % 2 or sequence not in turns:
        return None
    answer = turns.get(sequence + 1)
    return Receipt(session.pk, "duplicate", turns[sequence].pk, answer.pk if answer else None)


def _check_content(turn: Submission) -> int:
    """The length of the recording in milliseconds; 0 for a typed turn. Raises TurnMalformed or TurnRefused."""
    if turn.text is not None and turn.sound is not None:
        raise TurnMalformed([FieldProblem("text", _("Send either audio or text, not both."))])
    if turn.context is not None and len(turn.context) > MAX_TEXT:
        raise TurnRefused("too_long", _("The context is too long: at most 2,000 characters fit. Shorten it."))
    if turn.text is not None:
        if is_blank(turn.text):
            raise TurnRefused("resend_turn", _("Your message is empty. Type what you want to say, then send it."))
        if len(turn.text) > MAX_TEXT:
            raise TurnRefused("too_long", _("The text is too long: at most 2,000 characters fit. Shorten it."))
        return 0
    try:
        return recording_limits.check(turn.sound or b"").duration_ms
    except recording_limits.RecordingRefused as refusal:
        raise TurnRefused(refusal.code, _translated(refusal)) from None


def _translated(refusal: recording_limits.RecordingRefused) -> str:
    text = str(_(refusal.detail))
    return text % refusal.values if refusal.values else text


def _check_clock(turn: Submission, started: datetime, ended: datetime, session: PracticeSession, now: datetime) -> None:
    sent = turn.client_sent_at or ended
    try:
        check_drift(sent, turn.arrived_at or now, body_bytes=turn.body_bytes)
        # Contradictory times mean that the clock was set while the trainee spoke.
        if started > ended:
            raise ClockDrift(started, ended)
        if ended > sent:
            raise ClockDrift(ended, sent)
        if session.started_at and started < session.started_at - EARLY_START:
            raise ClockDrift(started, session.started_at)
    except ClockDrift as drift:
        raise TurnRefused(
            "clock_drift",
            _("The clock of this device differs from the server's. Correct the times by driftSeconds and send again."),
            serverTime=now,
            driftSeconds=drift.drift_seconds,
        ) from None


def _take(session_id: str, turn: _Checked, now: datetime) -> Receipt:
    try:
        with transaction.atomic():
            session = PracticeSession.objects.locked(session_id)
            if session is None:
                raise sessions.SessionUnknown(session_id)
            turns = _from_before(session, turn.sequence)
            if already := _already(session, turn.sequence, turns):
                return already
            _check_order(session, turn.sequence, turns)
            taken, answer = _store(session, turn, now)
    except IntegrityError:
        # Another request stored this sequence between our read and our write.
        session = PracticeSession.objects.get(pk=session_id)
        if already := _already(session, turn.sequence, _from_before(session, turn.sequence)):
            return already
        raise
    metrics.count(names.TURNS_ACCEPTED, kind="audio" if turn.sound else "text")
    log.info("turn accepted", sessionId=session_id, turnId=taken.pk, sequence=turn.sequence)
    return Receipt(session_id, "accepted", taken.pk, answer.pk)


def _store(session: PracticeSession, turn: _Checked, now: datetime) -> tuple[Turn, Turn]:
    """Store the turn of a locked session and promise its answer; the idle clock stops."""
    sound = audio.keep(turn.sound, duration_ms=turn.duration_ms, now=now) if turn.sound else None
    taken = Turn(
        session=session,
        sequence=turn.sequence,
        speaker=Speaker.TRAINEE,
        audio=sound,
        transcript=turn.text,
        context=turn.context,
        created_at=now,
        started_at=turn.started_at,
        ended_at=turn.ended_at,
        asr_status=AsrStatus.PENDING if sound else None,
        asr_next_attempt_at=now if sound else None,
    )
    answer = replies.promise(session.pk, sequence=turn.sequence + 1, now=now, after=taken)
    changed = {"idle_deadline", "speech_started_at", *idle_clock.go_on(session, now=now)}
    session.idle_deadline = session.speech_started_at = None
    notifications.turn_taken(
        notifications.TurnTaken(
            session.pk, session.event_number + 1, taken.pk, answer.pk, turn.sequence, taken.asr_status
        ),
        **{name: getattr(session, name) for name in changed},
    )
    if sound:
        transaction.on_commit(partial(transcription.wake, taken.pk))
    return taken, answer


def _check_order(session: PracticeSession, sequence: int, turns: Mapping[int, Turn]) -> None:
    """`turns`: those from the one before `sequence` on. Raises TurnRefused."""
    latest = turns[max(turns)] if turns else session.turns.order_by("-sequence").first()
    if session.status != SessionStatus.ACTIVE or latest is None:
        raise TurnRefused("out_of_order", _("The session hasn't started yet. Wait for the AI's first words."))
    if latest.reply_status in (ReplyStatus.DUE, ReplyStatus.SPEAKING):
        raise TurnRefused(
            "out_of_order", _("The AI is still replying. Wait for its turn to end, or send interrupt first.")
        )
    if sequence != latest.sequence + 1:
        raise TurnRefused(
            "out_of_order",
            _("The next turn is number %(sequence)s. Send your turn with that sequence.")
            % {"sequence": latest.sequence + 1},
        )
