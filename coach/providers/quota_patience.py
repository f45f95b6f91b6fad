"""Handles a used-up quota that may only be a limit per minute: it is a real fault if it persists after the wait."""

import time
from collections.abc import Callable

from coach.providers.ports import ProviderError, QuotaThrottled

# For limits that pass within a minute, if the service does not say when.
PATIENT_SECONDS = 5.0
# After this long without another refusal it is a new limit.
FORGOTTEN_SECONDS = 120.0


class QuotaPatience:
    """For one client whose callers do their own retries."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: float | None = None

    def judged(self, error: ProviderError) -> ProviderError:
        """The error to raise: retryable until the requested wait has been in vain."""
        if not isinstance(error, QuotaThrottled):
            return error
        wait = PATIENT_SECONDS if error.retry_after is None else error.retry_after
        waited = None if self._since is None else self._now() - self._since
        if waited is None or waited > max(FORGOTTEN_SECONDS, 2 * wait):
            self._since = self._now()
            return error
        return error.spent if waited >= wait else error

    def worked(self) -> None:
        self._since = None
