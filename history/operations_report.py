"""How the product keeps its promises, counted from the records: SC-001 to SC-004, places, and what is stuck."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach.config import config
from coach.storage.models import AudioDeletion, AudioFile
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from history import erasure
from history.models import Archive, ArchiveStatus, Visit
from history.visits import STEPS_TARGET
from practice import capacity
from practice.lifecycle import AsrStatus, ReplyStatus, SessionStatus
from practice.models import PracticeSession, Turn

ENDS_WITHIN_MS = 2_000
READY_WITHIN = timedelta(seconds=60)
FEW = 20
"""Below so many, a share says little."""


@dataclass(frozen=True)
class SuccessCriterion:
    """A success criterion: `kept` of `of` records; the share is None where there are none."""

    code: str
    words: str | Promise
    target: int
    kept: int
    of: int

    @property
    def share(self) -> float | None:
        """In percent."""
        return 100 * self.kept / self.of if self.of else None

    @property
    def is_met(self) -> bool | None:
        return None if self.share is None else self.share >= self.target

    @property
    def is_few(self) -> bool:
        return 0 < self.of < FEW


def criteria(*, now: datetime, days: int) -> list[SuccessCriterion]:
    """SC-001 to SC-004 over the last `days`."""
    since = now - timedelta(days=days)
    return [_ended_whole(since, now), _ended_in_time(since), _evaluated_in_time(since, now), _found_quickly(since)]


def _ended_whole(since: datetime, now: datetime) -> SuccessCriterion:
    """Of those that should have ended by now. Saved: every turn that was said has its words or its recording."""
    due = PracticeSession.objects.filter(started_at__gte=since).filter(
        Q(status=SessionStatus.ENDED) | Q(duration_deadline__lt=now)
    )
    lost = Turn.objects.filter(session=OuterRef("pk"), audio=None).filter(Q(transcript=None) | Q(transcript=""))
    lost = lost.exclude(reply_status__in=[ReplyStatus.DUE, ReplyStatus.SPEAKING, ReplyStatus.FAILED])
    whole = Q(status=SessionStatus.ENDED) & ~Q(termination_reason="") & ~Exists(lost)
    words = _("Sessions that ended with a reason and a saved transcript or recording of every turn")
    return SuccessCriterion("SC-001", words, 90, due.filter(whole).count(), due.count())


def _ended_in_time(since: datetime) -> SuccessCriterion:
    ended = PracticeSession.objects.filter(ended_at__gte=since, termination_latency_ms__isnull=False)
    words = _("Ends that were stored and pushed within 2 s of the limit or decision")
    in_time = ended.filter(termination_latency_ms__lte=ENDS_WITHIN_MS).count()
    return SuccessCriterion("SC-002", words, 95, in_time, ended.count())


def _evaluated_in_time(since: datetime, now: datetime) -> SuccessCriterion:
    """What is still within its minute is not counted yet."""
    due = Evaluation.objects.filter(session__ended_at__gte=since).filter(
        Q(status__in=[EvaluationStatus.COMPLETED, EvaluationStatus.FAILED])
        | Q(session__ended_at__lt=now - READY_WITHIN)
    )
    took = ExpressionWrapper(F("completed_at") - F("session__ended_at"), output_field=DurationField())
    ready = due.filter(completed_at__isnull=False).annotate(took=took).filter(took__lte=READY_WITHIN)
    return SuccessCriterion(
        "SC-003", _("Evaluations that were ready within 60 s of the end"), 90, ready.count(), due.count()
    )


def _found_quickly(since: datetime) -> SuccessCriterion:
    visits = Visit.objects.filter(opened_at__gte=since)
    words = _("Past sessions that were opened in at most 2 steps")
    return SuccessCriterion("SC-004", words, 95, visits.filter(step_count__lte=STEPS_TARGET).count(), visits.count())


@dataclass(frozen=True)
class CapacityInUse:
    """How many talk and wait, and how many may."""

    active: int
    active_max: int
    waiting: int
    waiting_max: int


def places() -> CapacityInUse:
    return CapacityInUse(capacity.active(), config.max_active, len(capacity.waiting()), config.max_pending)


@dataclass(frozen=True)
class Trouble:
    """A kind of work that is late or failing: how many, since when, and a few of them."""

    title: str | Promise
    help: str | Promise
    count: int
    oldest: datetime | None
    rows: list["Stuck"]


@dataclass(frozen=True)
class Stuck:
    """One piece of such work; `session_id` where a session's page tells more."""

    what: str
    error: str
    at: datetime | None
    session_id: str = ""


SHOWN = 8

more_troubles: list[Callable[[], list[Trouble]]] = []
"""What parts that may be absent have to show."""


def troubles() -> list[Trouble]:
    """Every kind of unfinished promise; a count of 0 is good news."""
    return [
        _evaluations_failed(),
        _turns_unheard(),
        _replies_given_up(),
        _exports_given_up(),
        _recordings_unsettled(),
        _deletions_owed(),
        _erasures_unconfirmed(),
        *(trouble for more in more_troubles for trouble in more()),
    ]


def _evaluations_failed() -> Trouble:
    failed = Evaluation.objects.filter(status=EvaluationStatus.FAILED)
    return trouble_of(
        _("Evaluations that failed"),
        _("Open the session and queue it again once the cause is gone."),
        failed.order_by("-queued_at"),
        "queued_at",
        lambda row: Stuck(row.pk, row.last_error, row.queued_at, row.session_id),
    )


def _turns_unheard() -> Trouble:
    return trouble_of(
        _("Recordings that could not be transcribed"),
        _("The recordings are kept; trainees can ask for another try in their history."),
        Turn.objects.filter(asr_status=AsrStatus.FAILED).order_by("-created_at"),
        "created_at",
        lambda row: Stuck(str(row), "", row.created_at, row.session_id),
    )


def _replies_given_up() -> Trouble:
    return trouble_of(
        _("Replies of the AI that were given up"),
        _("The model was unavailable; the trainee was offered a new session that goes on from there."),
        Turn.objects.filter(reply_status=ReplyStatus.FAILED).order_by("-created_at"),
        "created_at",
        lambda row: Stuck(str(row), "", row.created_at, row.session_id),
    )


def _exports_given_up() -> Trouble:
    return trouble_of(
        _("Exports that could not be put together"),
        _("The trainee was told and can ask for it again; the log names the fault."),
        Archive.objects.filter(status=ArchiveStatus.FAILED).order_by("-requested_at"),
        "requested_at",
        lambda row: Stuck(row.pk, "", row.requested_at),
    )


def _recordings_unsettled() -> Trouble:
    return trouble_of(
        _("Recordings that their store has not taken yet"),
        _("They are safe in the database and are tried again by themselves."),
        AudioFile.objects.filter(settled_at=None).exclude(last_error="").defer("content").order_by("-created_at"),
        "created_at",
        lambda row: Stuck(row.pk, row.last_error, row.created_at),
    )


def _deletions_owed() -> Trouble:
    return trouble_of(
        _("Deletions that a store has not confirmed yet"),
        _("Nobody can reach these recordings any more; the store is asked again by itself."),
        AudioDeletion.objects.exclude(last_error="").order_by("-created_at"),
        "created_at",
        lambda row: Stuck(str(row), row.last_error, row.created_at),
    )


def _erasures_unconfirmed() -> Trouble:
    return trouble_of(
        _("Erasures that are not complete in every store"),
        _("The sessions are gone here; this counts what still waits for a store’s word."),
        erasure.outstanding(),
        "requested_at",
        lambda row: Stuck(row.session_id, "", row.requested_at),
    )


def trouble_of(
    title: str | Promise, words: str | Promise, rows: "QuerySet[Any]", since: str, tell: Callable[[Any], Stuck]
) -> Trouble:
    summary = rows.order_by().aggregate(count=Count("pk"), oldest=Min(since))
    return Trouble(title, words, summary["count"], summary["oldest"], [tell(row) for row in rows[:SHOWN]])
