"""What history itself records: openings of past sessions, and erasures."""

from django.db import models
from django.db.models import Q

from coach.ids import new_id
from practice.models import PracticeSession


class Visit(models.Model):
    """One opening of an ended session, with the navigation steps that led to it (SC-004)."""

    session = models.ForeignKey(PracticeSession, on_delete=models.CASCADE, related_name="visits")
    step_count = models.PositiveIntegerField()
    latency_ms = models.PositiveIntegerField(null=True)
    opened_at = models.DateTimeField()
    # A client that polls goes on with the visit it began.
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
    """A session that was erased here at `requested_at`, and whose copies in stores are gone at `confirmed_at`.

    Holds nothing of the session but its id, so that an operator can see that a promise was kept.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    user_id = models.CharField(max_length=64)
    session_id = models.CharField(max_length=40, unique=True)
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["requested_at"], condition=Q(confirmed_at=None), name="erasure_outstanding")]

    def __str__(self) -> str:
        return self.session_id
