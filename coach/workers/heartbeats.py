"""Heartbeats of workers and scheduler in Redis, for checks that they still work. Needs no Django.

All ages are measured by Redis's clock, so that a process with a wrong clock is not wrongly considered dead or alive.
"""

from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from coach.config import config

SECONDS = 1.0
# A job that may have been lost with its worker before it began is sent again after this time.
WAITS_SECONDS = 60
REMEMBERED_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Taken:
    """When a job of a queue was last begun, in seconds ago, and how many seconds that worker's clock was ahead."""

    ago: float
    ahead: float


def server(url: str = "", *, seconds: float = SECONDS) -> redis.Redis:
    """A connection that blocks for at most `seconds`; to the configured server unless there is a `url`."""
    once = Retry(NoBackoff(), 0)  # the library's own retries take seconds
    return redis.Redis.from_url(
        url or config.redis_url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=once
    )


def note_taken(known: redis.Redis, queue: str, *, ahead: float) -> None:
    known.set(_taken(queue), repr(ahead), ex=REMEMBERED_SECONDS)


def taken(known: redis.Redis, queue: str) -> Taken | None:
    """When a worker last began a job of this queue; None if none ever did."""
    ago, ahead = _age(known, _taken(queue)), known.get(_taken(queue))
    return Taken(ago, float(ahead)) if ago is not None and isinstance(ahead, bytes) else None


def note_ran(known: redis.Redis, task: str) -> None:
    known.set(_ran(task), "1", ex=REMEMBERED_SECONDS)


def ran_ago(known: redis.Redis, task: str) -> float | None:
    """Seconds since a worker last began this periodic job; None if none ever did."""
    return _age(known, _ran(task))


def note_asked(known: redis.Redis) -> None:
    """Write a key: a Redis that answers may still refuse writes."""
    known.set("coach:asked", "1", ex=WAITS_SECONDS)


def claim_place(known: redis.Redis, name: str, queue: str, *, seconds: int = WAITS_SECONDS) -> bool:
    """Claim the place in the queue: True if nothing of this name is waiting there.

    What was sent `seconds` ago may be lost with its worker. It is not while the queue is not empty and no worker has
    taken a job of it since: where no worker comes, one waits, however long.
    """
    place = _waiting(name)
    if known.set(place, "1", nx=True, ex=REMEMBERED_SECONDS):
        return True
    sent_ago, sign = _age(known, place), taken(known, queue)
    if sent_ago is None or sent_ago < seconds:
        return False
    # kombu keeps what waits in a list with the queue's name.
    if known.llen(queue) and (sign is None or sign.ago > sent_ago):
        return False
    # Of several that find this at once, one sends again.
    if not known.set(_sent_again(name), "1", nx=True, ex=seconds):
        return False
    known.set(place, "1", ex=REMEMBERED_SECONDS)
    return True


def give_back_place(known: redis.Redis, name: str) -> None:
    """Release the place: the job has been begun, or was never sent."""
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


def _sent_again(name: str) -> str:
    return f"coach:again:{name}"
