"""The daily ceiling: once a day's estimated cost reaches it, no new session starts; running ones go on."""

from datetime import datetime

from coach.config import config
from coach.model_use import totals

GUESS_SHARE = 100
"""Until a session has cost something, one is assumed to cost the ceiling divided by this."""


class CeilingReached(Exception):
    """`until`: when the next day begins; `retry_after` in seconds."""

    def __init__(self, until: datetime, retry_after: int) -> None:
        super().__init__(f"daily cost ceiling reached until {until.isoformat()}")
        self.until = until
        self.retry_after = retry_after


def check(*, now: datetime, under_way: int) -> None:
    """Raise CeilingReached if no further session may start.

    Each of the `under_way` sessions (active or waiting) is assumed to cost a typical amount in addition. Called under
    the admission lock, so only as many simultaneous starts pass as fit below the ceiling.
    """
    ceiling = config.daily_cost_ceiling_pico
    if ceiling is None:
        return
    expected = totals.spent_on(totals.day_of(now))
    if under_way and expected < ceiling:
        expected += under_way * (totals.typical_session() or max(1, ceiling // GUESS_SHARE))
    if expected >= ceiling:
        until = totals.next_day(now)
        raise CeilingReached(until, max(1, round((until - now).total_seconds())))
