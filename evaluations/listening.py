"""What evaluations do when practice says something. Connected in `AppConfig.ready`."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from coach import clock
from evaluations import queue, tasks
from practice.models import PracticeSession, Turn


def on_session_ended(sender: Any, *, session: PracticeSession, now: datetime, **_: Any) -> None:
    """Inside the ending transaction: an ended session and its evaluation appear together."""
    evaluation = queue.queue(session, now=now)
    if evaluation is None:
        return
    if evaluation.next_attempt_at is not None and evaluation.next_attempt_at <= now:
        transaction.on_commit(partial(tasks.wake, evaluation.pk))
    else:
        # Its last words may have been transcribed by a transaction that this one could not see.
        transaction.on_commit(partial(_start_if_heard, session.pk))


def on_turn_transcribed(sender: Any, *, turn: Turn, **_: Any) -> None:
    """Looks once it is committed: of two transcriptions that finish together the later sees both."""
    transaction.on_commit(partial(_start_if_heard, turn.session_id))


def _start_if_heard(session_id: str) -> None:
    due = queue.heard(session_id, now=clock.now())
    if due is not None:
        tasks.wake(due)
