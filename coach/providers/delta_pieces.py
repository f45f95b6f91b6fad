"""Splits one delta or message of a chat completion into its pieces, in spoken order. Pure.

Content is text, a list of parts, or one part; sound is beside it, among the parts, or in place of the text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from coach.providers.base64_pieces import looks_encoded

_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details", "tool_calls", "function_call")
DeltaKind = Literal["text", "sound", "refusal", "work", "role", "unreadable"]
_SPOKEN: tuple[tuple[str, DeltaKind, str], ...] = (("transcript", "text", "transcript"), ("data", "sound", "audio"))


@dataclass(frozen=True)
class DeltaPiece:
    """One piece of a delta. `place`: where its text was, because some services send the same text in two places."""

    kind: DeltaKind
    value: str = ""
    place: str = "content"


def delta_pieces(said: Any, *, as_sound: bool) -> Iterator[DeltaPiece]:
    if isinstance(said, str | list):
        yield from _content(said, as_sound)
        return
    if not isinstance(said, Mapping):
        return
    if isinstance(said.get("role"), str):
        yield DeltaPiece("role")
    if any(said.get(key) for key in _THOUGHTS):
        yield DeltaPiece("work")
    yield from _content(said.get("content"), as_sound)
    if said.get("refusal"):
        yield DeltaPiece("refusal")
    yield from _audio(said.get("audio"))


def _content(content: Any, as_sound: bool) -> Iterator[DeltaPiece]:
    if isinstance(content, str):
        if content:
            yield DeltaPiece("sound" if as_sound or looks_encoded(content) else "text", content)
    elif isinstance(content, list):
        for part in content:
            yield from _content(part, as_sound) if isinstance(part, str) else _part(part, as_sound)
    elif isinstance(content, Mapping):
        yield from _part(content, as_sound)
    elif content is not None:
        yield DeltaPiece("unreadable")


def _part(part: Any, as_sound: bool) -> Iterator[DeltaPiece]:
    """A content part: `{"type": "text" or "output_text" or …, …}`, or similar without a type."""
    if not isinstance(part, Mapping):
        if part is not None:
            yield DeltaPiece("unreadable")
        return
    kind = first_text(part.get("type")).lower()
    if "think" in kind or "reason" in kind:
        yield DeltaPiece("work")
    elif kind == "refusal" or part.get("refusal"):
        yield DeltaPiece("refusal")
    else:
        text = part.get("text")
        text = text.get("value") if isinstance(text, Mapping) else text
        if text is None and "audio" not in kind:
            text = part.get("content")
        if isinstance(text, str):
            yield from _content(text, as_sound)
        for key in ("audio", "output_audio", "input_audio"):
            yield from _audio(part.get(key))
        if "audio" in kind:
            yield from _audio({key: part.get(key) for key in ("data", "transcript")})
        elif text is None and not any(key in part for key in ("audio", "output_audio", "input_audio")):
            yield DeltaPiece("unreadable")


def _audio(audio: Any) -> Iterator[DeltaPiece]:
    """`{id, transcript, expires_at, data}`, any of which may be missing; some services send only the encoded sound."""
    if isinstance(audio, str):
        audio = {"data": audio}
    if isinstance(audio, list):
        for each in audio:
            yield from _audio(each)
        return
    if not isinstance(audio, Mapping):
        if audio is not None:
            yield DeltaPiece("unreadable")
        return
    for key, kind, place in _SPOKEN:
        value = audio.get(key)
        if isinstance(value, str):
            if value:
                yield DeltaPiece(kind, value, place)
        elif value is not None:
            yield DeltaPiece("unreadable")


def first_text(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")
