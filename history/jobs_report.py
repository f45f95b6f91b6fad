"""Durable work by kind (`coach.jobs`): how much is open, how much of it is late, and the last fault."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach.jobs import JobKind
from coach.storage.audio_upload import DELETION, SETTLING
from evaluations.queue import EVALUATION
from history.export import EXPORT
from history.retention import RUN
from practice.turns.objective import CHECK
from practice.turns.replies import REPLY
from practice.turns.transcription import TRANSCRIPTION

LATE = timedelta(seconds=60)
"""A job that has been due for so long should have been begun."""


@dataclass(frozen=True)
class JobCount:
    """`open`: not done yet, waiting or under way. `late` of them are due and nobody's; `oldest` is the first."""

    title: str | Promise
    open: int
    late: int
    oldest: datetime | None
    last_error: str


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
    JobTable(_("Recordings on their way to the store"), SETTLING, "created_at"),
    JobTable(_("Deletions in stores"), DELETION, "created_at"),
    JobTable(_("Exports"), EXPORT, "requested_at"),
    JobTable(_("Nightly erasure"), RUN, "started_at"),
]


def jobs(now: datetime) -> list[JobCount]:
    """Two queries a kind, whatever the number of rows."""
    return [_count(table, now) for table in tables]


def _count(table: JobTable, now: datetime) -> JobCount:
    kind = table.kind
    rows = kind.model._default_manager.filter(kind.owed | kind.taken if kind.taken else kind.owed).order_by()
    due = Q(**{f"{kind.due_at or table.since}__lt": now - LATE})
    free = Q(**{kind.held_until: None}) | Q(**{f"{kind.held_until}__lt": now - LATE})
    summary = rows.aggregate(open=Count("pk"), late=Count("pk", filter=kind.owed & due & free), oldest=Min(table.since))
    error = ""
    if kind.error and summary["open"]:
        failed = rows.exclude(**{kind.error: ""}).order_by(f"-{table.since}")
        error = failed.values_list(kind.error, flat=True).first() or ""
    return JobCount(table.title, summary["open"], summary["late"], summary["oldest"], error)
