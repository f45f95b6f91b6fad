"""Shared by all LeanCloud calls: errors that tell the caller what to do, retries, reading answers.

LeanCloudError
├── LeanCloudUnavailable   network, time-out, 429, 5xx, read-only: later
├── LeanCloudRefused       this request will not succeed; `code` is LeanCloud's (137 unique, 140 quota, …)
└── ReplyCut               the reply reached 6 MB: ask for less
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from tenacity import Retrying

from coach.http_retries import retrying
from coach.jobs.backoff import Backoff

TIMEOUT = (5, 30)
"""Seconds to connect and between bytes."""
TRIES = 4
BACKOFF = Backoff(timedelta(seconds=0.5), 2, timedelta(minutes=1), jitter=0.5)
CLASS_MISSING = 101
REPLY_BYTES_MAX = 6_000_000
"""LeanCloud cuts longer replies without an error."""


class LeanCloudError(Exception):
    """Message for operators; contains no keys and no content."""


class LeanCloudUnavailable(LeanCloudError):
    """Try later. `turned_away`: the request was certainly not executed. `retry_after` in seconds, if known."""

    def __init__(self, message: str, *, turned_away: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.turned_away = turned_away
        self.retry_after = retry_after


class LeanCloudRefused(LeanCloudError):
    """The request is refused. `code` is LeanCloud's error code, `status` the HTTP status."""

    def __init__(self, message: str, *, code: int, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    @property
    def of_the_app(self) -> bool:
        """The app's keys are refused, so every request will fail."""
        return self.status in (401, 403)


class ReplyCut(LeanCloudError):
    """LeanCloud cut the reply at its size limit; ask for less."""


def session(pool: int) -> requests.Session:
    """A session with up to `pool` pooled connections per host; thread-safe."""
    http = requests.Session()
    for scheme in ("https://", "http://"):
        http.mount(scheme, HTTPAdapter(pool_connections=pool, pool_maxsize=pool, pool_block=True))
    return http


def retries(*, repeatable: bool, tries: int, sleep: Callable[[float], None]) -> Retrying:
    """Requests that are not `repeatable` are only sent again if they were turned away."""

    def worth_another(error: BaseException) -> bool:
        return isinstance(error, LeanCloudUnavailable) and (repeatable or error.turned_away)

    return retrying(tries=tries, worth_another=worth_another, backoff=BACKOFF, sleep=sleep)


def answer(reply: requests.Response) -> Any:
    """Decode an answer. Raises LeanCloudError."""
    if 300 <= reply.status_code < 400:
        # Not followed: that would send the keys elsewhere and turn a POST into a GET.
        raise LeanCloudRefused(
            f"LEAN_SERVER_URL redirects to {_host_of(reply.headers.get('Location', ''))}: set it to that",
            code=0,
            status=reply.status_code,
        )
    if reply.status_code == 429:
        raise LeanCloudUnavailable("too many requests at once", turned_away=True, retry_after=_retry_after(reply))
    if reply.status_code >= 500:
        raise LeanCloudUnavailable(
            f"LeanCloud answers {reply.status_code}",
            turned_away=reply.status_code == 503,
            retry_after=_retry_after(reply),
        )
    try:
        content = reply.json()
    except (ValueError, RecursionError):
        if len(reply.content) >= REPLY_BYTES_MAX:
            raise ReplyCut("the reply was cut at 6 MB") from None
        if 400 <= reply.status_code < 500 and reply.status_code != 408:
            words = f"LEAN_SERVER_URL answers {reply.status_code} and no JSON: is it the address of your app?"
            raise LeanCloudRefused(words, code=0, status=reply.status_code) from None
        raise unexpected("no JSON") from None
    if reply.status_code >= 400:
        code, words = error_of(content)
        if code == 429:
            raise LeanCloudUnavailable("too many requests at once", turned_away=True, retry_after=_retry_after(reply))
        raise LeanCloudRefused(f"LeanCloud says {code}: {words}", code=code, status=reply.status_code)
    return content


def error_of(content: Any) -> tuple[int, str]:
    if not isinstance(content, dict):
        return 0, "no reason given"
    code = content.get("code")
    return (code if isinstance(code, int) else 0), str(content.get("error", ""))[:160]


def unexpected(what: str) -> LeanCloudUnavailable:
    """Error for an answer that is not from LeanCloud: a captive portal, a proxy, a server still starting."""
    return LeanCloudUnavailable(f"LEAN_SERVER_URL answers something else than LeanCloud does ({what})")


def field_of(reply: Any, name: str, kind: type) -> Any:
    """A required field of an answer. Raises LeanCloudUnavailable if it is missing."""
    value = reply.get(name) if isinstance(reply, dict) else None
    if not isinstance(value, kind):
        raise unexpected(f"no {name}")
    return value


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or "another address"
    except ValueError:
        return "another address"


def _retry_after(reply: requests.Response) -> float | None:
    text = reply.headers.get("Retry-After", "")
    return min(float(text[:9]), 60.0) if text.isascii() and text.isdigit() else None
