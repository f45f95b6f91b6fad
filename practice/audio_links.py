"""Signed links to recordings: valid for fifteen minutes, for one turn and one trainee, never stored."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags, urlencode

from coach.storage import audio
from practice.models import Turn

VALID = timedelta(minutes=15)
_SALT = "practice.audio"


class LinkRefused(Exception):
    """`code` is the protocol's."""

    def __init__(self, code: Literal["link_expired", "link_invalid"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Links:
    """Makes the links of one response, all valid from `now`."""

    user_id: str
    now: datetime

    def to(self, turn_id: str) -> str:
        expires = str(int((self.now + VALID).timestamp()))
        query = urlencode({"expires": expires, "signature": _sign(turn_id, self.user_id, expires)})
        return f"/api/audio/{turn_id}?{query}"


def check(turn_id: str, *, user_id: str, expires: str, signature: str, now: datetime) -> None:
    """Raises LinkRefused if the link is forged or has expired."""
    try:
        Signer(salt=_SALT, sep=":").unsign(f"{_signed(turn_id, user_id, expires)}:{signature}")
    except BadSignature:
        raise LinkRefused("link_invalid") from None
    if int(expires) < now.timestamp():
        raise LinkRefused("link_expired")


def serve(request: HttpRequest, turn: Turn) -> HttpResponse:
    """The recording of a turn, whole or the one requested range. Raises AudioLost if there is none (any more)."""
    if turn.audio is None:
        raise audio.AudioLost(turn.pk)
    tag = f'"{turn.audio.sha256}"'
    headers = {"Accept-Ranges": "bytes", "ETag": tag, "Cache-Control": "private, max-age=900"}
    if _names(request.headers.get("If-None-Match", ""), tag):
        return HttpResponse(status=304, headers=headers)
    content = audio.read(turn.audio)
    # Range is defined for GET only (RFC 9110, section 14.2): HEAD describes the whole recording.
    ranged = "" if getattr(request, "is_head", False) else request.headers.get("Range", "")
    wanted = _range(ranged, len(content))
    if wanted is None or request.headers.get("If-Range", tag) != tag:
        return HttpResponse(content, content_type="audio/mpeg", headers=headers)
    first, last = wanted
    if first > last:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return HttpResponse(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return HttpResponse(content[first : last + 1], status=206, content_type="audio/mpeg", headers=headers)


def _names(header: str, tag: str) -> bool:
    """Whether If-None-Match names this tag: one of several, weakened by a proxy that compresses, or by `*`."""
    return not {"*", tag}.isdisjoint(each.removeprefix("W/") for each in parse_etags(header))


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range (first > last: cannot be satisfied); None: send the whole recording.

    >>> _range("bytes=-4", 10)
    (6, 9)
    """
    found = re.fullmatch(r"bytes=(\d{0,99})-(\d{0,99})", header.strip())
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        count = int(found[2])
        return (max(0, size - count), size - 1) if count else (1, 0)
    first = int(found[1])
    if found[2] and int(found[2]) < first:
        return None
    return (first, min(int(found[2]), size - 1) if found[2] else size - 1) if first < size else (1, 0)


def _signed(turn_id: str, user_id: str, expires: str) -> str:
    return f"{turn_id}/{user_id}/{expires}"


def _sign(turn_id: str, user_id: str, expires: str) -> str:
    return Signer(salt=_SALT, sep=":").signature(_signed(turn_id, user_id, expires))
