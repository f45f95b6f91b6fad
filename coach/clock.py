"""The current time. Rules take `now` as an argument; only edges (views, consumers, tasks, sweeps) call this.

All processes use the database server's clock, because leases, claims and deadlines written by one machine are compared
on another (`coach.database.server_clock` measures the difference from this machine's clock).
"""

from datetime import UTC, datetime, timedelta

_difference = timedelta(0)


def now() -> datetime:
    return datetime.now(UTC) + _difference


def difference() -> timedelta:
    """The shared clock minus this machine's: negative if this machine is ahead."""
    return _difference


def follow(difference: timedelta) -> None:
    """Use a clock that differs by this much from this machine's."""
    global _difference
    _difference = difference
