"""Which web processes are alive and which sockets they hold: sockets are lost with their process."""

from django.db import models

from practice.models.session import PracticeSession


class WebProcess(models.Model):
    """One web process, alive while `seen_at` is fresh."""

    id = models.CharField(primary_key=True, max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="process_seen")]

    def __str__(self) -> str:
        return self.id


class LastSweep(models.Model):
    """When limits were last enforced, by the database's own clock: one row (`practice.limits.outage_time`)."""

    ONLY = 1

    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.at.isoformat()


class Socket(models.Model):
    """One open socket of a session."""

    id = models.CharField(primary_key=True, max_length=40)
    session = models.ForeignKey(PracticeSession, on_delete=models.CASCADE, related_name="sockets")
    process = models.ForeignKey(WebProcess, on_delete=models.CASCADE, related_name="sockets")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id
