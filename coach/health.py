"""`/healthz` and `/readyz`: is this process up, and can it do its work?

A database or Redis that fails makes the process unready (503). A missing worker or model is shown, but the pages still
serve: sessions wait for them or say so.
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

from coach.config import config
from coach.edge.life import life
from coach.providers import model_health

CHECK_SECONDS = 1.0
ALL_CHECKS_SECONDS = 3.0
FRESH_SECONDS = 1.0
RETRY_AFTER_SECONDS = 2

# When any task was last begun by any worker, and whether a probe is on its way.
WORKER_SEEN_KEY = "coach:worker:seen"
WORKER_PROBE_KEY = "coach:worker:probe"
WORKER_PROBE_SECONDS = 5
WORKER_SILENT_SECONDS = 20
WORKER_NOTE_SECONDS = 1.0

DISK_FREE_BYTES = 200_000_000

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Check:
    """`detail` is one sentence for operators."""

    ok: bool
    detail: str


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "up"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    checks = recent_checks()
    ready = life.taking_requests and checks["database"].ok and checks["redis"].ok
    status = (
        "draining" if life.draining else "starting" if not life.taking_requests else "ready" if ready else "failing"
    )
    return JsonResponse(
        {"status": status, "checks": {name: asdict(check) for name, check in checks.items()}},
        status=200 if ready else 503,
        headers={} if ready else {"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


_recent: tuple[float, dict[str, Check]] | None = None
_looking = threading.Lock()


def recent_checks() -> Mapping[str, Check]:
    """`run_checks`, once a second however many ask."""
    global _recent
    with _looking:
        if _recent is None or time.monotonic() - _recent[0] > FRESH_SECONDS:
            _recent = (time.monotonic(), run_checks())
        return _recent[1]


def run_checks() -> dict[str, Check]:
    """All checks side by side, at most ALL_CHECKS_SECONDS; one that hangs counts as failed."""
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
        name: future.result() if future.done() else Check(False, f"no answer within {ALL_CHECKS_SECONDS:.0f} s")
        for name, future in running.items()
    }


def database() -> Check:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        return Check(False, f"the database does not answer ({type(error).__name__}): check DATABASE_URL and the server")
    finally:
        # This thread ends with the request; its connection must not outlive it.
        connection.close()
    return Check(True, f"{connection.vendor} answers")


def redis_server() -> Check:
    try:
        with _redis() as server:
            server.ping()
    except (redis.RedisError, OSError) as error:
        where = "the embedded server" if config.redis_is_embedded else "REDIS_URL and the server"
        return Check(False, f"Redis does not answer ({type(error).__name__}): check {where}")
    return Check(True, "answers")


def worker() -> Check:
    """Whether some worker takes jobs, shown by one it has taken; a probe is sent when there is no fresh sign."""
    try:
        with _redis() as server:
            seen = server.get(WORKER_SEEN_KEY)
            age = time.time() - float(seen) if isinstance(seen, bytes) else None
            fresh = age is not None and age < WORKER_PROBE_SECONDS
            if not fresh and server.set(WORKER_PROBE_KEY, "1", nx=True, ex=WORKER_PROBE_SECONDS):
                threading.Thread(target=_send_probe, name="worker-probe", daemon=True).start()
    except (redis.RedisError, OSError) as error:
        return Check(False, f"cannot be asked without Redis ({type(error).__name__})")
    if age is None:
        return Check(False, "no worker has taken a job yet: is `celery -A coach worker` running?")
    if age > WORKER_SILENT_SECONDS:
        return Check(False, f"no worker has taken a job for {age:.0f} s: start `celery -A coach worker` again")
    return Check(True, f"took a job {age:.0f} s ago")


def models() -> Check:
    found = model_health.report()
    return Check(found.ok, found.detail)


def storage() -> Check:
    """Room for what the embedded default writes; remote audio stores are delivered to later and never block a turn."""
    try:
        free = shutil.disk_usage(config.var_dir).free
    except OSError as error:
        return Check(False, f"VAR_DIR cannot be read ({error.strerror})")
    if free < DISK_FREE_BYTES:
        return Check(False, f"only {free / 1e6:.0f} MB are free under VAR_DIR: make room, or recordings cannot be kept")
    return Check(True, f"{config.audio_store}, {free / 1e9:.1f} GB free under VAR_DIR")


def _redis() -> redis.Redis:
    return redis.Redis.from_url(config.redis_url, socket_timeout=CHECK_SECONDS, socket_connect_timeout=CHECK_SECONDS)


def _send_probe() -> None:
    from coach.celery import probe

    try:
        probe.apply_async(expires=WORKER_SILENT_SECONDS, retry=False, ignore_result=True)
    except OperationalError as error:
        logger.warning("no probe could be sent", error=type(error).__name__)


_noted = 0.0


@task_prerun.connect
def note_worker(**_: Any) -> None:
    """Any job begun is a sign of life; written at most once a second by each worker."""
    global _noted
    now = time.monotonic()
    if now - _noted < WORKER_NOTE_SECONDS:
        return
    _noted = now
    try:
        with _redis() as server:
            server.set(WORKER_SEEN_KEY, repr(time.time()), ex=3600)
    except (redis.RedisError, OSError) as error:
        logger.warning("no sign of life could be left", error=type(error).__name__)
