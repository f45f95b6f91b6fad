"""What there is to tell LeanCloud, and which of its objects the records here are.

The tables have the names they were created with, as part of the audio storage.
"""

from django.db import models


class OutboxRow(models.Model):
    """A record whose copy in LeanCloud is out of date: the outbox, written by triggers in the record's transaction.

    One row a record: a later change makes the waiting row newer (`version`), so a backlog is never longer than the
    data. What is sent is the record as it is at that moment; a record that is gone is deleted there.
    """

    class_name = models.CharField(max_length=40)
    record_id = models.CharField(max_length=40)
    # The session it belongs to, by which an erasure is watched; empty for the catalog.
    session_id = models.CharField(max_length=40, blank=True, db_index=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "storage_mirrorrow"
        constraints = [models.UniqueConstraint(fields=["class_name", "record_id"], name="mirror_row_per_record")]

    def __str__(self) -> str:
        return f"{self.class_name}/{self.record_id}"


class RemoteObject(models.Model):
    """Which object of LeanCloud a record is there."""

    class_name = models.CharField(max_length=40)
    record_id = models.CharField(max_length=40)
    # Empty from before the first try to create it until its answer: a lost answer is looked up, not repeated.
    object_id = models.CharField(max_length=40, blank=True)
    remote_updated_at = models.CharField(max_length=40, blank=True)
    # Fields of the object that this product does not know, kept as they came.
    unknown = models.JSONField(default=dict)

    class Meta:
        db_table = "storage_remoteobject"
        constraints = [
            models.UniqueConstraint(fields=["class_name", "record_id"], name="remote_object_per_record"),
            models.UniqueConstraint(
                fields=["class_name", "object_id"], condition=~models.Q(object_id=""), name="record_per_remote_object"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.class_name}/{self.record_id} → {self.object_id}"


class OutboxLease(models.Model):
    """Who delivers the outbox: one worker at a time, so that a record's writes arrive in order."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        db_table = "storage_mirrorlease"

    def __str__(self) -> str:
        return self.holder
