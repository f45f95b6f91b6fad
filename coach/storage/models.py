"""Audio files, from the moment they are accepted until the last copy is gone."""

from django.db import models

from coach.ids import new_id


class AudioFile(models.Model):
    """One recording (MP3).

    It is accepted into `content`, in the transaction of its turn, so that no store can be down at that moment. A job
    then uploads it to the audio store and, once its conversation must be over, empties `content`. `store` and `key` say
    where the uploaded bytes are.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    content = models.BinaryField(null=True)
    store = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=255, blank=True)
    # The store to which a worker has begun to upload it, so that an erasure finds the copy there as well.
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
    """Bytes to be deleted from a store, or being written without an owner yet (`coach.storage.copies`).

    The row stays until the store has confirmed the deletion, or a record has taken over the bytes.
    """

    store = models.CharField(max_length=16)
    key = models.CharField(max_length=255)
    # The erasure that asked for it; empty for a copy that was merely replaced.
    erasure = models.CharField(max_length=40, blank=True, db_index=True)
    # The record that the bytes are being written for.
    subject = models.CharField(max_length=40, blank=True, db_index=True)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_index=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="audio_deleted_once")]

    def __str__(self) -> str:
        return f"{self.store}:{self.key}"
