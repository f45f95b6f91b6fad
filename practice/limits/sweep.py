"""Enforces limits and finds work that nobody does: once a second in each web process, every two seconds in a worker.

So limits and promises are kept whichever process dies.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from practice import session_end, sessions
from practice.limits import outage_time, presence, session_deadlines
from practice.models import PracticeSession
from practice.turns import barge_in, goal_check, replies, transcription

log = structlog.get_logger(__name__)


@dataclass
class WorkDue:
    """The work a web process has to take on, and when the next limit is reached.

    `numbers`: event numbers of the sessions watched here; a missing session is gone. `alone`: no other web process is
    alive.
    """

    replies: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    next_deadline: datetime | None = None
    alone: bool = False


def enforce(*, now: datetime) -> None:
    """Enforce limits, queue, presence, dead processes' turns, owed transcriptions.

    Any process may, any number of times.
    """
    outage_time.make_up(now=now)
    _enforce(now)


def _enforce(now: datetime) -> None:
    session_deadlines.expire(now=now)
    sessions.promote(now=now)
    for turn_id in barge_in.unheld(now=now):
        barge_in.finish_unheld(turn_id, now=now)
    replies.abandon_unheld(now=now)
    replies.give_up_exhausted(now=now)
    session_end.end_unanswered(now=now)
    transcription.give_up_exhausted(now=now)
    goal_check.give_up_exhausted(now=now)
    for turn_id in transcription.owed(now=now):
        transcription.wake(turn_id)


def web(process_id: str, watched: Iterable[str], *, now: datetime) -> WorkDue:
    """A web process's turn each second: say that it is alive, enforce limits, and get the work to take on."""
    # First: a clock that was set would make every process look dead.
    outage_time.make_up(now=now)
    presence.beat(process_id, now=now)
    presence.sweep(now=now)
    _enforce(now)
    return WorkDue(
        replies=replies.owed(now=now),
        checks=goal_check.owed(now=now),
        numbers=dict(PracticeSession.objects.filter(pk__in=list(watched)).values_list("pk", "event_number")),
        next_deadline=session_deadlines.next_deadline(now=now),
        alone=presence.is_alone(process_id, now=now),
    )
