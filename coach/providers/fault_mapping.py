"""Maps a model service's failures to the error that says who can help. No other code decides this."""

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Any

from coach.config import ModelEndpoint
from coach.providers import reported_faults
from coach.providers.openai_wire import base_variable, host
from coach.providers.ports import (
    ContentRefused,
    ModelsRestarting,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    QuotaThrottled,
)
from coach.providers.reported_faults import ReportedFault

# Nobody waits longer, and a date that far away would not fit everywhere.
LONGEST_RETRY_AFTER_SECONDS = 86_400.0

_QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached", "arrearage", "insufficient_balance"}
_UNKNOWN_MODEL_CODES = {"model_not_found", "modelnotfound", "model_not_exist", "model_not_found_error", "invalid_model"}
_KEY_CODES = {"invalid_api_key", "invalidapikey", "authentication_error", "invalid_authentication", "unauthorized"}
_REFUSED_CODES = (
    "data_inspection",
    "datainspection",
    "content_filter",
    "content_policy",
    "contentfilter",
    "moderation",
)
_REFUSED_WORDS = (
    "inappropriate content",
    "content management policy",
    "content policy",
    "content_policy",
    "content filter",
    "data inspection",
    "safety system",
    "flagged_input",
    "flagged by",
    "sensitive content",
    "sensitive words",
    "敏感",
    "违规",
)
_THROTTLED_CODES = ("throttling", "rate_limit", "ratelimit", "too_many_requests", "toomanyrequests", "limit_")
_THROTTLED_WORDS = (
    "throttl",
    "rate limit",
    "rate_limit",
    "ratelimit",
    "too many requests",
    "per minute",
    "per second",
    "try again in",
    "try again later",
    "retry after",
    "retry in",
    "请稍后",
    "限流",
)
_SECONDS_LATER = re.compile(
    r"(?:try again|retry)\s+(?:in|after)\s+(\d+(?:\.\d+)?)\s*(ms|s|sec|seconds?)\b", re.IGNORECASE
)


def failure(endpoint: ModelEndpoint, status: int, body: Any, headers: Mapping[str, str] | None = None) -> ProviderError:
    """The error for an answer with this status and body.

    The service's own words are left out: they may quote the request.
    """
    return reported(endpoint, status, reported_faults.in_body(body), headers)


def reported(
    endpoint: ModelEndpoint, status: int, fault: ReportedFault, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """The same for a parsed fault; status 200 means that a stream reported it midway."""
    told = f"{endpoint.model} answered {status}" + (f" {fault.code}" if fault.code else "")
    later = retry_after_seconds(headers or {}, fault)
    codes = {code.lower() for code in fault.codes}
    if status == 200:
        status = fault.status or 200
    if _refuses_content(fault, codes, status):
        return ContentRefused(told)
    if codes & _QUOTA_CODES:
        spent = ProviderMisconfigured(
            f"{told}: the quota behind {endpoint.key_variable} is used up", variable=endpoint.key_variable
        )
        passes = later is not None or fault.speaks_of(*_THROTTLED_WORDS)
        return QuotaThrottled(told, spent=spent, retry_after=later) if passes else spent
    if codes & _UNKNOWN_MODEL_CODES or status == 404 or _speaks_of_unknown_model(status, fault):
        return ProviderMisconfigured(
            f"{told}: there is no such model at {host(endpoint)}; change {endpoint.model_variable}"
            + ("" if codes else f" or {base_variable(endpoint)}"),
            variable=endpoint.model_variable,
        )
    if endpoint.local and "models_loading" in codes:
        return ModelsRestarting(told, retry_after=later)
    if status == 429 or any(code.startswith(_THROTTLED_CODES) for code in codes):
        return ProviderUnavailable(told, retry_after=later)
    if status in (401, 402, 403) or codes & _KEY_CODES:
        return ProviderMisconfigured(
            f"{told}: the key in {endpoint.key_variable} is not accepted by {host(endpoint)}",
            variable=endpoint.key_variable,
        )
    if status in (408, 409, 425) or status >= 500:
        return ProviderUnavailable(told, retry_after=later)
    if status == 200:
        permanent = any(code.startswith(("invalid", "badrequest")) for code in codes)
        return ProviderRejected(told) if permanent else ProviderUnavailable(told, retry_after=later)
    if status < 400:
        return ProviderMisconfigured(
            f"{told}: {base_variable(endpoint)} does not lead to a model", variable=base_variable(endpoint)
        )
    return ProviderRejected(told)


def retry_after_seconds(headers: Mapping[str, str], fault: ReportedFault | None = None) -> float | None:
    """How long the service asks us to wait: `Retry-After` (RFC 9110, 10.2.3), its `-ms` variant, or its message."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _seconds(headers.get(name), scale)
        if seconds is not None:
            return seconds
    told = _SECONDS_LATER.search(fault.message) if fault else None
    return _seconds(told[1], 0.001 if told[2].lower() == "ms" else 1.0) if told else None


def _seconds(value: str | None, scale: float) -> float | None:
    if not value:
        return None
    try:
        seconds = float(value) * scale
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError, OSError):
            return None
    return None if math.isnan(seconds) else min(max(0.0, seconds), LONGEST_RETRY_AFTER_SECONDS)


def _refuses_content(fault: ReportedFault, codes: set[str], status: int) -> bool:
    if any(code.startswith(_REFUSED_CODES) for code in codes):
        return True
    return status in (200, 400, 403, 422, 451, 500) and fault.speaks_of(*_REFUSED_WORDS)


def _speaks_of_unknown_model(status: int, fault: ReportedFault) -> bool:
    words = fault.message.lower()
    missing = "not exist" in words or "not found" in words or "不存在" in words
    return status in (200, 400, 422) and ("model" in words or "模型" in words) and missing
