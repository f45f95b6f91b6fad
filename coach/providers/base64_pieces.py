"""Decodes base64 that arrives in pieces: each encoded separately, padded or not, or one long text cut anywhere."""

import base64
import binascii
import re
from array import array

# This many characters after a doubtful boundary are enough to recognise which reading is speech (192 bytes, 4 ms).
ENOUGH_CHARACTERS = 256
# Silence looks the same in both readings; it is held back no longer than this.
MOST_HELD_CHARACTERS = 64 * 1024

_SEGMENT = re.compile(r"([^=]*)(=*)")
_ALPHABET = re.compile(r"[A-Za-z0-9+/]*")
_URL_SAFE = str.maketrans("-_", "+/")
_RIFF = "UklGR"
_PROBE_BYTES = 1500
_CLEARLY = 2.0


class Base64Pieces:
    """Decodes pieces as they arrive. Raises ValueError if they are not base64.

    A piece that lacks padding was either encoded separately or cut from a longer text. Usually the unused bits of its
    last character show which (RFC 4648, 3.5: they are zero at the end of an encoding); if not, the next pieces are read
    both ways as 16-bit samples, and the smoother reading is speech.
    """

    def __init__(self) -> None:
        self._joined: bool | None = None
        self._carry = ""
        self._doubtful: list[str] = []
        self._held = 0
        self._look_at = ENOUGH_CHARACTERS

    def feed(self, piece: str) -> list[bytes]:
        """Decoded blocks; a separately encoded piece begins a new block."""
        if (block := self._whole(piece)) is not None:
            return [block]
        blocks: list[bytes] = []
        for body, padding in _SEGMENT.findall(_plain(piece)):
            if body or padding:
                blocks += self._segment(body, padding)
        return [block for block in blocks if block]

    def _whole(self, piece: str) -> bytes | None:
        """The usual case in one step: plain base64 of whole bytes with nothing pending. None in all other cases."""
        if not piece or len(piece) % 4 or self._joined or self._doubtful:
            return None
        try:
            block = binascii.a2b_base64(piece, strict_mode=True)
        except ValueError:
            return None
        if piece[-1] == "=":
            self._joined = False
        return block

    def finish(self) -> list[bytes]:
        """Whatever was held back, once no more can follow."""
        blocks = self._decide(final=True) if self._doubtful else []
        carry, self._carry = self._carry, ""
        blocks.append(_decoded(carry[: len(carry) - (len(carry) % 4 == 1)]))
        return [block for block in blocks if block]

    def _segment(self, body: str, padding: str) -> list[bytes]:
        if self._doubtful:
            self._doubtful.append(body)
            self._held += len(body)
            return self._decide(padding=padding)
        if self._joined:
            return self._continued(body, end=bool(padding))
        if padding and not body:
            return []
        if padding or self._joined is False or len(body) % 4 == 0:
            self._joined = False if padding else self._joined
            return [_decoded(body)]
        if not _may_end(body):
            self._joined = True
            return self._continued(body)
        whole = len(body) - len(body) % 4
        self._doubtful, self._held, self._look_at = [body[whole:]], 0, ENOUGH_CHARACTERS
        return [_decoded(body[:whole])]

    def _continued(self, body: str, *, end: bool = False) -> list[bytes]:
        text = self._carry + body
        whole = len(text) if end else len(text) - len(text) % 4
        self._carry = text[whole:]
        return [_decoded(text[:whole])]

    def _decide(self, *, padding: str = "", final: bool = False) -> list[bytes]:
        first, *rest = self._doubtful
        joined: bool | None = None
        if padding:
            joined = (len(rest[-1]) + len(padding)) % 4 != 0
        elif rest and not _may_end(rest[-1]):
            joined = True
        elif rest and rest[-1].startswith(_RIFF):
            joined = False
        elif final or self._held >= self._look_at:
            self._look_at = 2 * self._held
            joined = _smoother_joined(first, rest)
            if joined is None and (final or self._held > MOST_HELD_CHARACTERS):
                joined = False
        if joined is None:
            return []
        self._doubtful, self._joined = [], joined
        if joined:
            return self._continued(first + "".join(rest), end=bool(padding))
        return [_decoded(piece) for piece in (first, *rest)]


def looks_encoded(text: str) -> bool:
    """Whether this is encoded sound in a text field: no language looks like this."""
    text = text.strip()
    if text.startswith(("data:audio/", "data:;base64,")) or (text.startswith(_RIFF) and len(text) >= 40):
        return True
    return len(text) >= 256 and re.fullmatch(r"[A-Za-z0-9+/_\-]+={0,2}", text) is not None


def _plain(piece: str) -> str:
    """Standard base64 without white space or the prefix of a data URL."""
    if piece.lstrip().startswith("data:"):
        piece = piece.partition(",")[2]
    text = "".join(piece.split()).translate(_URL_SAFE)
    if not _ALPHABET.fullmatch(text.replace("=", "")):
        raise ValueError("not base64")
    return text


def _may_end(body: str) -> bool:
    """Whether an encoding may end here: whole bytes, and the unused bits of the last character are zero."""
    over = len(body) % 4
    if over < 2:
        return over == 0
    return (
        _decoded(body[-over:]) != b"" and base64.b64encode(_decoded(body[-over:])).rstrip(b"=").decode() == body[-over:]
    )


def _decoded(body: str) -> bytes:
    if len(body) % 4 == 1:
        raise ValueError("not base64")
    return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)


def _smoother_joined(first: str, rest: list[str]) -> bool | None:
    together = first + "".join(rest)
    joined = _roughness(_decoded(together[: len(together) - len(together) % 4]))
    single = _roughness(b"".join(map(_decoded, rest)))
    if joined * _CLEARLY < single:
        return True
    return False if single * _CLEARLY < joined else None


def _roughness(sound: bytes) -> float:
    """Mean step between the last 16-bit samples, for the better of the two ways to pair the bytes."""
    sound = sound[-_PROBE_BYTES:]

    def steps(start: int) -> float:
        probe = sound[start:]
        samples = array("h", probe[: len(probe) - len(probe) % 2])
        return sum(abs(b - a) for a, b in zip(samples, samples[1:], strict=False)) / max(1, len(samples) - 1)

    return min(steps(0), steps(1))
