from django.db import models


class Attempt(models.Model):
    """A row of Django's database cache, with its columns: counts of sign-in attempts, shared by all web processes."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "signin_attempt"

    def __str__(self) -> str:
        return self.cache_key
