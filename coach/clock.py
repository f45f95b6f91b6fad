"""The current time. Rules take `now` as an argument; only edges (views, consumers, tasks, sweeps) call this.

All processes use the database server's clock, because leases, claims and deadlines written by one machine are compared
on another (`coach.database.server_clock` measures the difference from this machine's clock). Between two measurements
the seconds are counted by a steady clock, so that a machine whose clock is set does not jump.
"""

import time
from datetime import UTC, datetime, timedelta

_difference = timedelta(0)
# The shared time when it was last measured, and `steady()` then; None: this machine's clock is the shared one.
_measured: tuple[datetime, float] | None = None


def now() -> datetime:
    if _measured is None:
        return datetime.now(UTC)
    then, at = _measured
    return then + timedelta(seconds=steady() - at)


def steady() -> float:
    """Seconds that nobody can set, from an unknown start. They go on while the machine is suspended."""
    return time.clock_gettime(_STEADY)


def difference() -> timedelta:
    """The shared clock minus this machine's, when last measured: negative if this machine was ahead."""
    return _difference


def follow(difference: timedelta) -> None:
    """Use a clock that differs by this much from this machine's."""
    global _difference, _measured
    _difference = difference
    _measured = (datetime.now(UTC) + difference, steady())


# macOS has only the second, which counts what its machine slept; Linux has both.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
