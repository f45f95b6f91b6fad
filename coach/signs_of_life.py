"""What workers and the scheduler leave in Redis for whoever asks whether they still work. Needs no Django.

All ages are by Redis's own clock: a process whose clock is wrong is taken neither for dead nor for alive.
"""

from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from coach.config import config

SECONDS = 1.0
# A job that was lost with its worker before it began may be sent again after this long.
WAITS_SECONDS = 60
REMEMBERED_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Taken:
    """A job of a queue was begun: so many seconds ago, by a worker whose clock was so many seconds ahead."""

    ago: float
    ahead: float


def server() -> redis.Redis:
    """A connection that never makes anybody wait for long."""
    once = Retry(NoBackoff(), 0)  # the library's own tries take seconds
    return redis.Redis.from_url(config.redis_url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=once)


def note_taken(known: redis.Redis, queue: str, *, ahead: float) -> None:
    known.set(_taken(queue), repr(ahead), ex=REMEMBERED_SECONDS)


def taken(known: redis.Redis, queue: str) -> Taken | None:
    """When a worker last began a job of this queue; None where none ever did."""
    ago, ahead = _age(known, _taken(queue)), known.get(_taken(queue))
    return Taken(ago, float(ahead)) if ago is not None and isinstance(ahead, bytes) else None


def note_ran(known: redis.Redis, task: str) -> None:
    known.set(_ran(task), "1", ex=REMEMBERED_SECONDS)


def ran_ago(known: redis.Redis, task: str) -> float | None:
    """Seconds since a worker last began this periodic job; None where none ever did."""
    return _age(known, _ran(task))


def claim_place(known: redis.Redis, name: str, *, seconds: int = WAITS_SECONDS) -> bool:
    """Whether nothing of this name waits in its queue; from now on something does, for so long at most."""
    return bool(known.set(_waiting(name), "1", nx=True, ex=seconds))


def give_back_place(known: redis.Redis, name: str) -> None:
    """What waited has been begun, or was never sent."""
    known.delete(_waiting(name))


def _age(known: redis.Redis, key: str) -> float | None:
    left = known.pttl(key)
    return max(0.0, REMEMBERED_SECONDS - left / 1000) if isinstance(left, int) and left > 0 else None


def _taken(queue: str) -> str:
    return f"coach:worker:seen:{queue}"


def _ran(task: str) -> str:
    return f"coach:ran:{task}"


def _waiting(name: str) -> str:
    return f"coach:waiting:{name}"
