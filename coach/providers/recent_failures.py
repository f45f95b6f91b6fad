"""Remembers model failures that persist until an operator acts: known to every process, shown by /readyz.

Kept in this process and, if Redis is up, for the others: an evaluation fails in a worker, but the web process answers
/readyz.
"""

import hashlib
import json
import threading
import time
from dataclasses import dataclass
from functools import partial

import redis
import structlog

from coach.config import ModelEndpoint
from coach.providers import model_calls, openai_wire
from coach.providers.ports import ProviderError, ProviderMisconfigured, Usage
from coach.telemetry import metrics, names
from coach.workers import heartbeats

# Forgotten if nobody has met it again for this long: it may have been fixed where no request of ours shows it.
KEPT_SECONDS = 600
# A process that has reported a success need not report it again at once.
TELL_AGAIN_SECONDS = 5.0
REDIS_SECONDS = 0.5

log = structlog.get_logger(__name__)

_redis = partial(heartbeats.server, seconds=REDIS_SECONDS)


@dataclass(frozen=True)
class RecentFailure:
    """`variable` is the setting to change; `since` in seconds since the epoch."""

    message: str
    variable: str
    since: float


_seen: dict[str, RecentFailure | None] = {}
_told_at: dict[str, float] = {}


def failed(
    role: str,
    endpoint: ModelEndpoint,
    error: ProviderError,
    *,
    session_id: str = "",
    attempt: int = 1,
    usage: Usage | None = None,
) -> None:
    """Count and log a failed request; remember it if only an operator can help. `usage`: what it cost anyway."""
    kind = openai_wire.kind(error)
    model_calls.tell(model_calls.ModelCall(role, endpoint, kind, session_id, usage or Usage()))
    metrics.count(names.PROVIDER_ERRORS, **{names.ENDPOINT: role, names.KIND: kind})
    fields = {names.ENDPOINT: role, names.KIND: kind, names.ATTEMPT: attempt, names.REASON: str(error)}
    if session_id:
        fields[names.SESSION_ID] = session_id
    if not isinstance(error, ProviderMisconfigured):
        log.warning("a model failed", **fields)
        return
    log.error("a model is misconfigured", **fields, **{names.VARIABLE: error.variable})
    problem = RecentFailure(str(error), error.variable, time.time())
    _seen[_key(role, endpoint)] = problem
    _in_background(role, endpoint, problem)


def worked(role: str, endpoint: ModelEndpoint) -> None:
    """Forget a failure, whichever process met it, because another one may work again. Cheap."""
    key = _key(role, endpoint)
    now = time.monotonic()
    if _seen.get(key) is not None or now - _told_at.get(key, -TELL_AGAIN_SECONDS) >= TELL_AGAIN_SECONDS:
        _seen[key], _told_at[key] = None, now
        _in_background(role, endpoint, None)


def problem(role: str, endpoint: ModelEndpoint) -> RecentFailure | None:
    """The failure known to any process. May wait REDIS_SECONDS."""
    key = _key(role, endpoint)
    try:
        with _redis() as shared:
            kept = shared.get(key)
    except (redis.RedisError, OSError):
        known = _seen.get(key)
        return known if known and abs(time.time() - known.since) < KEPT_SECONDS else None
    if not isinstance(kept, bytes):
        return None
    return RecentFailure(**json.loads(kept))


def _in_background(role: str, endpoint: ModelEndpoint, found: RecentFailure | None) -> None:
    """Share it with the other processes without blocking an event loop."""
    threading.Thread(target=_share, args=(_key(role, endpoint), found), name="model-problem", daemon=True).start()


def _share(key: str, found: RecentFailure | None) -> None:
    try:
        with _redis() as shared:
            if found is None:
                shared.delete(key)
            else:
                shared.set(key, json.dumps(vars(found)), ex=KEPT_SECONDS)
    except (redis.RedisError, OSError) as error:
        log.debug("other processes could not be told", error=type(error).__name__)


def _key(role: str, endpoint: ModelEndpoint) -> str:
    """Changed settings have a different key, so a change and a restart begin with a clean slate."""
    secret = endpoint.api_key.get_secret_value() if endpoint.api_key else ""
    settings_of_it = "\0".join((endpoint.base_url, endpoint.model, secret))
    return f"coach:model-problem:{role}:{hashlib.sha256(settings_of_it.encode()).hexdigest()[:16]}"
