"""The outbox for LeanCloud, and the mapping between records and LeanCloud objects.

The tables keep the names they got as part of the audio storage.
"""

from django.db import models


class OutboxRow(models.Model):
    """A record whose copy in LeanCloud is out of date. Written by triggers in the record's transaction.

    One row per record: a later change raises `version` of the waiting row, so the backlog cannot outgrow the data. The
    record is sent as it is at delivery; if it no longer exists, its object is deleted.
    """

    class_name = models.CharField(max_length=40)
    record_id = models.CharField(max_length=40)
    # The session it belongs to, so that an erasure can wait for it; empty for the catalog.
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
    """The LeanCloud object of a record."""

    class_name = models.CharField(max_length=40)
    record_id = models.CharField(max_length=40)
    # Empty between sending a create and receiving its answer; a lost answer is looked up, not resent.
    object_id = models.CharField(max_length=40, blank=True)
    remote_updated_at = models.CharField(max_length=40, blank=True)
    # Fields of the object that this product does not know, kept unchanged.
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
    """The delivery lease. One worker delivers at a time, so that a record's writes arrive in order."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        db_table = "storage_mirrorlease"

    def __str__(self) -> str:
        return self.holder
