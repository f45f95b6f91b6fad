"""Download files; every attempt is limited in time and size.

File servers are separate from LeanCloud's API: domains die, links expire, and captive portals answer every URL with a
page. A host that stays silent for too long is asked once a minute until it answers; its other downloads fail at once.
"""

import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

import requests
import urllib3

from coach.leancloud.wire import LeanCloudUnavailable, retries, session

POOL = 8
TRIES = 3
TIMEOUT = (5, 10)
"""Seconds to connect and between bytes."""
TRY_SECONDS_MAX = 60.0
BYTES_MAX = 32 * 1024 * 1024
"""Our recordings have at most 128 KiB; other applications with this data model stored longer ones."""
SILENCE_MAX = 180.0
"""Seconds spent waiting in vain for one host since its last answer, summed over all threads."""
ASK_AGAIN_AFTER = 60.0
"""Seconds between two requests to a host that was silent for longer."""

_CHUNK = 1 << 16
_WORTH_ANOTHER_TRY = (408, 425, 429)


class NoSuchBytes(FileNotFoundError):
    """The URL is invalid or the server says the file does not exist; retrying would not help."""


class _NoAnswer(LeanCloudUnavailable):
    """The server sent nothing, or stopped sending."""


@dataclass
class _Silence:
    """Seconds spent waiting in vain for a host since its last answer, and when it was last asked."""

    seconds: float = 0.0
    asked_at: float = -math.inf


class Downloads:
    """Thread-safe."""

    def __init__(
        self,
        *,
        tries: int = TRIES,
        timeout: tuple[float, float] = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        pool: int = POOL,
    ) -> None:
        self._tries = tries
        self._timeout = timeout
        self._sleep = sleep
        self._http = session(pool)
        self._http.max_redirects = 5
        self._lock = Lock()
        self._silent: defaultdict[str, _Silence] = defaultdict(_Silence)

    def get(self, url: str) -> bytes:
        """Download a URL. Raises NoSuchBytes if there is no file, LeanCloudUnavailable if the server fails."""
        host = _host(url)
        begun = time.monotonic()
        tries = self._tries_now(host, begun)
        if not tries:
            raise LeanCloudUnavailable(f"{host} does not answer; asked only once a minute")
        try:
            content = retries(repeatable=True, tries=tries, sleep=self._sleep)(self._once, url)
        except _NoAnswer:
            with self._lock:
                self._silent[host].seconds += time.monotonic() - begun
            raise
        except (NoSuchBytes, LeanCloudUnavailable):
            self._silent.pop(host, None)
            raise
        self._silent.pop(host, None)
        return content

    def _tries_now(self, host: str, now: float) -> int:
        """How often a host may be asked for a file; after too long a silence once a minute, by one thread."""
        with self._lock:
            silence = self._silent[host]
            is_given_up = silence.seconds >= SILENCE_MAX
            if is_given_up and now - silence.asked_at < ASK_AGAIN_AFTER:
                return 0
            silence.asked_at = now
        return 1 if is_given_up else self._tries

    def _once(self, url: str) -> bytes:
        try:
            with self._http.get(url, timeout=self._timeout, stream=True) as reply:
                _refuse(reply)
                return _read(reply)
        except requests.exceptions.TooManyRedirects:
            raise NoSuchBytes("the file's address redirects in a circle") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            if isinstance(error, ValueError):
                # Invalid scheme, host or syntax.
                raise NoSuchBytes("the file's address is none") from None
            raise _NoAnswer(f"the file's address does not answer ({type(error).__name__})") from None


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host:
        raise NoSuchBytes("the file's address is none")
    return host


def _refuse(reply: requests.Response) -> None:
    status = reply.status_code
    if 400 <= status < 500 and status not in _WORTH_ANOTHER_TRY:
        raise NoSuchBytes(f"the file's address answers {status}")
    if status != 200:
        raise LeanCloudUnavailable(f"the file's address answers {status}")
    kind = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise LeanCloudUnavailable("the file's address answers with a page")


def _read(reply: requests.Response) -> bytes:
    until = time.monotonic() + TRY_SECONDS_MAX
    content = bytearray()
    # `iter_content` would block until a whole chunk has arrived, however slowly.
    while piece := reply.raw.read1(_CHUNK, decode_content=True):
        content += piece
        if len(content) > BYTES_MAX:
            raise NoSuchBytes(f"the file's address sends more than {BYTES_MAX // 1024 // 1024} MiB")
        if time.monotonic() > until:
            raise _NoAnswer("the file server is too slow")
    if not content:
        raise NoSuchBytes("the file is empty")
    return bytes(content)
