"""One turn of a conversation."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact

from coach.ids import new_id
from coach.storage.models import AudioFile
from practice.lifecycle import AsrStatus, ReplyStatus, Speaker
from practice.models.session import PracticeSession


class TurnQuerySet(models.QuerySet["Turn"]):
    def said(self) -> Self:
        """The turns of a transcript: every trainee turn, and every AI turn whose words are stored."""
        return self.filter(Q(speaker=Speaker.TRAINEE) | Q(transcript__isnull=False))

    def own(self) -> Self:
        """Without the lines that a redo has from its original."""
        return self.filter(Q(session__continues_at=None) | Q(sequence__gte=F("session__continues_at")))

    def under_way(self) -> Self:
        """AI turns that are owed or being said."""
        return self.filter(reply_status__in=[ReplyStatus.DUE, ReplyStatus.SPEAKING])


class Turn(models.Model):
    """The AI has the even sequences, the trainee the odd ones.

    An AI turn is a row from the moment it is owed (`reply_status` due); the process that holds its lease says it. It
    gets a transcript, however short, when it is stored; one that was given up before its first word never gets one.
    `latency_ms` is from acceptance of the trainee's turn (turn 0: from activation) to the first audio sent.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    session = models.ForeignKey(PracticeSession, on_delete=models.CASCADE, related_name="turns")
    sequence = models.PositiveIntegerField()
    speaker = models.CharField(max_length=8, choices=Speaker.choices)
    transcript = models.TextField(null=True)  # noqa: DJ001 (null: not known yet; empty: nothing was said)
    audio = models.OneToOneField(AudioFile, null=True, on_delete=models.SET_NULL, related_name="turn")
    context = models.TextField(null=True)  # noqa: DJ001 (the API tells absent from empty)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    interrupted = models.BooleanField(default=False)
    # The recognised text, if the trainee corrected it; the character ranges that the recogniser was unsure of.
    original_transcript = models.TextField(null=True)  # noqa: DJ001 (null: never corrected)
    corrected_at = models.DateTimeField(null=True)
    doubtful = models.JSONField(default=list)
    # Speech and pauses measured in the recording (`practice.delivery.TurnDelivery`); null if there is none.
    delivery = models.JSONField(null=True)

    asr_status = models.CharField(max_length=16, choices=AsrStatus.choices, null=True)  # noqa: DJ001
    asr_attempts = models.PositiveIntegerField(default=0)
    asr_claimed_until = models.DateTimeField(null=True)
    asr_next_attempt_at = models.DateTimeField(null=True)

    reply_status = models.CharField(max_length=16, choices=ReplyStatus.choices, null=True)  # noqa: DJ001
    reply_attempts = models.PositiveIntegerField(default=0)
    lease_holder = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    # Barge-in: how much of it was heard, known before the speaking process has stopped.
    heard_ms = models.PositiveIntegerField(null=True)
    # When to check whether this reply ended the conversation; null: not needed, or done.
    objective_check_at = models.DateTimeField(null=True)
    objective_attempts = models.PositiveIntegerField(default=0)
    # AI turns: the service refused this content, or the turn it answers. No model is given these two turns again.
    content_refused = models.BooleanField(default=False)
    # AI turns of a session with a role brief: the persona's state after this reply (`practice/persona/rules`).
    role_state = models.JSONField(null=True)

    objects = TurnQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["session", "sequence"], name="turn_sequence_unique"),
            models.CheckConstraint(
                condition=Q(speaker=Speaker.AI, reply_status__in=ReplyStatus.values, asr_status=None)
                | Q(speaker=Speaker.TRAINEE, reply_status=None),
                name="turn_states_fit_speaker",
            ),
            models.CheckConstraint(
                condition=(Q(speaker=Speaker.AI) & Exact(F("sequence") % 2, 0))
                | (Q(speaker=Speaker.TRAINEE) & Exact(F("sequence") % 2, 1)),
                name="turn_alternates",
            ),
            models.CheckConstraint(
                condition=Q(asr_status=None) | Q(asr_status__in=AsrStatus.values), name="turn_asr_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(reply_status__in=[ReplyStatus.DUE, ReplyStatus.SPEAKING]),
                name="turn_reply_owed",
            ),
            models.Index(
                fields=["asr_next_attempt_at"], condition=Q(asr_status=AsrStatus.PENDING), name="turn_asr_owed"
            ),
            models.Index(
                fields=["created_at", "latency_ms"],
                condition=Q(latency_ms__isnull=False),
                name="turn_first_audio",
            ),
            models.Index(fields=["created_at"], condition=Q(asr_status=AsrStatus.FAILED), name="turn_asr_failed"),
            models.Index(fields=["created_at"], condition=Q(reply_status=ReplyStatus.FAILED), name="turn_reply_failed"),
            # With neither a recording nor words: one whose reply is being spoken, or a loss.
            models.Index(
                fields=["created_at", "session"],
                condition=Q(audio=None) & (Q(transcript=None) | Q(transcript="")),
                name="turn_without_words",
            ),
            models.Index(
                fields=["objective_check_at"],
                condition=Q(objective_check_at__isnull=False),
                name="turn_objective_check_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}#{self.sequence}"
