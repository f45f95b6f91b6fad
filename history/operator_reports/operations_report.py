"""Reports the present state: capacity in use, and work that is late, failing or given up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from coach.config import config
from coach.database import counting
from coach.database.counting import Found, RowCount
from coach.storage.models import AudioDeletion, AudioFile
from evaluations import evaluation_job
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from evaluations.requeue import requeue
from history import erasure, export
from history.models import Archive, ArchiveStatus
from practice.lifecycle import AsrStatus, ReplyStatus
from practice.limits import capacity
from practice.models import Turn
from practice.turns import transcription


@dataclass(frozen=True)
class CapacityInUse:
    """How many sessions are active and waiting, and the limits."""

    active: int
    active_max: int
    waiting: int
    waiting_max: int


def places() -> CapacityInUse:
    return CapacityInUse(capacity.active(), config.max_active, len(capacity.waiting()), config.max_pending)


Act = Callable[[str, datetime], bool]
"""Act on the piece of work with this key; False if it is no longer in the right state."""


@dataclass(frozen=True)
class Trouble:
    """A kind of work that is late or failing: how many, since when, and a few examples.

    `can_retry` and `can_give_up`: what an operator can do about one.
    """

    name: str
    title: str | Promise
    help: str | Promise
    count: int
    oldest: datetime | None
    rows: list["Stuck"]
    can_retry: bool = False
    can_give_up: bool = False


@dataclass(frozen=True)
class Stuck:
    """One such piece of work; `session_id` if the session's page says more."""

    what: str
    error: str
    at: datetime | None
    session_id: str = ""
    key: str = ""


SHOWN = 8
# How many of a kind one press of a button retries.
AT_ONCE = 500


@dataclass(frozen=True)
class TroubleKind:
    """How to find one kind of trouble, and what can be done about it.

    `is_past`: it stays as it is until somebody acts, so only the chosen period is counted.
    """

    name: str
    title: str | Promise
    help: str | Promise
    rows: Callable[[], "QuerySet[Any]"]
    since: str
    tell: Callable[[Any], Stuck]
    retry: Act | None = None
    give_up: Act | None = None
    applies: Callable[[], bool] = lambda: True
    is_past: bool = False

    def of_period(self, begins: datetime) -> "QuerySet[Any]":
        return self.rows().filter(**{f"{self.since}__gte": begins}) if self.is_past else self.rows()

    def found(self, summary: Found, begins: datetime) -> Trouble:
        """One query where there is any, none else."""
        shown = [self.tell(row) for row in self.of_period(begins)[:SHOWN]] if summary.count else []
        return Trouble(
            self.name,
            self.title,
            self.help,
            summary.count,
            summary.oldest,
            shown,
            can_retry=self.retry is not None,
            can_give_up=self.give_up is not None,
        )


def troubles(begins: datetime) -> list[Trouble]:
    """Every kind of trouble in the period that begins then; a count of 0 is good news."""
    asked = [kind for kind in kinds if kind.applies()]
    summaries = counting.count({kind.name: RowCount(kind.of_period(begins), kind.since) for kind in asked})
    return [kind.found(summaries[kind.name], begins) for kind in asked]


def act(name: str, what: str, key: str, *, now: datetime) -> bool:
    """`retry` or `give_up` one piece of work of a kind; False where that is not possible (any more)."""
    for kind in kinds:
        if kind.name == name and kind.applies():
            verb = {"retry": kind.retry, "give_up": kind.give_up}.get(what)
            return verb is not None and verb(key, now)
    return False


def retry_all(name: str, *, begins: datetime, now: datetime) -> int:
    """Retry what `troubles` counts of a kind, the latest `AT_ONCE`; returns how many are tried again."""
    retried = 0
    for kind in kinds:
        if kind.name == name and kind.applies() and kind.retry:
            keys = kind.of_period(begins).values_list("pk", flat=True)[:AT_ONCE]
            retried = sum(kind.retry(str(key), now) for key in list(keys))
    return retried


def _requeue(key: str, now: datetime) -> bool:
    failed = Evaluation.objects.filter(pk=key).first()
    return failed is not None and requeue(failed, now=now)


def _give_up_evaluation(key: str, now: datetime) -> bool:
    return evaluation_job.give_up(key, said("Given up by an operator."), now=now)


def _upload_now(key: str, now: datetime) -> bool:
    return bool(AudioFile.objects.filter(pk=key, settled_at=None).update(next_attempt_at=now))


def _delete_now(key: str, now: datetime) -> bool:
    return key.isdecimal() and bool(AudioDeletion.objects.filter(pk=int(key)).update(next_attempt_at=now))


def _about_session(row: Any, error: str, at: datetime | None) -> Stuck:
    """Named by the title of its scenario, because nobody knows a session by its id."""
    return Stuck(row.session.scenario_title, error, at, row.session_id, str(row.pk))


def _about_turn(turn: Turn) -> Stuck:
    what = said("%(title)s, turn %(sequence)s") % {"title": turn.session.scenario_title, "sequence": turn.sequence}
    return Stuck(what, "", turn.created_at, turn.session_id, str(turn.pk))


def _about_recording(audio: AudioFile) -> Stuck:
    turn: Turn | None = getattr(audio, "turn", None)
    told = _about_turn(turn) if turn else Stuck(said("a recording of no turn"), "", None)
    return Stuck(told.what, audio.last_error, audio.created_at, told.session_id, audio.pk)


def _turns() -> "QuerySet[Turn]":
    untold = ("session__brief", "session__behaviours", "session__role_brief")
    return Turn.objects.select_related("session").defer(*untold).order_by("-created_at")


def _evaluations() -> "QuerySet[Evaluation]":
    untold = ("session__brief", "session__behaviours", "session__role_brief")
    return Evaluation.objects.select_related("session").defer(*untold).order_by("-queued_at")


kinds: list[TroubleKind] = [
    TroubleKind(
        "evaluations-failed",
        _("Evaluations that failed"),
        _("Retry once the cause is gone: the last error says what it was."),
        lambda: _evaluations().filter(status=EvaluationStatus.FAILED),
        "queued_at",
        lambda row: _about_session(row, row.last_error, row.queued_at),
        retry=_requeue,
        is_past=True,
    ),
    TroubleKind(
        "evaluations-retried",
        _("Evaluations that failed once and are being retried"),
        _("They are retried automatically. Give one up if it can't succeed: the trainee is told."),
        lambda: _evaluations().filter(status=EvaluationStatus.PENDING).exclude(last_error=""),
        "queued_at",
        lambda row: _about_session(row, row.last_error, row.queued_at),
        give_up=_give_up_evaluation,
    ),
    TroubleKind(
        "transcriptions-failed",
        _("Recordings that could not be transcribed"),
        _("The recordings are kept; trainees can ask for another try in their history."),
        lambda: _turns().filter(asr_status=AsrStatus.FAILED),
        "created_at",
        _about_turn,
        retry=lambda key, now: transcription.request_again(key, now=now),
        is_past=True,
    ),
    TroubleKind(
        "transcriptions-retried",
        _("Transcriptions that failed once and are being retried"),
        _("They are retried automatically; giving one up lets the evaluation go on without its words."),
        lambda: _turns().filter(asr_status=AsrStatus.PENDING, asr_attempts__gt=0),
        "created_at",
        _about_turn,
        give_up=lambda key, now: transcription.give_up(key, now=now),
    ),
    TroubleKind(
        "replies-given-up",
        _("AI replies that were given up"),
        _("The model was unavailable; the trainee was offered a new session that goes on from there."),
        lambda: _turns().filter(reply_status=ReplyStatus.FAILED),
        "created_at",
        _about_turn,
        is_past=True,
    ),
    TroubleKind(
        "exports-failed",
        _("Exports that failed"),
        _("The trainee was told and can ask for it again; the log names the fault."),
        lambda: Archive.objects.filter(status=ArchiveStatus.FAILED).order_by("-requested_at"),
        "requested_at",
        lambda row: Stuck(row.user_id, "", row.requested_at, "", row.pk),
        is_past=True,
    ),
    TroubleKind(
        "exports-retried",
        _("Exports that failed once and are being retried"),
        _("Give one up where it cannot succeed: the trainee is told and can ask again."),
        lambda: Archive.objects.filter(
            status__in=[ArchiveStatus.WAITING, ArchiveStatus.BUILDING], attempts__gt=1
        ).order_by("-requested_at"),
        "requested_at",
        lambda row: Stuck(row.user_id, "", row.requested_at, "", row.pk),
        give_up=lambda key, now: export.give_up(key),
    ),
    TroubleKind(
        "recordings-unsettled",
        _("Recordings not yet uploaded to their store"),
        _("They are safe in the database and are retried automatically."),
        lambda: (
            AudioFile.objects.filter(settled_at=None)
            .exclude(last_error="")
            .select_related("turn__session")
            .defer("content", "turn__session__brief", "turn__session__behaviours", "turn__session__role_brief")
            .order_by("-created_at")
        ),
        "created_at",
        _about_recording,
        retry=_upload_now,
    ),
    TroubleKind(
        "deletions-owed",
        _("Deletions that a store has not confirmed yet"),
        _("Nobody can reach these recordings any more; their deletion is retried automatically."),
        lambda: AudioDeletion.objects.exclude(last_error="").order_by("-created_at"),
        "created_at",
        lambda row: Stuck(str(row), row.last_error, row.created_at, "", str(row.pk)),
        retry=_delete_now,
    ),
    TroubleKind(
        "erasures-unconfirmed",
        _("Deletions that aren't complete in every store"),
        _("The sessions are gone here; this counts stores that haven't confirmed yet."),
        erasure.outstanding,
        "requested_at",
        lambda row: Stuck(row.session_id, "", row.requested_at, "", row.pk),
    ),
]
"""Optional parts add theirs."""
