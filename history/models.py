"""What history itself records: openings of past sessions, erasures, archives, spoken words and session totals."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from coach.ids import new_id
from practice.lifecycle import Lifecycle
from practice.models import PracticeSession, Scenario


class Tally(models.Model):
    """A trainee's totals for a scenario: sessions, how many of them were held (begun and ended), and their seconds.

    Written by triggers only (`history.tally`); without sessions there is no row.
    """

    user_id = models.CharField(max_length=64)
    # No constraint needed: the sessions themselves protect the scenario.
    scenario = models.ForeignKey(
        Scenario, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    sessions = models.IntegerField()
    held = models.IntegerField()
    seconds = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "scenario"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.scenario_id}: {self.sessions}"


class SpokenWords(models.Model):
    """What was said in an ended session, as searchable terms (`history.spoken_words`)."""

    session = models.OneToOneField(PracticeSession, on_delete=models.CASCADE, related_name="spoken_words")
    words = models.TextField()

    def __str__(self) -> str:
        return self.session_id


class Goal(models.Model):
    """A trainee's goal: how often per week, and what for in their own words."""

    user_id = models.CharField(max_length=64, unique=True)
    per_week = models.PositiveSmallIntegerField()
    wish = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(per_week__gte=1, per_week__lte=14), name="goal_within_a_week"),
        ]

    def __str__(self) -> str:
        return f"{self.per_week} a week"


class Visit(models.Model):
    """One opening of an ended session, with the navigation steps that led to it (SC-004)."""

    session = models.ForeignKey(PracticeSession, on_delete=models.CASCADE, related_name="visits")
    step_count = models.PositiveIntegerField()
    latency_ms = models.PositiveIntegerField(null=True)
    opened_at = models.DateTimeField()
    # Polling continues the visit that the client began.
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(step_count__gte=1), name="visit_takes_a_step")]
        indexes = [
            models.Index(fields=["session", "-last_seen_at"], name="visit_latest"),
            models.Index(fields=["opened_at"], name="visit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} in {self.step_count}"


class Erasure(models.Model):
    """A session that was erased here at `requested_at`, and in all stores by `confirmed_at`.

    Contains only the session's id, so that an operator can see that a promise was kept.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    user_id = models.CharField(max_length=64)
    session_id = models.CharField(max_length=40, unique=True)
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    # When the ledger outside this database recorded it.
    noted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(confirmed_at=None), name="erasure_outstanding"),
            models.Index(fields=["requested_at"], condition=Q(noted_at=None), name="erasure_not_in_ledger"),
        ]
        permissions = [("manage_operations", "Can retry and give up jobs and erase what is due")]

    def __str__(self) -> str:
        return self.session_id


class RetentionRun(models.Model):
    """One retention run: who started it, when, and how many of each kind it erased.

    `night`: the operator's day of a nightly run; null if somebody started it. `by`: who; empty for the schedule.
    """

    night = models.DateField(null=True, unique=True)
    by = models.CharField(max_length=150, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    erased = models.JSONField(default=dict)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}"


class CountedDay(models.Model):
    """One past day (UTC), counted for the operator's page by `history.operator_reports.counted_days`.

    `criteria`: by a success criterion's code, a list of `[step of the day, kept, missed]`. `first_audio`: how many
    replies began after how many milliseconds.
    """

    day = models.DateField(primary_key=True)
    criteria = models.JSONField()
    first_audio = models.JSONField()
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)


class ArchiveStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    BUILDING = "building", _("Being created")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


ARCHIVE = Lifecycle(
    "status",
    {
        ArchiveStatus.WAITING: frozenset({ArchiveStatus.BUILDING, ArchiveStatus.FAILED}),
        # Building again: the previous builder went silent.
        ArchiveStatus.BUILDING: frozenset({ArchiveStatus.BUILDING, ArchiveStatus.READY, ArchiveStatus.FAILED}),
        ArchiveStatus.READY: frozenset(),
        ArchiveStatus.FAILED: frozenset(),
    },
)


class Archive(models.Model):
    """All of a trainee's data as one file, built in the background and kept for a day."""

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    user_id = models.CharField(max_length=64, db_index=True)
    status = models.CharField(max_length=16, choices=ArchiveStatus.choices, default=ArchiveStatus.WAITING)
    requested_at = models.DateTimeField()
    # The builder renews its claim; if it goes silent, another one takes over.
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(null=True)
    store = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=255, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ArchiveStatus.values), name="archive_status_known"),
            models.CheckConstraint(
                condition=~Q(status=ArchiveStatus.READY) | (~Q(key="") & Q(expires_at__isnull=False)),
                name="archive_ready_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0
