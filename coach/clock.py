"""What time it is. Rules take `now` as an argument; only edges (views, consumers, tasks, sweeps) ask here."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
