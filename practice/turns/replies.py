"""The promise of an AI reply in the database: made, claimed under a lease, renewed, put off or given up.

`store_reply` stores what was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from coach.jobs import Backoff, JobKind, Lease
from coach.providers.ports import ReplyRequest
from practice import lifecycle, notifications
from practice.lifecycle import ReplyStatus, SessionStatus, Speaker
from practice.models import Turn
from practice.persona.rules import role_storage
from practice.persona.rules.role_storage import RolePart
from practice.transitions import move
from practice.turns import roleplay_prompt

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


def promise(session_id: str, *, sequence: int, now: datetime, after: Turn | None = None) -> Turn:
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
    earlier_turns = roleplay_prompt.said_before(turn.session, turn.sequence)
    return ReplyClaim(
        turn_id=turn.pk,
        session_id=turn.session_id,
        sequence=turn.sequence,
        language=turn.session.language,
        owed_at=turn.created_at,
        request=roleplay_prompt.reply_request(turn.session, turn.sequence, earlier_turns),
        role=role_storage.part(turn.session, turn.sequence, earlier_turns),
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
    """Give up the reply; `session_end.end_unanswered` ends the session. What was stored of it stays."""
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
