"""The feedback on a session, stored as it was given."""

from django.db import models
from django.db.models import F, Q

from coach.ids import new_id
from evaluations.findings.ratings import Answer
from evaluations.lifecycle import TRIES_IN_A_ROW, EvaluationStatus
from practice.catalog.behaviours import KEY_MAX, TEXT_MAX, BehaviourKind
from practice.catalog.rubric import RATINGS
from practice.models import PracticeSession

RATED_BY_RUBRIC, RATED_BY_BEHAVIOURS = 1, 2
"""Forms of an evaluation: ratings chosen by a model, and ratings computed from behaviours."""
REASON_MAX = 500


class Evaluation(models.Model):
    """The one evaluation of a session that was active and has ended; a row from the moment it ends.

    Pending: a worker takes it at `next_attempt_at`. Running: the worker with `claim` has it until `claimed_until`.
    While a completed one is read again, or that failed, its result stands: scores, criteria and words are kept until
    the new ones are stored.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    session = models.OneToOneField(PracticeSession, on_delete=models.CASCADE, related_name="evaluation")
    status = models.CharField(max_length=16, choices=EvaluationStatus.choices, default=EvaluationStatus.PENDING)
    queued_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    # Every try begun; those since it was queued (again); whether the next one is already counted (the first after a
    # requeue is).
    attempts = models.PositiveIntegerField(default=0)
    tries_in_a_row = models.PositiveIntegerField(default=0)
    try_counted = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(null=True)
    claim = models.CharField(max_length=40, blank=True)
    claimed_until = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=400, blank=True)

    evaluator_model = models.CharField(max_length=120, blank=True)
    scored_locally = models.BooleanField(default=False)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    latency_ms = models.PositiveIntegerField(null=True)

    summary = models.TextField(blank=True)
    strengths = models.TextField(blank=True)
    gaps = models.TextField(blank=True)
    dropped_quotes = models.PositiveIntegerField(default=0)
    # Spoken turns without a transcript when it was scored.
    unheard_turns = models.PositiveIntegerField(default=0)

    shape = models.PositiveSmallIntegerField(default=RATED_BY_BEHAVIOURS)
    # Behaviours on which two readings agreed, of those that both answered; null if there was one reading.
    agreed = models.PositiveIntegerField(null=True)
    agreed_of = models.PositiveIntegerField(null=True)
    # Hints at what the other person would have told or agreed to, one line of text each.
    doors = models.JSONField(default=list)
    # When the transcript was read: a line corrected later calls for a new reading.
    transcript_read_at = models.DateTimeField(null=True)
    # When the trainee first asked for the scores: no self-assessment after that.
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="evaluation_state_is_whole",
                condition=Q(
                    status=EvaluationStatus.PENDING,
                    next_attempt_at__isnull=False,
                    claim="",
                    claimed_until=None,
                    completed_at=None,
                )
                | (
                    Q(status=EvaluationStatus.RUNNING, next_attempt_at=None, claimed_until__isnull=False)
                    & Q(completed_at=None)
                    & ~Q(claim="")
                )
                | (
                    Q(status=EvaluationStatus.COMPLETED, next_attempt_at=None, claim="", claimed_until=None)
                    & Q(completed_at__isnull=False, last_error="")
                    & ~Q(summary="")
                )
                | (
                    Q(status=EvaluationStatus.FAILED, next_attempt_at=None, claim="", claimed_until=None)
                    & Q(completed_at=None)
                    & ~Q(last_error="")
                ),
            ),
            models.CheckConstraint(
                name="evaluation_tries_bounded",
                condition=Q(tries_in_a_row__lte=TRIES_IN_A_ROW, attempts__gte=F("tries_in_a_row")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status=EvaluationStatus.PENDING), name="evaluation_due"
            ),
            models.Index(fields=["queued_at"], condition=Q(status=EvaluationStatus.FAILED), name="evaluation_failed"),
            models.Index(
                fields=["claimed_until"], condition=Q(status=EvaluationStatus.RUNNING), name="evaluation_claimed"
            ),
            # All that the operators' page counts by.
            models.Index(fields=["session", "status", "completed_at"], name="evaluation_by_session"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_being_replaced(self) -> bool:
        """Whether its scores are those of an earlier reading: a new one is on its way, or failed."""
        return self.status != EvaluationStatus.COMPLETED and bool(self.scores.all())


class SkillScore(models.Model):
    """One skill's rating, null if there was no occasion; name and rubric as they were at the time.

    `next_step` is what to try for the most valuable behaviour: `{key, sequence, quote, why, line, isExample}`, or null.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    position = models.PositiveIntegerField()
    skill_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    rubric = models.TextField()
    rating = models.PositiveSmallIntegerField(null=True)
    note = models.TextField()
    try_instead = models.TextField(blank=True)
    without_evidence = models.BooleanField()
    next_step = models.JSONField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "skill_id"], name="score_once_per_skill"),
            models.UniqueConstraint(fields=["evaluation", "position"], name="score_position_unique"),
            models.CheckConstraint(
                condition=Q(rating__gte=RATINGS.start, rating__lt=RATINGS.stop), name="score_rating_in_range"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="score_has_note"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.skill_id}"


class Evidence(models.Model):
    """Words the trainee said in turn `sequence`, verbatim from the transcript."""

    score = models.ForeignKey(SkillScore, on_delete=models.CASCADE, related_name="evidence")
    position = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    quote = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["score", "position"], name="evidence_position_unique"),
            models.CheckConstraint(condition=~Q(quote=""), name="evidence_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.score_id}#{self.sequence}"


class BehaviourResult(models.Model):
    """The answer about one behaviour, with the quote and turn that show it; text and kind as they were at the time."""

    score = models.ForeignKey(SkillScore, on_delete=models.CASCADE, related_name="behaviours")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=KEY_MAX)
    text = models.CharField(max_length=TEXT_MAX)
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in BehaviourKind])
    answer = models.CharField(max_length=16, choices=[(answer.value, answer.value) for answer in Answer])
    sequence = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["score", "key"], name="behaviour_once_per_score"),
            models.CheckConstraint(
                condition=Q(answer=Answer.SHOWN.value, sequence__isnull=False) & ~Q(quote="")
                | ~Q(answer=Answer.SHOWN.value) & Q(sequence=None, quote=""),
                name="behaviour_shown_has_quote",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score_id}/{self.key}"


class Dispute(models.Model):
    """The trainee sees one behaviour differently; a curator may overrule the answer, and both stay visible.

    Stored by skill and key, so that it survives a new reading. `answer` is the disputed one.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="disputes")
    skill_id = models.CharField(max_length=40)
    key = models.CharField(max_length=KEY_MAX)
    answer = models.CharField(max_length=16, choices=[(answer.value, answer.value) for answer in Answer])
    reason = models.CharField(max_length=REASON_MAX)
    created_at = models.DateTimeField()
    overruled_answer = models.CharField(
        max_length=16, choices=[(answer.value, answer.value) for answer in Answer], blank=True
    )
    overruled_reason = models.CharField(max_length=REASON_MAX, blank=True)
    overruled_by = models.CharField(max_length=150, blank=True)
    overruled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "skill_id", "key"], name="dispute_once_per_behaviour"),
            models.CheckConstraint(condition=~Q(reason=""), name="dispute_has_reason"),
            models.CheckConstraint(
                condition=Q(overruled_answer="", overruled_reason="", overruled_at=None)
                | ~Q(overruled_answer="") & ~Q(overruled_reason="") & Q(overruled_at__isnull=False),
                name="dispute_overruled_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.key}"


class EarlierReading(models.Model):
    """A result for which a new reading was requested: `result` is the API's Evaluation as it was.

    Kept from the request on; the latest one still stands while the evaluation `is_being_replaced`.
    """

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="earlier_readings")
    version = models.PositiveIntegerField()
    replaced_at = models.DateTimeField()
    result = models.JSONField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "version"], name="earlier_reading_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} v{self.version}"


class SelfAssessment(models.Model):
    """How trainees rated themselves before they opened the scores. Each of `answers`: `{skillId, key, answer}`."""

    session = models.OneToOneField(PracticeSession, on_delete=models.CASCADE, related_name="self_assessment")
    answers = models.JSONField(default=list)
    note = models.CharField(max_length=REASON_MAX, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.session_id


class CriterionResult(models.Model):
    """Whether an end criterion of the scenario was met, and by which turn if known."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveIntegerField()
    criterion = models.TextField()
    met = models.BooleanField()
    sequence = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "position"], name="criterion_position_unique"),
            models.CheckConstraint(condition=Q(met=True) | Q(sequence=None), name="criterion_unmet_has_no_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.position}"
