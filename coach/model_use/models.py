"""Model calls, added up; contains nothing of what was said."""

from django.db import models


class ModelUse(models.Model):
    """All calls of one model for one session on one day with the same outcome.

    `day` is in `OPERATOR_TIME_ZONE`. `session_id` is empty for calls that belong to no session; it is not a foreign
    key, because a session's cost stays in the accounts when the session is erased. `cost` in pico-units of the currency
    of `MODEL_PRICES`, at the prices of the time; `unpriced_calls` had none.
    """

    day = models.DateField()
    session_id = models.CharField(max_length=40, blank=True)
    endpoint = models.CharField(max_length=24)
    model = models.CharField(max_length=120)
    # `ok`, or the kind of error.
    outcome = models.CharField(max_length=24)
    calls = models.PositiveBigIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    cost = models.PositiveBigIntegerField(default=0)
    unpriced_calls = models.PositiveBigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "endpoint", "model", "outcome", "session_id"], name="model_use_once"
            ),
        ]
        indexes = [models.Index(fields=["session_id"], name="model_use_by_session")]

    def __str__(self) -> str:
        return f"{self.day} {self.endpoint} {self.model} {self.outcome}"


class DayOfModelUse(models.Model):
    """The sums of one day that is over, so that a month need not be added up from every session's rows.

    `sessions` counts those that called a model. `outcomes`: a list of `{endpoint, model, outcome, calls, last_at}`.
    """

    day = models.DateField(primary_key=True)
    sessions = models.PositiveBigIntegerField()
    calls = models.PositiveBigIntegerField()
    input_tokens = models.PositiveBigIntegerField()
    output_tokens = models.PositiveBigIntegerField()
    cost = models.PositiveBigIntegerField()
    unpriced_calls = models.PositiveBigIntegerField()
    outcomes = models.JSONField()
    last_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)
