"""Checks client clocks, which may differ from ours by two seconds; a slow upload may make them look later still."""

from datetime import datetime

DRIFT_SECONDS = 2.0
LATE_SECONDS_PER_BYTE = 1 / (16 * 1024)
"""A body is expected to arrive at 16 KiB/s at least."""


class ClockDrift(Exception):
    """`drift_seconds` is client minus server."""

    def __init__(self, client: datetime, server_time: datetime) -> None:
        super().__init__("clock drift")
        self.server_time = server_time
        self.drift_seconds = round((client - server_time).total_seconds(), 3)


def check_drift(client: datetime, now: datetime, *, body_bytes: int = 0) -> None:
    """Raises ClockDrift.

    `body_bytes`: the size of the upload before the time could be read, which excuses some delay.
    """
    drift = (client - now).total_seconds()
    if drift > DRIFT_SECONDS or drift < -DRIFT_SECONDS - body_bytes * LATE_SECONDS_PER_BYTE:
        raise ClockDrift(client, now)
