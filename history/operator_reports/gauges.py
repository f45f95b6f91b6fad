"""Gauges of the present state, read from the database whenever metrics are exported.

Every web process reports the same values; take the maximum over processes, not the sum.
"""

from collections.abc import Callable

import structlog
from django.db import DatabaseError, close_old_connections

from coach.config import config
from coach.storage import audio_upload
from coach.telemetry import metrics, names
from history import erasure
from practice.limits import capacity

log = structlog.get_logger(__name__)


def watch() -> None:
    """Register the gauges; call once per process."""
    for name, read in READ.items():
        metrics.watch(name, _from_database(read))


READ: dict[str, Callable[[], float | None]] = {
    names.SESSIONS_ACTIVE: lambda: float(capacity.active()),
    names.SESSIONS_PENDING: lambda: float(len(capacity.waiting())),
    names.SESSIONS_LIMIT: lambda: float(config.max_active),
    names.AUDIO_UNSETTLED: lambda: float(audio_upload.not_uploaded()),
    names.ERASURES_OPEN: lambda: float(len(list(erasure.outstanding()))),
}


def _from_database(read: Callable[[], float | None]) -> Callable[[], float | None]:
    """Wraps a reader for the exporter's thread.

    Connections do not pile up, and nothing is reported while the database is down.
    """

    def value() -> float | None:
        try:
            return read()
        except DatabaseError as error:
            log.warning("gauge not read", error=type(error).__name__)
            return None
        finally:
            close_old_connections()

    return value
