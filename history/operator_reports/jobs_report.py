"""Reports durable work by kind (`coach.jobs`): how much is open, how much of it is late, and the last error."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach.database import counting
from coach.database.counting import Found, RowCount
from coach.jobs import JobKind
from coach.storage.audio_deletion import DELETION
from coach.storage.audio_upload import UPLOAD
from evaluations.evaluation_job import EVALUATION
from history.export import EXPORT
from history.retention import RUN
from practice.turns.goal_check import CHECK
from practice.turns.replies import REPLY
from practice.turns.transcription import TRANSCRIPTION

LATE = timedelta(seconds=60)
"""A job that has been due for this long should have been started."""


@dataclass(frozen=True)
class JobCount:
    """`open`: not done yet, waiting or running. `late` of them are due and unclaimed; `oldest` is the first."""

    title: str | Promise
    open: int
    late: int
    oldest: datetime | None
    last_error: str

    @property
    def is_idle(self) -> bool:
        return not self.open and not self.last_error


@dataclass(frozen=True)
class JobTable:
    title: str | Promise
    kind: JobKind[Any]
    since: str


tables: list[JobTable] = [
    JobTable(_("Replies"), REPLY, "created_at"),
    JobTable(_("Transcriptions"), TRANSCRIPTION, "created_at"),
    JobTable(_("Objective checks"), CHECK, "created_at"),
    JobTable(_("Evaluations"), EVALUATION, "queued_at"),
    JobTable(_("Recordings being uploaded"), UPLOAD, "created_at"),
    JobTable(_("Deletions in stores"), DELETION, "created_at"),
    JobTable(_("Exports"), EXPORT, "requested_at"),
    JobTable(_("Nightly deletion"), RUN, "started_at"),
]


def jobs(now: datetime) -> list[JobCount]:
    """One query for all kinds, and one for each kind that has open jobs and keeps their faults."""
    found = counting.count({table.kind.name: _row_count(table, now) for table in tables})
    return [_count(table, found[table.kind.name]) for table in tables]


def _row_count(table: JobTable, now: datetime) -> RowCount:
    kind = table.kind
    due = Q(**{f"{kind.due_at or table.since}__lt": now - LATE})
    free = Q(**{kind.held_until: None}) | Q(**{f"{kind.held_until}__lt": now - LATE})
    return RowCount(_open(table), table.since, late=kind.owed & due & free)


def _open(table: JobTable) -> "QuerySet[Any]":
    kind = table.kind
    return kind.model._default_manager.filter(kind.owed | kind.taken if kind.taken else kind.owed).order_by()


def _count(table: JobTable, found: Found) -> JobCount:
    error, column = "", table.kind.error
    if column and found.count:
        failed = _open(table).exclude(**{column: ""}).order_by(f"-{table.since}")
        error = failed.values_list(column, flat=True).first() or ""
    return JobCount(table.title, found.count, found.late, found.oldest, error)
