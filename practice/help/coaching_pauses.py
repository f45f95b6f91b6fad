"""How long the clocks were stopped for coaching, which does not count as conversation. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

HELD_AT_MOST = timedelta(minutes=5)


def lengths(pauses: Sequence[Mapping[str, Any]], *, ended_at: datetime | None) -> dict[int, timedelta]:
    """By the sequence of the AI turn before each stored pause.

    A pause during which the session ended lasted until the end.
    """
    found = {}
    for pause in pauses:
        begun, over = _time(pause.get("pausedAt")), _time(pause.get("resumedAt")) or ended_at
        if begun is not None and over is not None:
            found[pause["sequence"]] = min(max(timedelta(), over - begun), HELD_AT_MOST)
    return found


def _time(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def lengths_ms(pauses: Sequence[Mapping[str, Any]], *, ended_at: datetime | None) -> dict[int, int]:
    """The same in milliseconds."""
    found = lengths(pauses, ended_at=ended_at)
    return {sequence: round(length / timedelta(milliseconds=1)) for sequence, length in found.items()}
