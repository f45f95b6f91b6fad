"""How long a reply may take: each try, the pause before the next one, and the wait for models that are restarted."""

import random

from coach.providers.ports import ModelsRestarting, ProviderError, ProviderUnavailable, QuotaThrottled
from coach.providers.quota_patience import PATIENT_SECONDS

FIRST_BYTE_SECONDS = 10.0
STALL_SECONDS = 10.0
# A model on this machine may be busy with another turn for longer; its server's comments show that it is alive.
LOCAL_STALL_SECONDS = 120.0
WARM_SECONDS = 60.0

RETRIES = 2
FIRST_BACKOFF_SECONDS = 0.5
# Somebody is waiting for the answer, so a service that asks for a longer pause counts as unavailable.
LONGEST_WAIT_SECONDS = 15.0

# How long a turn waits in all for the models on this machine while they are restarted: they load in 5 to 15 s.
RESTART_SECONDS = 20.0


def wait_before_retry(error: ProviderError, attempt: int) -> float | None:
    """Seconds to wait before trying again after try number `attempt` (from 1); None if that is pointless.

    Whoever asked waits for models that are restarted (`practice.turns.model_restart`).
    """
    if attempt > RETRIES or isinstance(error, ModelsRestarting) or not isinstance(error, ProviderUnavailable):
        return None
    if isinstance(error, QuotaThrottled) and error.retry_after is None:
        return PATIENT_SECONDS
    wait = FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
    wait = max(wait, error.retry_after or 0)
    return wait if wait <= LONGEST_WAIT_SECONDS else None
