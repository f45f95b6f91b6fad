"""A used-up quota that may be one for this minute only: it is the operator's once it is still so after the wait."""

import time
from collections.abc import Callable

from coach.providers.openai_wire import PATIENT_SECONDS
from coach.providers.ports import ProviderError, QuotaThrottled

# After so long without a request that says otherwise it is another minute's limit.
FORGOTTEN_SECONDS = 120.0


class QuotaPatience:
    """Of one client whose callers try again by themselves."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: float | None = None

    def judged(self, error: ProviderError) -> ProviderError:
        """The error to raise: retryable until the wait that the service asked for has been in vain."""
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
