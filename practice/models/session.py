"""The practice session: one rehearsal."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from coach.ids import new_id
from practice.help import coaching_pauses
from practice.lifecycle import Difficulty, Language, ObjectiveStatus, Reason, SessionStatus
from practice.models.catalog import Scenario
from practice.persona.brief.role_brief import RoleBrief, parsed


class SessionQuerySet(models.QuerySet["PracticeSession"]):
    def without_briefs(self) -> Self:
        """Defer fields that only prompts and feedback read: kilobytes of JSON, parsed for every row."""
        return self.defer("brief", "behaviours", "role_brief")

    def locked(self, session_id: str) -> "PracticeSession | None":
        """The session without its briefs, locked until the transaction ends; None if it is gone.

        This is the one lock order: a transaction that writes more than one row of a session (its turns, recordings,
        evaluation, sockets, event number) locks the session first. A single conditional update of one row needs no
        lock.
        """
        return self.without_briefs().select_for_update(no_key=True).filter(pk=session_id).first()


class PracticeSession(models.Model):
    """A trainee's conversation in one scenario.

    `brief` is the scenario (in the API's form, skills included) as it was when the session was created. Prompts,
    checks, evaluation and history read it, so that a curator's edit does not affect current or past sessions.
    `behaviours` are its skills' behaviours with their example lines, by skill id: for the evaluator, never shown with
    the scenario. `role_brief` says how to play the other person: never shown, null if there is none. Deadlines are
    server times; null means not running. The first one reached ends the session.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    user_id = models.CharField(max_length=64)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="sessions")
    scenario_title = models.CharField(max_length=120)
    brief = models.JSONField()
    behaviours = models.JSONField(default=dict)
    role_brief = models.JSONField(null=True)
    voice = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=8, choices=Language.choices)
    status = models.CharField(max_length=16, choices=SessionStatus.choices, default=SessionStatus.PENDING)
    continues_from = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="continued_by")
    # The sequence, in the session it continues from, of the trainee's turn that is redone.
    continues_at = models.PositiveIntegerField(null=True)
    difficulty = models.CharField(max_length=16, choices=Difficulty.choices, default=Difficulty.REALISTIC)
    coaching = models.BooleanField(default=False)
    hints_used = models.PositiveIntegerField(default=0)
    # The latest one: {sequence of the AI turn it answers, hint, example, exampleShown}.
    last_hint = models.JSONField(null=True)
    # Each: {sequence of the AI turn before it, praise, quote, quoteSequence, next, pausedAt, resumedAt}.
    coaching_pauses = models.JSONField(default=list)
    # When the clocks stopped for the last of them; null while they run.
    coaching_paused_at = models.DateTimeField(null=True)

    client_session_started_at = models.DateTimeField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # History sorts by this: the start, or the creation time of a session that never became active.
    sorted_at = models.DateTimeField()

    idle_limit_seconds = models.PositiveIntegerField()
    duration_limit_seconds = models.PositiveIntegerField()
    queue_deadline = models.DateTimeField(null=True)
    duration_deadline = models.DateTimeField(null=True)
    idle_deadline = models.DateTimeField(null=True)
    socket_deadline = models.DateTimeField(null=True)
    # When the trainee began to speak; stops the idle clock for at most a minute.
    speech_started_at = models.DateTimeField(null=True)
    # A session that never had a socket is not ended for lacking one.
    had_socket = models.BooleanField(default=False)

    termination_reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)
    termination_latency_ms = models.PositiveIntegerField(null=True)
    objective_status = models.CharField(max_length=16, choices=ObjectiveStatus.choices, default=ObjectiveStatus.UNKNOWN)
    objective_reason = models.TextField(blank=True)
    # The number of events sent to sockets so far; a socket that sees a gap reads the database.
    event_number = models.PositiveIntegerField(default=0)
    # The client's measurements; the server keeps its own.
    client_telemetry = models.JSONField(null=True)
    # W3C traceparent of the request that started it: later work joins its trace.
    traceparent = models.CharField(max_length=64, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice session")
        verbose_name_plural = _("practice sessions")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SessionStatus.values), name="session_status_known"),
            models.CheckConstraint(
                condition=(Q(status=SessionStatus.ENDED) & ~Q(termination_reason="") & Q(ended_at__isnull=False))
                | (~Q(status=SessionStatus.ENDED) & Q(termination_reason="") & Q(ended_at=None)),
                name="session_ended_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(termination_reason__in=["", *Reason.values]), name="session_reason_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=SessionStatus.ACTIVE)
                | Q(started_at__isnull=False, duration_deadline__isnull=False),
                name="session_active_has_deadline",
            ),
            models.CheckConstraint(
                condition=Q(idle_limit_seconds__gte=1, duration_limit_seconds__gte=1),
                name="session_limits_positive",
            ),
            models.CheckConstraint(
                condition=Q(objective_status__in=ObjectiveStatus.values), name="session_objective_known"
            ),
            models.CheckConstraint(condition=Q(difficulty__in=Difficulty.values), name="session_difficulty_known"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at=None) | Q(ended_at__gte=F("started_at")),
                name="session_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "-sorted_at", "-id"], name="session_newest_first"),
            # For the admin, which lists everybody's sessions.
            models.Index(fields=["-sorted_at", "-id"], name="session_newest_of_all"),
            models.Index(fields=["user_id", "scenario", "-sorted_at", "-id"], name="session_by_scenario"),
            models.Index(fields=["user_id", "difficulty", "-sorted_at", "-id"], name="session_by_difficulty"),
            # Each holds all that the operators' page counts by, so that it reads no session.
            models.Index(
                fields=["started_at", "status", "termination_reason", "ended_at", "duration_deadline", "id"],
                name="session_by_start",
            ),
            models.Index(fields=["ended_at", "termination_latency_ms", "id"], name="session_by_end"),
            models.Index(
                fields=["user_id", "objective_status", "-sorted_at", "-id", "termination_reason"],
                name="session_by_outcome",
            ),
            models.Index(
                fields=["status", "created_at"], condition=~Q(status=SessionStatus.ENDED), name="session_open"
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def was_active(self) -> bool:
        return self.started_at is not None

    @property
    def own_from(self) -> int:
        """The first sequence that was said here; a redo begins with lines copied from its original."""
        return self.continues_at or 0

    @cached_property
    def parsed_role_brief(self) -> RoleBrief | None:
        """A session's brief never changes."""
        return None if self.role_brief is None else parsed(self.role_brief)

    @property
    def total_duration_seconds(self) -> int | None:
        """Seconds from activation to the end, without coaching pauses, rounded; None before the end."""
        if self.started_at is None or self.ended_at is None:
            return None
        paused = sum(coaching_pauses.lengths(self.coaching_pauses, ended_at=self.ended_at).values(), timedelta())
        return max(0, round((self.ended_at - self.started_at - paused).total_seconds()))
