"""JSON schemas of the session socket's messages; the client's are generated from `practice.session_socket.protocol`.

Records are named as in the OpenAPI document: `{"$ref": "#/components/schemas/Turn"}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, get_args, get_type_hints

from practice.lifecycle import STOP_REASONS, Reason
from practice.session_socket import protocol
from practice.turns.accept import MAX_TEXT

Shape = dict[str, Any]

TIME: Shape = {"type": "string", "format": "date-time"}
TEXT: Shape = {"type": "string"}
SEQUENCE: Shape = {"type": "integer", "minimum": 0, "maximum": protocol.MAX_SEQUENCE}
TURN_TEXT: Shape = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
CONTEXT: Shape = {"type": ["string", "null"], "maxLength": MAX_TEXT}


@dataclass(frozen=True)
class SocketMessage:
    """`payload` is the schema of one text frame; None for a binary frame: four bytes of sequence, then sound."""

    name: str
    summary: str
    payload: Shape | None


def to_server() -> list[SocketMessage]:
    """One message for each class of `protocol.ClientMessage`."""
    return [_from_client(message) for message in get_args(protocol.ClientMessage)]


def to_client() -> list[SocketMessage]:
    said = [SocketMessage(name, summary, _object(name, payload)) for name, (summary, payload) in TO_CLIENT.items()]
    return [*said, SocketMessage("ai_sound", "Sound of the AI's turn: PCM s16le, 24 kHz, mono.", None)]


# Fields that are only read when the turn is checked; the message's class keeps them unparsed.
_UNREAD: Mapping[type, Shape] = {
    protocol.TurnEnd: {"sequence": SEQUENCE, "endedAt": TIME, "clientSentAt": TIME, "context": CONTEXT},
    protocol.TurnText: {
        "sequence": SEQUENCE,
        "startedAt": TIME,
        "endedAt": TIME,
        "clientSentAt": TIME,
        "text": TURN_TEXT,
        "context": CONTEXT,
    },
}
_OF_TYPE: Mapping[Any, Shape] = {
    datetime: TIME,
    float: {"type": "number", "minimum": 0},
    Reason: {"type": "string", "enum": sorted(STOP_REASONS)},
    Any: {},
}
_SUMMARIES: Mapping[type, str] = {
    protocol.TurnStart: "The trainee begins to speak: the idle clock stops.",
    protocol.TurnEnd: "The recording that was uploaded is the turn.",
    protocol.TurnText: "A typed turn.",
    protocol.TurnPause: "The trainee pauses: answered by end_of_turn where the server has a model for it.",
    protocol.TurnCancel: "Drop what was uploaded.",
    protocol.Interrupt: "Barge-in: stop the AI's turn; it is cut at playedMs.",
    protocol.PlaybackEnded: "The AI's turn was heard to its end: the idle clock starts.",
    protocol.Telemetry: "What the client measures, recorded beside the server's own values.",
    protocol.Stop: "End the session.",
    protocol.Ping: "Answered by pong, to calibrate the client's clock.",
    protocol.SoundPiece: "MP3 of the turn that is being recorded, while it is recorded.",
}


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


_TURN = {"turnId": TEXT, "sequence": SEQUENCE}
TO_CLIENT: Mapping[str, tuple[str, Shape]] = {
    "session": (
        "Everything so far: first on every connect, and when a waiting session becomes active.",
        {
            "session": _ref("PracticeSession"),
            "turns": {"type": "array", "items": _ref("Turn")},
            "evaluation": _or_null(_ref("Evaluation")),
            "serverTime": TIME,
        },
    ),
    "queued": ("The place in the queue.", {"position": {"type": ["integer", "null"]}, "expiresAt": _or_null(TIME)}),
    "ai_turn_started": (
        "The AI is about to speak.",
        {
            **_TURN,
            "audio": {
                "type": "object",
                "properties": {name: {"const": value} for name, value in protocol.AUDIO_FORMAT.items()},
                "required": list(protocol.AUDIO_FORMAT),
            },
        },
    ),
    "models_restarting": (
        "The models that play the AI are being restarted; its turn begins, or begins again, when they are back.",
        _TURN,
    ),
    "ai_text": ("Words of the AI's turn, as they are generated.", {**_TURN, "delta": TEXT}),
    "ai_turn": ("The AI's turn is complete and stored.", {"turn": _ref("Turn")}),
    "turn_accepted": ("The answer to a trainee's turn.", {"receipt": _ref("TurnReceipt")}),
    "turn_rejected": (
        "Nothing was stored: send the turn again. For clock_drift with serverTime and driftSeconds.",
        {"sequence": {"type": ["integer", "null"]}, "code": TEXT, "detail": TEXT},
    ),
    "turn_updated": ("Transcribed or not, corrected, or cut short after it was complete.", {"turn": _ref("Turn")}),
    "end_of_turn": (
        "How likely the trainee has finished: the answer to turn_pause, if there is one.",
        {"sequence": SEQUENCE, "probability": {"type": "number", "minimum": 0, "maximum": 1}},
    ),
    "hint": ("A hint that was asked for.", {"hint": TEXT, "example": {"type": ["string", "null"]}}),
    "coaching": ("A pause of Coach me: all clocks stand still.", {"praise": TEXT, "quote": TEXT, "next": TEXT}),
    "error": ("The last message was not understood and changed nothing.", {"code": TEXT, "detail": TEXT}),
    "termination": (
        "The session has ended.",
        {
            "termination": {
                "type": "object",
                "properties": {
                    "reason": TEXT,
                    "terminatedAt": _or_null(TIME),
                    "latencyMs": {"type": ["integer", "null"]},
                },
                "required": ["reason", "terminatedAt", "latencyMs"],
            },
            "message": TEXT,
        },
    ),
    "evaluation_ready": ("The evaluation is completed, or failed for good.", {"evaluation": _ref("Evaluation")}),
    "pong": ("The answer to ping.", {"serverTime": TIME, "clientTime": {}}),
}


def _from_client(message: type) -> SocketMessage:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", message.__name__).lower()
    if message is protocol.SoundPiece:
        return SocketMessage(name, _SUMMARIES[message], None)
    shapes = _UNREAD.get(message) or _shapes(message)
    return SocketMessage(name, _SUMMARIES[message], _object(name, shapes, optional={"context", "clientSentAt"}))


def _shapes(message: type) -> Shape:
    hints = get_type_hints(message)
    return {_camel(field.name): _OF_TYPE.get(hints[field.name]) or _integer(field.name) for field in fields(message)}


def _integer(name: str) -> Shape:
    return SEQUENCE if name == "sequence" else {"type": "integer", "minimum": 0, "maximum": protocol.MAX_PLAYED_MS}


def _object(name: str, shapes: Shape, optional: frozenset[str] | set[str] = frozenset()) -> Shape:
    properties = {"type": {"const": name}, **shapes}
    required = [each for each in properties if each not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
