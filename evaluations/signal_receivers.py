"""Receivers of practice's signals. Connected in `AppConfig.ready`."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from coach import clock
from evaluations import evaluation_job, tasks
from practice.models import PracticeSession, Turn


def on_session_ended(sender: Any, *, session: PracticeSession, now: datetime, **_: Any) -> None:
    """Runs inside the ending transaction, so that an ended session and its evaluation appear together."""
    evaluation = evaluation_job.queue(session, now=now)
    if evaluation is None:
        return
    if evaluation.next_attempt_at is not None and evaluation.next_attempt_at <= now:
        transaction.on_commit(partial(tasks.wake, evaluation.pk))
    else:
        # A transaction that this one could not see may have transcribed its last words.
        transaction.on_commit(partial(_start_if_heard, session.pk))


def on_turn_transcribed(sender: Any, *, turn: Turn, **_: Any) -> None:
    """Looks after the commit: of two transcriptions that finish together the later one sees both."""
    transaction.on_commit(partial(_start_if_heard, turn.session_id))


def _start_if_heard(session_id: str) -> None:
    due = evaluation_job.heard(session_id, now=clock.now())
    if due is not None:
        tasks.wake(due)
