"""Converts wire messages to dataclasses, mirroring static/js/socket.js. Lenient about turns, otherwise strict."""

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from coach.edge import input_limits
from practice.catalog.completeness import FieldProblem
from practice.lifecycle import STOP_REASONS, Reason
from practice.turns.submission import Submission

MAX_FRAME_BYTES = 256 * 1024
_STANDARD_ALPHABET = str.maketrans("-_", "+/")
MAX_SEQUENCE = 2**31 - 1
MAX_PLAYED_MS = 24 * 3600 * 1000
AUDIO_FORMAT = {"encoding": "pcm_s16le", "sampleRate": 24_000, "channels": 1}


@dataclass(frozen=True)
class TurnStart:
    sequence: int
    started_at: datetime


@dataclass(frozen=True)
class TurnEnd:
    """`fields` are read when the turn is checked: a client that repeats an accepted turn must be told that first."""

    fields: Mapping[str, Any]


@dataclass(frozen=True)
class TurnText:
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class TurnPause:
    """The trainee pauses: has the turn that is being uploaded ended?"""

    sequence: int


@dataclass(frozen=True)
class TurnCancel:
    sequence: int


@dataclass(frozen=True)
class Interrupt:
    sequence: int
    played_ms: int


@dataclass(frozen=True)
class PlaybackEnded:
    sequence: int


@dataclass(frozen=True)
class Telemetry:
    idle_seconds: float
    elapsed_seconds: float


@dataclass(frozen=True)
class Stop:
    reason: Reason


@dataclass(frozen=True)
class Ping:
    client_time: Any


@dataclass(frozen=True)
class SoundPiece:
    """A binary frame: MP3 bytes of the turn that is being recorded."""

    sequence: int
    mp3: bytes


ClientMessage = (
    TurnStart
    | TurnPause
    | TurnEnd
    | TurnText
    | TurnCancel
    | Interrupt
    | PlaybackEnded
    | Telemetry
    | Stop
    | Ping
    | SoundPiece
)


class BadMessage(Exception):
    """The message was not understood. `code` and `detail` go to the client."""

    def __init__(self, code: str, detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = str(detail)


def read_json(text: str) -> dict[str, Any]:
    """Parse a JSON object with finite numbers. Raises BadMessage."""
    try:
        found = input_limits.parsed(text)
    except input_limits.NotJson:
        raise BadMessage("bad_json", _("The message is not JSON. Send one JSON object per text frame.")) from None
    if not isinstance(found, dict):
        raise BadMessage("bad_json", _("The message is not a JSON object. Send one JSON object per text frame."))
    return found


def parse_text(text: str) -> ClientMessage:
    """Parse one text frame. Raises BadMessage."""
    fields = read_json(text)
    match fields.get("type"):
        case "turn_start":
            return TurnStart(_sequence(fields), _required_time(fields, "startedAt"))
        case "turn_end":
            return TurnEnd(fields)
        case "turn_text":
            return TurnText(fields)
        case "turn_pause":
            return TurnPause(_sequence(fields))
        case "turn_cancel":
            return TurnCancel(_sequence(fields))
        case "interrupt":
            return Interrupt(_sequence(fields), _played_ms(fields))
        case "playback_ended":
            return PlaybackEnded(_sequence(fields))
        case "telemetry":
            return Telemetry(_seconds(fields, "idleSeconds"), _seconds(fields, "elapsedSeconds"))
        case "stop":
            return Stop(stop_reason(fields.get("reason")))
        case "ping":
            return Ping(_small(fields.get("clientTime")))
        case _:
            raise BadMessage("unknown_type", _("Unknown message type. See the protocol for the types."))


def parse_binary(frame: bytes) -> SoundPiece:
    """Parse one binary frame: four bytes of sequence, then MP3. Raises BadMessage."""
    if len(frame) < 4:
        raise BadMessage("bad_frame", _("A binary frame starts with four bytes of sequence."))
    return SoundPiece(struct.unpack_from("<I", frame)[0], frame[4:])


def sound_frame(sequence: int, pcm: bytes) -> bytes:
    return struct.pack("<I", sequence) + pcm


def stop_reason(value: Any) -> Reason:
    """Parse the reason of a stop. Raises BadMessage."""
    if isinstance(value, str) and value in STOP_REASONS:
        return Reason(value)
    allowed = ", ".join(sorted(STOP_REASONS))
    raise BadMessage("bad_reason", _("Give one of these reasons: %(reasons)s.") % {"reasons": allowed})


def submission(fields: Mapping[str, Any], *, arrived_at: datetime, body_bytes: int = 0) -> Submission:
    """A turn as POSTed (`audioBase64` or `text`)."""
    problems: list[FieldProblem] = []
    sound = None
    encoded = fields.get("audioBase64")
    if encoded is not None:
        sound = _decoded(encoded)
    return _submission(fields, problems, sound=sound, arrived_at=arrived_at, body_bytes=body_bytes)


def spoken_submission(
    fields: Mapping[str, Any], sound: bytes, started_at: datetime | None, *, arrived_at: datetime
) -> Submission:
    """A `turn_end` together with what was uploaded before it."""
    problems: list[FieldProblem] = []
    known = {**fields, "startedAt": started_at.isoformat() if started_at else None, "text": None}
    return _submission(known, problems, sound=sound, arrived_at=arrived_at)


def _submission(
    fields: Mapping[str, Any],
    problems: list[FieldProblem],
    *,
    sound: bytes | None,
    arrived_at: datetime,
    body_bytes: int = 0,
) -> Submission:
    sequence = fields.get("sequence")
    if isinstance(sequence, bool) or not isinstance(sequence, int) or not 0 <= sequence <= MAX_SEQUENCE:
        problems.append(FieldProblem("sequence", _("Give the number of the turn.")))
        sequence = None
    return Submission(
        sequence=sequence,
        started_at=_time(fields, "startedAt", problems, required=True),
        ended_at=_time(fields, "endedAt", problems, required=True),
        client_sent_at=_time(fields, "clientSentAt", problems, required=False),
        sound=sound,
        text=_text(fields, "text", problems),
        context=_text(fields, "context", problems),
        body_bytes=body_bytes,
        arrived_at=arrived_at,
        problems=problems,
    )


def _decoded(encoded: Any) -> bytes:
    """Base64 as clients write it: as a data URL, in lines, in the URL-safe alphabet, without padding.

    Anything else comes back as it is: it is checked like a recording, and no MP3.
    """
    if not isinstance(encoded, str):
        return b""
    plain = "".join(encoded.rpartition(",")[2].split()).translate(_STANDARD_ALPHABET).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return encoded.encode("utf-8", "replace")


def parse_time(value: Any) -> datetime | None:
    """Parse an ISO 8601 time with zone; None for anything else."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())  # RFC 3339 takes t and z for T and Z
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _time(fields: Mapping[str, Any], name: str, problems: list[FieldProblem], *, required: bool) -> datetime | None:
    value = fields.get(name)
    if value is None and not required:
        return None
    moment = parse_time(value)
    if moment is None:
        problems.append(FieldProblem(name, _("Give a time with zone, for example 2026-03-01T09:30:00Z.")))
    return moment


def _text(fields: Mapping[str, Any], name: str, problems: list[FieldProblem]) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or input_limits.text_fault(value):
        problems.append(FieldProblem(name, _("Give plain text.")))
        return None
    return value


def _sequence(fields: Mapping[str, Any]) -> int:
    value = fields.get("sequence")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQUENCE:
        raise BadMessage("malformed", _("Give sequence as the number of the turn."))
    return value


def _played_ms(fields: Mapping[str, Any]) -> int:
    value = fields.get("playedMs")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_PLAYED_MS:
        raise BadMessage("malformed", _("Give playedMs as milliseconds, 0 or more."))
    return int(value)


def _seconds(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1_000_000:
        raise BadMessage("malformed", _("Give %(field)s in seconds.") % {"field": name})
    return float(value)


def _required_time(fields: Mapping[str, Any], name: str) -> datetime:
    moment = parse_time(fields.get(name))
    if moment is None:
        raise BadMessage("malformed", _("Give %(field)s as a time with zone.") % {"field": name})
    return moment


def _small(value: Any) -> Any:
    """A value that is echoed unchanged: a scalar of modest size."""
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, str) and len(value) <= 64 and not input_limits.text_fault(value):
        return value
    raise BadMessage("malformed", _("Give clientTime as a short text or a number."))
