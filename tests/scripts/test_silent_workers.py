"""A worker that runs but takes no jobs is restarted, and given time after each start."""

from coach.supervision.processes import WORKERS
from coach.supervision.silent_workers import SILENT_SECONDS, SilentWorkers

FRESH = dict.fromkeys(WORKERS, 1.0)
LONG = SILENT_SECONDS + 1


def test_a_worker_that_takes_jobs_is_left_alone() -> None:
    assert SilentWorkers(0).silent(FRESH, now=1_000) == []


def test_a_worker_that_takes_no_jobs_is_restarted_and_then_given_time() -> None:
    idle = SilentWorkers(0)
    taken = FRESH | {"live": LONG}
    assert idle.silent(taken, now=10) == []
    assert idle.silent(taken, now=LONG) == ["live"]
    assert idle.silent(taken, now=LONG + 10) == []
    assert idle.silent(taken, now=2 * LONG + 1) == ["live"]


def test_a_worker_that_never_took_a_job_is_restarted_too() -> None:
    assert SilentWorkers(0).silent({"worker": 1.0, "evaluation": 1.0}, now=LONG) == ["live"]
