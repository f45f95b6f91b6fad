"""The database side of AI replies: owed, claimed under a lease, said, cut short or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from coach.audio import encode
from coach.jobs import Backoff, JobKind, Lease
from coach.providers.ports import ReplyRequest
from coach.storage import audio
from coach.telemetry import metrics, names
from practice import lifecycle, notifications
from practice.lifecycle import ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.persona import role_storage
from practice.persona.role_state import RoleState
from practice.persona.role_storage import RolePart
from practice.transitions import move, move_held
from practice.turns import roleplay_prompt
from practice.turns.events import Spoken
from practice.turns.truncate_transcript import truncate_transcript

LEASE = timedelta(seconds=8)
RENEW_SECONDS = 2.0
REPLY: JobKind[Turn] = JobKind(
    "reply",
    Turn,
    owed=lifecycle.REPLY.may_become(ReplyStatus.SPEAKING) & Q(session__status=SessionStatus.ACTIVE, heard_ms=None),
    taken=Q(reply_status=ReplyStatus.SPEAKING),
    held_until="lease_until",
    holder="lease_holder",
    attempts="reply_attempts",
    # After that its session ends with `qa_error`.
    limit=3,
    lease=LEASE,
    backoff=Backoff(timedelta(seconds=1), 3, timedelta(seconds=10)),
)
SPEECH_HOLDS = timedelta(seconds=60)
READING_MS_PER_CHARACTER = 60


@dataclass(frozen=True)
class ReplyClaim:
    """A reply that this process has claimed."""

    turn_id: str
    session_id: str
    sequence: int
    language: str
    owed_at: datetime
    request: ReplyRequest
    role: RolePart | None
    traceparent: str


@dataclass(frozen=True)
class Stored:
    turn_id: str
    session_id: str
    interrupted: bool


def owe(session_id: str, *, sequence: int, now: datetime, after: Turn | None = None) -> Turn:
    """Promise AI turn `sequence`; this process says it unless it dies.

    Call inside the transaction that makes the promise.

    `after`: the trainee's turn that it answers, stored with it.
    """
    holder = notifications.local_process_id()
    turn = Turn(
        session_id=session_id,
        sequence=sequence,
        speaker=Speaker.AI,
        created_at=now,
        reply_status=ReplyStatus.DUE,
        lease_holder=holder,
        lease_until=now + LEASE if holder else None,
    )
    Turn.objects.bulk_create([after, turn] if after else [turn])
    notifications.begin_reply(turn.pk)
    return turn


def owed(*, now: datetime) -> list[str]:
    """Turns that no process is saying: promised without a process, or held by one that died."""
    return list(REPLY.due(now).values_list("pk", flat=True))


def claim(turn_id: str, *, holder: str, now: datetime) -> ReplyClaim | None:
    """Claim the turn if it is still owed, unclaimed, within its attempts, and its session goes on.

    Raises whatever building its prompt raises: the attempt counts, and `put_off` decides what happens to the turn.
    """
    promised_here = Q(lease_holder=holder, reply_status=ReplyStatus.DUE)
    speaking = lifecycle.REPLY.to(ReplyStatus.SPEAKING)
    if not REPLY.take(turn_id, now=now, holder=holder, or_when=promised_here, changes=speaking):
        return None
    turns = Turn.objects.select_related("session__continues_from").defer("session__behaviours")
    turn = turns.get(pk=turn_id)
    said = roleplay_prompt.said_before(turn.session, turn.sequence)
    return ReplyClaim(
        turn_id=turn.pk,
        session_id=turn.session_id,
        sequence=turn.sequence,
        language=turn.session.language,
        owed_at=turn.created_at,
        request=roleplay_prompt.reply_request(turn.session, turn.sequence, said),
        role=role_storage.part(turn.session, turn.sequence, said),
        traceparent=turn.session.traceparent,
    )


def renew(turn_ids: Sequence[str], *, holder: str, now: datetime) -> set[str]:
    """Renew the leases; returns the ids that are still ours and need not stop."""
    ours = Turn.objects.filter(pk__in=turn_ids, lease_holder=holder, reply_status=ReplyStatus.SPEAKING)
    # One statement for turns of different sessions: a lock on one of them does not delay the others.
    ours.update(lease_until=now + LEASE)
    return set(ours.filter(heard_ms=None, session__status=SessionStatus.ACTIVE).values_list("pk", flat=True))


def release(turn_id: str, *, holder: str) -> None:
    """Release an unfinished reply because this process is stopping. That is not a failed attempt."""
    Turn.objects.filter(pk=turn_id, lease_holder=holder, reply_status=ReplyStatus.SPEAKING).update(
        **lifecycle.REPLY.to(ReplyStatus.DUE), lease_holder="", lease_until=None, reply_attempts=F("reply_attempts") - 1
    )


def put_off(turn_id: str, *, holder: str, now: datetime) -> None:
    """Saying it failed because of a fault of ours: it is tried again later, or given up."""
    turn = Turn.objects.filter(pk=turn_id, lease_holder=holder, reply_status=ReplyStatus.SPEAKING).first()
    if turn is None:
        return
    lease = Lease(REPLY, turn_id, turn.reply_attempts, holder)
    if not lease.put_off(now, changes=lifecycle.REPLY.to(ReplyStatus.DUE)):
        give_up(turn_id, now=now)


def give_up(turn_id: str, *, now: datetime) -> None:
    """Give up the reply; `sessions.end_unanswered` ends the session. What was stored of it stays."""
    turn = Turn.objects.filter(pk=turn_id)
    session_id = turn.values_list("session_id", flat=True).first()
    if session_id:
        move(turn, lifecycle.REPLY, ReplyStatus.FAILED, session_id=session_id, lease_until=None)


def give_up_exhausted(*, now: datetime) -> None:
    """Give up replies that used all their attempts, each ended by a fault or a dead process."""
    for turn_id in REPLY.exhausted(now).values_list("pk", flat=True):
        give_up(turn_id, now=now)


def call_off(session_id: str) -> None:
    """The session ended: owed replies are not said any more, and those being said stop."""
    for turn_id in Turn.objects.under_way().filter(session_id=session_id).values_list("pk", flat=True):
        not_begun = Turn.objects.filter(pk=turn_id, reply_status=ReplyStatus.DUE)
        if not move(not_begun, lifecycle.REPLY, ReplyStatus.FAILED, session_id=session_id, tell=False):
            notifications.stop_reply(turn_id)


def abandon_unheld(*, now: datetime) -> None:
    """Give up replies of ended sessions whose process died before it could store what was said."""
    unheld = Turn.objects.under_way().filter(Q(lease_until=None) | Q(lease_until__lt=now))
    dead = unheld.filter(session__status=SessionStatus.ENDED)
    for turn_id, session_id in dead.values_list("pk", "session_id"):
        move(dead.filter(pk=turn_id), lifecycle.REPLY, ReplyStatus.FAILED, session_id=session_id, tell=False)


def store(
    turn_id: str,
    spoken: Spoken,
    *,
    holder: str,
    first_audio_at: datetime | None,
    whole: bool,
    failed: bool,
    now: datetime,
    role_state: RoleState | None = None,
    words_only: bool = False,
    refused: bool = False,
) -> Stored | None:
    """Store what was said (`whole`: to its end) and start the idle clock; None if the turn is no longer ours.

    `role_state`: the persona's state after this reply; if nothing was said, the state stays as it was.

    An interrupted reply is kept as far as it was heard: as reported by the client, otherwise as far as the elapsed time
    allows. What a `failed` model said is kept whole. A reply without a word is given up. `words_only`: without its
    sound, which could not be stored. `refused`: the service refused the content.
    """
    has_role = Q(session__role_brief__isnull=False)
    ours = Turn.objects.filter(pk=turn_id, lease_holder=holder, reply_status=ReplyStatus.SPEAKING)
    while turn := ours.annotate(has_role=has_role).first():
        heard_ms = turn.heard_ms
        if heard_ms is None and not whole and not failed:
            heard_ms = round((now - first_audio_at).total_seconds() * 1000) if first_audio_at else 0
        interrupted = not whole or (heard_ms is not None and heard_ms < spoken.audio_ms)
        kept_ms = min(spoken.audio_ms, heard_ms) if interrupted and heard_ms is not None else spoken.audio_ms
        mp3 = encode.to_mp3(encode.cut(bytes(spoken.pcm), kept_ms)) if kept_ms and not words_only else b""
        text = spoken.text
        if interrupted and heard_ms is not None:
            text = truncate_transcript(text, heard_ms=kept_ms, total_ms=spoken.audio_ms, whole=whole)
        with transaction.atomic():
            session = PracticeSession.objects.locked(turn.session_id)
            if session is None:
                return None
            locked = ours.select_for_update().only("heard_ms").first()
            if locked is None:
                return None
            if locked.heard_ms != turn.heard_ms:
                continue  # Interrupted while the MP3 was being made.
            state = _state_after(session, turn, role_state if text or kept_ms else None)
            always = {"content_refused": refused, "role_state": state, "lease_until": None}
            if not spoken:
                return _without_a_word(session, turn, always, now)
            return _keep(session, turn, text, mp3, kept_ms, first_audio_at, interrupted, always, now)
    return None


def _state_after(session: PracticeSession, turn: Turn, moved: RoleState | None) -> dict[str, Any] | None:
    state = moved or (role_storage.before(session, turn.sequence) if turn.has_role else None)  # type: ignore[attr-defined]
    return state.stored() if state is not None else None


def _without_a_word(session: PracticeSession, turn: Turn, changes: dict[str, Any], now: datetime) -> Stored | None:
    """Interrupted before the first word: store an empty turn, so that the trainee can go on. Failed: give it up."""
    row = Turn.objects.filter(pk=turn.pk)
    if turn.heard_ms is None:
        if move_held(row, lifecycle.REPLY, ReplyStatus.FAILED, **changes):
            notifications.notify(session.pk)
        return None
    check_at = now if turn.sequence > 0 else None
    empty = {"transcript": "", "interrupted": True, "ended_at": now, "objective_check_at": check_at}
    move_held(row, lifecycle.REPLY, ReplyStatus.COMPLETE, **changes, **empty)
    notifications.notify(session.pk, **_idle_clock(session, played_at=now))
    return Stored(turn.pk, turn.session_id, True)


def _keep(
    session: PracticeSession,
    turn: Turn,
    text: str,
    mp3: bytes,
    kept_ms: int,
    first_audio_at: datetime | None,
    interrupted: bool,
    changes: dict[str, Any],
    now: datetime,
) -> Stored:
    begun_at = first_audio_at or now
    played_at = max(now, begun_at + timedelta(milliseconds=kept_ms or len(text) * READING_MS_PER_CHARACTER))
    latency_ms = max(0, round((begun_at - turn.created_at).total_seconds() * 1000)) if first_audio_at else None
    move_held(
        Turn.objects.filter(pk=turn.pk),
        lifecycle.REPLY,
        ReplyStatus.COMPLETE,
        **changes,
        transcript=text,
        audio=audio.keep(mp3, duration_ms=kept_ms, now=now) if mp3 else None,
        interrupted=interrupted,
        started_at=begun_at,
        ended_at=begun_at + timedelta(milliseconds=kept_ms) if kept_ms else now,
        latency_ms=latency_ms,
        objective_check_at=now if turn.sequence > 0 else None,
    )
    notifications.notify(session.pk, **_idle_clock(session, played_at=now if interrupted else played_at))
    metrics.measure(names.REPLY_DURATION, (now - turn.created_at).total_seconds() * 1000)
    return Stored(turn.pk, turn.session_id, interrupted)


def start_idle_clock(session_id: str, *, played_at: datetime) -> None:
    """The AI's turn is over at `played_at`.

    A trainee who is already speaking keeps the clock stopped as long as speech may.
    """
    session = PracticeSession.objects.locked(session_id)
    if session is not None and (changes := _idle_clock(session, played_at=played_at)):
        PracticeSession.objects.filter(pk=session_id).update(**changes)


def _idle_clock(session: PracticeSession, *, played_at: datetime) -> dict[str, datetime]:
    """The changes of `start_idle_clock` to a locked session; none once it has ended."""
    if session.status != SessionStatus.ACTIVE:
        return {}
    if session.speech_started_at is not None:
        played_at = max(played_at, session.speech_started_at + SPEECH_HOLDS)
    return {"idle_deadline": played_at + timedelta(seconds=session.idle_limit_seconds)}
