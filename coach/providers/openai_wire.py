"""What the HTTP clients share: the connection to an endpoint and how its faults become errors that say who can help."""

import email.utils
import json
import random
import re
import socket
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from coach.config import ModelEndpoint
from coach.providers.ports import (
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    Usage,
)
from coach.telemetry import metrics, names

CONNECT_SECONDS = 5.0
RETRIES = 2
FIRST_BACKOFF_SECONDS = 0.5
# Somebody waits for the answer: a service that wants to be left alone for longer counts as unavailable.
LONGEST_WAIT_SECONDS = 15.0

# Connections outlive the pauses between turns; the kernel notices when the other side has gone.
KEEPALIVE_SECONDS = 120.0
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=40, keepalive_expiry=KEEPALIVE_SECONDS)
_SOCKET_OPTIONS: list[tuple[int, int, int]] = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, option), value)
        for option, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, option)
    ),
]

_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached", "arrearage"}
_UNKNOWN_MODEL_CODES = {"model_not_found", "modelnotfound", "model_not_exist", "invalid_model"}
_THROTTLED = ("throttling", "rate_limit", "too_many_requests")
_REFUSED_CONTENT = ("data_inspection", "datainspection", "content_filter", "content_policy")
_KEY_CODES = {"invalid_api_key", "invalidapikey", "authentication_error"}
_MAX_SAFE = re.compile(r"[^A-Za-z0-9_.\-]+")


class RefusedContent(ProviderRejected):
    """The service will not deal with what the request says."""


def proxies_apply(endpoint: ModelEndpoint) -> bool:
    """A model on this machine is never asked through a proxy."""
    return urlsplit(endpoint.base_url).hostname not in ("127.0.0.1", "localhost", "::1")


def async_client(endpoint: ModelEndpoint, *, read_seconds: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(limits=LIMITS, socket_options=_SOCKET_OPTIONS),
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        headers=headers(endpoint),
        trust_env=proxies_apply(endpoint),
    )


def client(endpoint: ModelEndpoint, *, read_seconds: float) -> httpx.Client:
    return httpx.Client(
        transport=httpx.HTTPTransport(limits=LIMITS, socket_options=_SOCKET_OPTIONS),
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        headers=headers(endpoint),
        trust_env=proxies_apply(endpoint),
    )


def headers(endpoint: ModelEndpoint) -> dict[str, str]:
    key = endpoint.api_key.get_secret_value() if endpoint.api_key else "local"
    return {"authorization": f"Bearer {key}", "user-agent": "practice-coach"}


def completions_url(endpoint: ModelEndpoint) -> str:
    return endpoint.base_url.rstrip("/") + "/chat/completions"


def failure(endpoint: ModelEndpoint, status: int, body: Any, retry_after: str | None = None) -> ProviderError:
    """The error for an answer with this status, or (status 200) for an error object inside a stream.

    The service's own words stay out of it: they may quote the request.
    """
    code = _code(body)
    told = f"{endpoint.model} answered {status}" + (f" {code}" if code else "")
    seconds = seconds_until(retry_after)
    lower = code.lower()
    if lower in _QUOTA_CODES:
        return ProviderMisconfigured(
            f"{told}: the quota behind {endpoint.key_variable} is used up", variable=endpoint.key_variable
        )
    if lower in _UNKNOWN_MODEL_CODES or status == 404 or _speaks_of_unknown_model(status, body):
        return ProviderMisconfigured(
            f"{told}: there is no such model at {_host(endpoint)}; change {endpoint.model_variable}",
            variable=endpoint.model_variable,
        )
    if status in (401, 402, 403) or lower in _KEY_CODES:
        return ProviderMisconfigured(
            f"{told}: the key in {endpoint.key_variable} is not accepted by {_host(endpoint)}",
            variable=endpoint.key_variable,
        )
    if lower.startswith(_REFUSED_CONTENT):
        return RefusedContent(told)
    if status == 429 or lower.startswith(_THROTTLED):
        return ProviderUnavailable(told, retry_after=seconds)
    if status in (408, 409, 425) or status >= 500:
        return ProviderUnavailable(told, retry_after=seconds)
    if status == 200:
        permanent = lower.startswith("invalid")
        return ProviderRejected(told) if permanent else ProviderUnavailable(told, retry_after=seconds)
    if status < 400:
        return ProviderMisconfigured(
            f"{told}: {base_variable(endpoint)} does not lead to a model", variable=base_variable(endpoint)
        )
    return ProviderRejected(told)


def unreachable(endpoint: ModelEndpoint, error: Exception) -> ProviderUnavailable:
    """The error for a connection that failed, broke off or fell silent."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return ProviderUnavailable(f"{endpoint.model} at {_host(endpoint)} did not answer in time")
    return ProviderUnavailable(f"the connection to {endpoint.model} at {_host(endpoint)} failed")


def base_variable(endpoint: ModelEndpoint) -> str:
    return "LOCAL_MODELS_URL" if endpoint.local else endpoint.key_variable.removesuffix("_KEY") + "_BASE"


def seconds_until(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds, given as seconds or as a date (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None


def wait_before_retry(error: ProviderError, attempt: int) -> float | None:
    """Seconds to wait before trying again after try number `attempt` (from 1); None if that is pointless."""
    if not isinstance(error, ProviderUnavailable):
        return None
    wait = FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)
    wait = max(wait, error.retry_after or 0)
    return wait if wait <= LONGEST_WAIT_SECONDS else None


def parsed(text: str) -> Any:
    """JSON, or None for what is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def usage(body: Mapping[str, Any], endpoint: ModelEndpoint) -> Usage:
    counted = body.get("usage")
    counted = counted if isinstance(counted, Mapping) else {}
    model = body.get("model")
    return Usage(
        model=model if isinstance(model, str) and model else endpoint.model,
        input_tokens=_whole(counted.get("prompt_tokens")),
        output_tokens=_whole(counted.get("completion_tokens")),
    )


def count_tokens(role: str, spent: Usage) -> None:
    for direction, tokens in (("input", spent.input_tokens), ("output", spent.output_tokens)):
        if tokens:
            metrics.count(
                names.MODEL_TOKENS,
                tokens,
                **{names.ENDPOINT: role, names.MODEL: spent.model, names.DIRECTION: direction},
            )


def kind(error: BaseException) -> str:
    """Who can help, in one word for telemetry."""
    if isinstance(error, ProviderMisconfigured):
        return "misconfigured"
    if isinstance(error, ProviderUnavailable):
        return "unavailable"
    return "rejected"


def _code(body: Any) -> str:
    error = body.get("error", body) if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return ""
    found: Iterable[Any] = (error.get("code"), error.get("type"))
    return next((_MAX_SAFE.sub("", each)[:64] for each in found if isinstance(each, str) and each), "")


def _speaks_of_unknown_model(status: int, body: Any) -> bool:
    error = body.get("error", body) if isinstance(body, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else None
    words = message.lower() if isinstance(message, str) else ""
    return status == 400 and "model" in words and ("not exist" in words or "not found" in words)


def _host(endpoint: ModelEndpoint) -> str:
    return urlsplit(endpoint.base_url).hostname or "its address"


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
