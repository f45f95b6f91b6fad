"""What time it is. Rules take `now` as an argument; only edges (views, consumers, tasks, sweeps) ask here.

All processes go by one clock, the database server's: leases, claims and deadlines written by one machine are compared
on another (`coach.database.clock` measures by how much this machine's clock differs).
"""

from datetime import UTC, datetime, timedelta

_difference = timedelta(0)


def now() -> datetime:
    return datetime.now(UTC) + _difference


def difference() -> timedelta:
    """The shared clock minus this machine's: negative where this machine is ahead."""
    return _difference


def follow(difference: timedelta) -> None:
    """Go by a clock that differs by so much from this machine's."""
    global _difference
    _difference = difference
