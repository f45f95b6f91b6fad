"""`python -m coach.supervision.container_health QUEUE` or `--schedule`: a worker's health check in containers.

Fails once no job of the queue (for the scheduler: no periodic job) has begun for 60 s. After three failures in a
row it kills the container's processes, because restart policies react to exits and not to health.
"""

import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path

import redis

from coach.workers import heartbeats

SILENT_SECONDS = 60.0
TRIES = 3
SCHEDULED = "practice.tasks.sweep"
COUNT = Path(tempfile.gettempdir()) / "coach-health-failures"


def main(asked: str) -> int:
    try:
        with heartbeats.server() as known:
            ago = _ago(known, asked)
    except (redis.RedisError, OSError) as error:
        # Nothing works without Redis, so restarting this part would not help.
        print(f"Redis does not answer ({type(error).__name__})")
        return 1
    if ago is not None and ago < SILENT_SECONDS:
        COUNT.unlink(missing_ok=True)
        return 0
    print("no job was begun" if ago is None else f"no job was begun for {ago:.0f} s")
    failures = _counted()
    if failures >= TRIES:
        COUNT.unlink(missing_ok=True)
        print("ending the container's processes, so that it is started again")
        _end_others()
    return 1


def _ago(known: redis.Redis, asked: str) -> float | None:
    if asked == "--schedule":
        return heartbeats.ran_ago(known, SCHEDULED)
    taken = heartbeats.taken(known, asked)
    return taken.ago if taken else None


def _counted() -> int:
    with contextlib.suppress(OSError, ValueError):
        count = int(COUNT.read_text()) + 1
        COUNT.write_text(str(count))
        return count
    COUNT.write_text("1")
    return 1


def _end_others() -> None:
    """Kill everything in this container except its init, which then exits."""
    if os.environ.get("COACH_CONTAINER"):
        os.kill(-1, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
