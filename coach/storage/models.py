"""Audio, from the moment it is accepted until its last copy is gone."""

from django.db import models

from coach.ids import new_id


class AudioFile(models.Model):
    """One recording (MP3).

    It is accepted into `content`, in the transaction of its turn, so that no store can be down at that moment; a job
    then settles it into the audio store and, when its conversation must be over, empties `content`. `store` and `key`
    say where the settled bytes are.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    content = models.BinaryField(null=True)
    store = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=255, blank=True)
    # The store that a worker has begun to write it into: an erasure finds the copy there as well.
    bound_for = models.CharField(max_length=16, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content__isnull=False) | ~models.Q(store=""),
                name="audio_is_here_or_in_a_store",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(settled_at=None), name="audio_to_settle"),
            models.Index(fields=["settled_at"], condition=models.Q(content__isnull=False), name="audio_to_let_go"),
        ]

    def __str__(self) -> str:
        return self.id


class AudioDeletion(models.Model):
    """Bytes that must go from a store, or that are being written and belong to nothing yet (`coach.storage.copies`).

    The row stays until the store has confirmed the deletion, or a record has taken the bytes over.
    """

    store = models.CharField(max_length=16)
    key = models.CharField(max_length=255)
    # The erasure that asked for it; empty for a copy that was merely replaced.
    erasure = models.CharField(max_length=40, blank=True, db_index=True)
    # The record for which the bytes are being written.
    subject = models.CharField(max_length=40, blank=True, db_index=True)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_index=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="audio_deleted_once")]

    def __str__(self) -> str:
        return f"{self.store}:{self.key}"


class MirrorRow(models.Model):
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
        constraints = [
            models.UniqueConstraint(fields=["class_name", "record_id"], name="remote_object_per_record"),
            models.UniqueConstraint(
                fields=["class_name", "object_id"], condition=~models.Q(object_id=""), name="record_per_remote_object"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.class_name}/{self.record_id} → {self.object_id}"


class MirrorLease(models.Model):
    """Who delivers the outbox: one worker at a time, so that a record's writes arrive in order."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.CharField(max_length=64)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return self.holder
