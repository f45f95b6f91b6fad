"""Parses what a chat-completions request asks for, once at the edge.

BadRequest   this body can never be answered; becomes 400 with the protocol's error object
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from coach.local_models.language import Language, language_of
from coach.local_models.speech.audio_input import UnreadableAudio, from_data

Part = Literal["roleplay", "asr", "text", "embeddings"]
MOST_MESSAGES = 400
MOST_TEXTS = 2048
MOST_SAID = 4000


class BadRequest(ValueError):
    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True)
class Heard:
    """A recording inside a message, to be transcribed before the model can read it."""

    recording: bytes


@dataclass(frozen=True)
class ChatMessage:
    """One message: its pieces in the order they came."""

    role: Literal["system", "user", "assistant"]
    pieces: tuple[str | Heard, ...]

    @property
    def text(self) -> str:
        return "\n".join(piece for piece in self.pieces if isinstance(piece, str))


@dataclass(frozen=True)
class Request:
    part: Part
    model: str
    lines: tuple[ChatMessage, ...]
    language: Language
    voice: str
    stream: bool
    include_usage: bool
    warm: bool
    max_tokens: int | None
    tool: str | None
    schema: Mapping[str, Any] | None
    say: str = ""  # if set, the reply word for word

    @property
    def is_partial_turn(self) -> bool:
        """Whether it is only to be prefilled and ends with what the trainee has said so far."""
        return self.warm and any(isinstance(piece, Heard) for piece in self.lines[-1].pieces)


@dataclass(frozen=True)
class EmbeddingsRequest:
    model: str
    texts: tuple[str, ...]
    as_base64: bool
    lasting: bool = False


def read_embeddings(body: object) -> EmbeddingsRequest:
    """Raises BadRequest naming the field."""
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 0 < len(texts) <= MOST_TEXTS or not all(isinstance(t, str) for t in texts):
        raise BadRequest(f"input must be a text or a list of 1 to {MOST_TEXTS} texts", "input")
    form = body.get("encoding_format", "float")
    if form not in ("float", "base64"):
        raise BadRequest("encoding_format must be float or base64", "encoding_format")
    return EmbeddingsRequest(
        model=str(body.get("model") or "local-embeddings"),
        texts=tuple(texts),
        as_base64=form == "base64",
        lasting=body.get("lasting") is True,
    )


def read_recording(body: object) -> bytes:
    """`input_audio.data` of a body. Raises BadRequest, and UnreadableAudio for what is not base64."""
    asked = body.get("input_audio") if isinstance(body, dict) else None
    data = asked.get("data") if isinstance(asked, dict) else None
    if not isinstance(data, str):
        raise BadRequest("input_audio.data is missing", "input_audio")
    return from_data(data)


def read(body: object, headers: Mapping[str, str]) -> Request:
    """Raises BadRequest naming the field."""
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or len(messages) > MOST_MESSAGES:
        raise BadRequest(f"messages must be a list of 1 to {MOST_MESSAGES}", "messages")
    lines = tuple(_line(message, f"messages[{n}]") for n, message in enumerate(messages))
    modalities = body.get("modalities") or ["text"]
    part: Part = "text"
    if "audio" in modalities:
        part = "roleplay"
    elif any(isinstance(piece, Heard) for line in lines for piece in line.pieces):
        part = "asr"
    warm = headers.get("x-warm") == "1" or body.get("warm") is True
    stream = body.get("stream") is True
    if part == "roleplay" and not stream and not warm:
        raise BadRequest("audio output needs stream: true", "stream")
    options = body.get("stream_options")
    tool, schema = _form(body)
    return Request(
        part=part,
        model=str(body.get("model") or f"local-{part}"),
        lines=lines,
        language=_language(body, headers, lines, part),
        voice=_voice(body),
        stream=stream,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
        warm=warm,
        max_tokens=_count(body),
        tool=tool,
        schema=schema,
        say=_say(body),
    )


def _line(message: object, where: str) -> ChatMessage:
    if not isinstance(message, dict):
        raise BadRequest("a message is not an object", where)
    role = message.get("role")
    if role == "developer":
        role = "system"
    if role not in ("system", "user", "assistant"):
        raise BadRequest(f"role {role!r} is not known here", f"{where}.role")
    content = message.get("content")
    if content is None:
        return ChatMessage(role, ())
    if isinstance(content, str):
        return ChatMessage(role, (content,))
    if not isinstance(content, list):
        raise BadRequest("content must be a string or a list of parts", f"{where}.content")
    return ChatMessage(role, tuple(_piece(part, f"{where}.content[{n}]") for n, part in enumerate(content)))


def _piece(part: object, where: str) -> str | Heard:
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    if isinstance(part, dict) and part.get("type") == "input_audio":
        held = part.get("input_audio")
        data = held.get("data") if isinstance(held, dict) else None
        if not isinstance(data, str):
            raise BadRequest("input_audio.data must be a string", f"{where}.input_audio.data")
        try:
            return Heard(from_data(data))
        except UnreadableAudio as fault:
            raise BadRequest(str(fault), f"{where}.input_audio.data") from fault
    raise BadRequest("only text and input_audio parts are understood here", where)


def _language(
    body: Mapping[str, Any], headers: Mapping[str, str], lines: Sequence[ChatMessage], part: Part
) -> Language:
    options = body.get("asr_options")
    for said in (
        options.get("language") if isinstance(options, dict) else None,
        headers.get("x-language"),
        body.get("language"),
    ):
        if isinstance(said, str) and said.strip():
            return "zh" if said.strip().lower().startswith(("zh", "cn", "cmn")) else "en"
    text = "\n".join(line.text for line in lines)
    if part == "asr" and ("Chinese" in text or "Mandarin" in text):
        return "zh"
    return language_of(text)


def _form(body: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any] | None]:
    """The forced function's name and the JSON Schema of the answer."""
    tools = body.get("tools")
    choice = body.get("tool_choice", "auto")
    if isinstance(tools, list) and tools and choice != "none":
        functions = [tool.get("function") for tool in tools if isinstance(tool, dict)]
        wanted = choice.get("function", {}).get("name") if isinstance(choice, dict) else None
        for function in functions:
            if isinstance(function, dict) and (wanted is None or function.get("name") == wanted):
                parameters = function.get("parameters") or {"type": "object", "properties": {}}
                if not isinstance(parameters, dict):
                    raise BadRequest("parameters must be a JSON Schema", "tools")
                return str(function.get("name")), parameters
        raise BadRequest("tool_choice names a function that is not in tools", "tool_choice")
    form = body.get("response_format")
    if isinstance(form, dict) and form.get("type") == "json_schema":
        held = form.get("json_schema")
        schema = held.get("schema") if isinstance(held, dict) else None
        if not isinstance(schema, dict):
            raise BadRequest("response_format.json_schema.schema must be a JSON Schema", "response_format")
        return None, schema
    if isinstance(form, dict) and form.get("type") == "json_object":
        return None, {"type": "object"}
    return None, None


def _say(body: Mapping[str, Any]) -> str:
    say = body.get("say") or ""
    if not isinstance(say, str) or len(say) > MOST_SAID:
        raise BadRequest(f"say must be a text of at most {MOST_SAID} characters", "say")
    return say.strip()


def _count(body: Mapping[str, Any]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise BadRequest(f"{name} must be a whole number of at least 1", name)
        return value
    return None


def _voice(body: Mapping[str, Any]) -> str:
    audio = body.get("audio")
    named = audio.get("voice") if isinstance(audio, dict) else None
    return named if isinstance(named, str) else ""
