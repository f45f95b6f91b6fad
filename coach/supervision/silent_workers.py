"""Finds workers to restart under `scripts/up`: those that took no job for 45 s. In containers: `container_health`.

A worker that lost its queue when reconnecting looks alive in every other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import redis

from coach.supervision.processes import WORKERS
from coach.workers import heartbeats

SILENT_SECONDS = 45.0


@dataclass
class SilentWorkers:
    """Watches from `since` on (a monotonic clock); a restarted worker gets the same time again."""

    since: float
    _restarted: dict[str, float] = field(default_factory=dict)

    def silent(self, taken: Mapping[str, float], *, now: float) -> list[str]:
        """Parts to restart. `taken`: by part, how many seconds ago it took a job; missing if it never did."""
        found = []
        for name in WORKERS:
            began = self._restarted.get(name, self.since)
            if now - began > SILENT_SECONDS and taken.get(name, float("inf")) > SILENT_SECONDS:
                self._restarted[name] = now
                found.append(name)
        return found


def last_taken() -> dict[str, float]:
    """By part, how many seconds ago a job of its queue was begun; zero for all if Redis does not answer."""
    try:
        with heartbeats.server() as known:
            signs = {name: heartbeats.taken(known, queue) for name, queue in WORKERS.items()}
    except (redis.RedisError, OSError):
        return dict.fromkeys(WORKERS, 0.0)
    return {name: sign.ago for name, sign in signs.items() if sign}
