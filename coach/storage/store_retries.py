"""How uploads to a store and deletions from it go on after a failure: later, with a rest for a store that is down."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from coach.jobs import Backoff, Lease
from coach.storage import stores

log = structlog.get_logger(__name__)

BATCH = 50
GIVE_STORE_A_REST_AFTER = 3
BACKOFF = Backoff(timedelta(seconds=1), 2, timedelta(seconds=60))


def put_off(lease: Lease[Any], error: Exception, now: datetime) -> None:
    """Note the failure in the job's row, where operators see it, and in the log; the job is due again later."""
    lease.put_off(now, error=stores.fault(error))
    log.warning("audio store failed", error=stores.fault(error), attempts=lease.attempt)
