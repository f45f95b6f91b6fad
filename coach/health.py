"""`/healthz` and `/readyz`: is this process up, and can it do its work?

A failing database or Redis makes the process unready (503). A missing worker or model is shown, but pages are still
served: sessions wait for it or say so.
"""

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from typing import Any

import redis
import structlog
from celery.signals import task_prerun
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from coach import clock
from coach.config import config
from coach.database import schema
from coach.edge.lifespan import lifespan
from coach.providers import model_health
from coach.translatable_sentence import Sentence
from coach.workers import heartbeats
from coach.workers.queues import QUEUES

ALL_CHECKS_SECONDS = 3.0
FRESH_SECONDS = 1.0
RETRY_AFTER_SECONDS = 2

WORKER_PROBE_SECONDS = 5
WORKER_SILENT_SECONDS = 20
PROBE_SECONDS = 1.5
PROBE_LOOK_SECONDS = 0.05
WORKER_NOTE_SECONDS = 1.0
# If no worker has begun a periodic job for this long (or three intervals), it is no longer being sent.
SCHEDULE_SILENT_SECONDS = 60
# A clock difference that operators are told about; smaller ones are corrected silently.
SKEW_SECONDS = 1.0
DISK_FREE_BYTES = 200_000_000

logger = structlog.get_logger(__name__)

Seen = Mapping[str, heartbeats.Taken | None]
"""The last sign of life of each queue's workers."""


@dataclass(frozen=True)
class Check:
    """`detail` is one sentence for operators, translatable where something fails."""

    ok: bool
    detail: str


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "up"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    checks = recent_checks()
    ready = lifespan.taking_requests and checks["database"].ok and checks["redis"].ok
    status = (
        "draining"
        if lifespan.draining
        else "starting"
        if not lifespan.taking_requests
        else "ready"
        if ready
        else "failing"
    )
    return JsonResponse(
        {"status": status, "checks": {name: asdict(check) for name, check in checks.items()}},
        status=200 if ready else 503,
        headers={} if ready else {"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


_recent: tuple[float, dict[str, Check]] | None = None
_looking = threading.Lock()


def recent_checks() -> Mapping[str, Check]:
    """`run_checks`, at most once a second however many ask."""
    global _recent
    with _looking:
        if _recent is None or time.monotonic() - _recent[0] > FRESH_SECONDS:
            _recent = (time.monotonic(), run_checks())
        return _recent[1]


def run_checks() -> dict[str, Check]:
    """Run all checks concurrently, for at most ALL_CHECKS_SECONDS; one that hangs counts as failed."""
    looks: dict[str, Callable[[], Check]] = {
        "database": database,
        "redis": redis_server,
        "worker": worker,
        "models": models,
        "storage": storage,
    }
    pool = ThreadPoolExecutor(max_workers=len(looks), thread_name_prefix="readyz")
    running = {name: pool.submit(look) for name, look in looks.items()}
    wait(running.values(), timeout=ALL_CHECKS_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return {
        name: future.result()
        if future.done()
        else Check(False, Sentence("no answer within %(seconds)s s", seconds=f"{ALL_CHECKS_SECONDS:.0f}"))
        for name, future in running.items()
    }


def database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        missing = schema.missing()
    except DatabaseError as error:
        return Check(False, f"the database does not answer ({type(error).__name__}): check DATABASE_URL and the server")
    finally:
        # This thread ends with the request, and its connection must not outlive it.
        connection.close()
    if missing:
        return Check(False, schema.complaint(missing))
    return Check(True, f"{connection.vendor} answers{_skew(_ahead(), 'this machine’s')}")


def _ahead() -> float:
    return -clock.difference().total_seconds()


def redis_server() -> Check:
    try:
        with heartbeats.server() as known:
            known.ping()
            heartbeats.note_asked(known)
    except redis.ResponseError as error:
        kind = type(error).__name__
        if config.redis_url_text:
            full = Sentence("Redis takes no writes (%(kind)s): it is full, a replica or cannot save", kind=kind)
        else:
            full = Sentence("Redis takes no writes (%(kind)s): its disk may be full", kind=kind)
        return Check(False, full)
    except (redis.RedisError, OSError) as error:
        kind = type(error).__name__
        if config.redis_is_embedded:
            away = Sentence("Redis does not answer (%(kind)s): check the embedded server", kind=kind)
        else:
            away = Sentence("Redis does not answer (%(kind)s): check REDIS_URL and the server", kind=kind)
        return Check(False, away)
    return Check(True, "answers")


def worker() -> Check:
    """Whether jobs of every queue, and periodic jobs, are taken.

    Without a recent heartbeat, a probe is sent.

    Ages are measured by Redis's clock, so that a process with a wrong clock is not wrongly considered dead or alive.
    """
    try:
        with heartbeats.server() as known:
            seen = {queue: heartbeats.taken(known, queue) for queue in QUEUES}
            asked = _probe_where_quiet(known, seen)
            # After a quiet time the last sign is old: what was asked just now is worth a moment.
            deadline = time.monotonic() + PROBE_SECONDS
            while (late := [queue for queue in asked if _is_silent(seen[queue])]) and time.monotonic() < deadline:
                time.sleep(PROBE_LOOK_SECONDS)
                seen |= {queue: heartbeats.taken(known, queue) for queue in late}
            overdue = _overdue(known)
    except (redis.RedisError, OSError) as error:
        return Check(False, Sentence("cannot be asked without Redis (%(kind)s)", kind=type(error).__name__))
    if fault := _silence(seen) or overdue:
        return Check(False, fault)
    signs = [taken for taken in seen.values() if taken]
    latest, skewed = min(sign.ago for sign in signs), max((sign.ahead for sign in signs), key=abs)
    return Check(True, f"took a job {latest:.0f} s ago{_skew(skewed, 'its')}")


def _probe_where_quiet(known: redis.Redis, seen: Seen) -> list[str]:
    """Send a probe to each queue without a recent sign of life, unless one is under way; the queues that got one."""
    asked = []
    for queue, taken in seen.items():
        fresh = taken is not None and taken.ago <= WORKER_PROBE_SECONDS
        if not fresh and heartbeats.claim_place(known, _probe(queue), queue):
            threading.Thread(target=_send_probe, args=[queue], name="worker-probe", daemon=True).start()
            asked.append(queue)
    return asked


def _silence(seen: Seen) -> str:
    """A sentence about the first queue whose jobs nobody takes; empty if there is none."""
    for queue, taken in seen.items():
        if taken is None:
            return Sentence(
                "no worker has taken a job from the queue %(queue)s yet: is `%(command)s` running?",
                queue=queue,
                command=_command(queue),
            )
        if taken.ago > WORKER_SILENT_SECONDS:
            return Sentence(
                "no worker has taken a job from the queue %(queue)s for %(seconds)s s: start `%(command)s` again",
                queue=queue,
                seconds=f"{taken.ago:.0f}",
                command=_command(queue),
            )
    return ""


def _is_silent(taken: heartbeats.Taken | None) -> bool:
    return taken is None or taken.ago > WORKER_SILENT_SECONDS


def _command(queue: str) -> str:
    return f"celery -A coach worker -Q {queue}"


def _overdue(known: redis.Redis) -> str:
    """A sentence about an overdue periodic job; empty if all is well or nothing is known."""
    from coach.celery import app

    for entry in app.conf.beat_schedule.values():
        ago = heartbeats.ran_ago(known, entry["task"])
        if ago is not None and ago > max(SCHEDULE_SILENT_SECONDS, 3 * entry["schedule"]):
            return Sentence(
                "the periodic job %(task)s has not run for %(seconds)s s: is `celery -A coach beat` running?",
                task=entry["task"],
                seconds=f"{ago:.0f}",
            )
    return ""


def _skew(ahead: float, whose: str) -> str:
    if abs(ahead) < SKEW_SECONDS:
        return ""
    return f"; {whose} clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the database's (corrected)"


def models() -> Check:
    found = model_health.report()
    return Check(found.ok, found.detail)


def storage() -> Check:
    """Free space for local files; remote audio stores are written to later and never block a turn."""
    try:
        free = shutil.disk_usage(config.var_dir).free
    except OSError as error:
        return Check(False, Sentence("VAR_DIR cannot be read (%(error)s)", error=error.strerror))
    if free < DISK_FREE_BYTES:
        few = f"{free / 1e6:.0f}"
        return Check(
            False,
            Sentence("only %(few)s MB are free under VAR_DIR: make room, or recordings cannot be kept", few=few),
        )
    return Check(True, f"{config.audio_store}, {free / 1e9:.1f} GB free under VAR_DIR")


def _probe(queue: str) -> str:
    return f"probe:{queue}"


def _send_probe(queue: str) -> None:
    """Send a job that does nothing."""
    from coach.celery import probe

    try:
        probe.apply_async(queue=queue, retry=False, ignore_result=True)
    except (OperationalError, redis.RedisError, OSError) as error:
        logger.warning("no probe could be sent", error=type(error).__name__)


_noted: dict[str, float] = {}


@task_prerun.connect(dispatch_uid="worker-seen")
def note_worker(task: Any = None, **_: Any) -> None:
    """Record a heartbeat for the queue of any job that begins; each worker writes at most once a second."""
    queue = str((task.request.delivery_info or {}).get("routing_key", "")) if task else ""
    is_probe = task is not None and task.name == "coach.probe"
    now = time.monotonic()
    if not queue or (now - _noted.get(queue, 0.0) < WORKER_NOTE_SECONDS and not is_probe):
        return
    _noted[queue] = now
    try:
        with heartbeats.server() as known:
            heartbeats.note_taken(known, queue, ahead=_ahead())
            if is_probe:
                heartbeats.give_back_place(known, _probe(queue))
    except (redis.RedisError, OSError) as error:
        logger.warning("no sign of life could be left", error=type(error).__name__)
