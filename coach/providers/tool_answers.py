"""Extracts the arguments of the forced function call from the body of a chat completion. Pure.

Repaired if the meaning is clear: arguments encoded twice, prose, a fence or thoughts around one object, content in
parts, an unrequested stream. Otherwise refused with a reason that can be fed back.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coach.event_stream import EventStreamReader, parsed
from coach.providers.completion_reader import storable
from coach.providers.ports import MalformedAnswer, Tool
from coach.providers.schema_repair import key_in, repaired

# How many possible starts of an object are tried in an answer full of braces.
MOST_OBJECTS = 200
_DEPTH = 4
_TAGS = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis"
_THOUGHTS = re.compile(
    rf"<({_TAGS})>.*?</\1>|◁think▷.*?◁/think▷|\[THINK\].*?\[/THINK\]|<\|begin_of_thought\|>.*?<\|end_of_thought\|>",
    re.DOTALL | re.IGNORECASE,
)
# With some models the opening mark is part of the prompt, so that only the end of the thoughts is sent.
_END_OF_THOUGHT = re.compile(rf"</(?:{_TAGS})>|◁/think▷|\[/THINK\]", re.IGNORECASE)
_REFUSED = ("content_filter", "sensitive", "refusal", "safety", "prohibited_content")
_CUT_OFF = ("length", "max_tokens", "max_output_tokens", "model_length")
_WRAPPERS = ("arguments", "parameters", "input", "function", "tool_calls", "function_call")


def whole_answer(body: bytes) -> Any:
    """The JSON of an answer; a stream is assembled into one. None if it is neither."""
    reader = EventStreamReader()
    values = [parsed(event.data) for event in reader.feed(body) + reader.finish()]
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    chunks = [each for each in flat if isinstance(each, Mapping)]
    streamed = any(isinstance(_first_choice(chunk).get("delta"), Mapping) for chunk in chunks)
    if not streamed:
        return chunks[0] if chunks else None
    return next((chunk for chunk in chunks if chunk.get("error")), None) or _put_together(chunks)


def arguments(answer: Mapping[str, Any], tool: Tool) -> tuple[Mapping[str, Any], bool]:
    """The arguments for `tool`, and whether it was really called or its object only written out.

    Raises MalformedAnswer.
    """
    choice = _first_choice(answer)
    message = choice.get("message")
    if not isinstance(message, Mapping):
        message = {"content": message if message is not None else choice.get("text")}
    reason = str(choice.get("finish_reason") or "").lower()
    if message.get("refusal") or reason.startswith(_REFUSED):
        raise MalformedAnswer(f"the model refused to call {tool.name}")
    if reason in _CUT_OFF:
        raise MalformedAnswer("the answer was cut off at its length limit; be shorter")
    calls = list(_calls(message))
    written = _text(message.get("content"))
    if calls:
        ours = [given for name, given in calls if _is_name(name, tool)]
        if not ours:
            raise MalformedAnswer(f"another function than {tool.name} was called")
        found = [each for given in ours for each in _objects(given, tool)]
        if not found and written.strip():
            found = _objects(written, tool)
        return _the_one(found, tool, ours[0]), True
    if not written.strip():
        raise MalformedAnswer(f"there was no answer; call {tool.name}")
    return _the_one(_objects(written, tool), tool, written, strayed=True), False


def _the_one(found: list[Mapping[str, Any]], tool: Tool, given: Any, *, strayed: bool = False) -> Mapping[str, Any]:
    required = set(tool.parameters.get("required") or ())
    complete = [each for each in found if required <= set(each)]
    distinct: list[Mapping[str, Any]] = []
    for each in complete or found:
        if each not in distinct:
            distinct.append(each)
    if len(distinct) > 1:
        raise MalformedAnswer(f"there was more than one object; give one, with all of {tool.name}", strayed=strayed)
    if distinct:
        return distinct[0]
    value = _loaded(given) if isinstance(given, str) else given
    fault = "not valid JSON" if value is _NO_JSON or value is None else "not a JSON object"
    raise MalformedAnswer(f"the arguments of {tool.name} are {fault}", strayed=strayed)


_NO_JSON = object()


def _objects(given: Any, tool: Tool, depth: int = 0) -> list[Mapping[str, Any]]:
    """The objects that may be the arguments, repaired according to the tool's schema."""
    if depth > _DEPTH:
        return []
    if isinstance(given, Mapping):
        known = tool.parameters.get("properties") or {}
        if given and not any(key_in(str(name), known) in known for name in given):
            inner = _wrapped(given)
            if inner is not None:
                return _objects(inner, tool, depth + 1)
        return [repaired(_storable(given), tool.parameters)]
    if isinstance(given, list):
        return [found for each in given if isinstance(each, Mapping) for found in _objects(each, tool, depth + 1)]
    if not isinstance(given, str):
        return []
    value = _loaded(given)
    if value is not _NO_JSON:
        return _objects(value, tool, depth + 1) if isinstance(value, str | list | Mapping) else []
    required = set(tool.parameters.get("required") or ())
    found = [each for value in _in_prose(given) for each in _objects(value, tool, depth + 1)]
    # Inside other text only a complete object is certainly meant.
    return [each for each in found if required <= set(each)]


def _wrapped(given: Mapping[str, Any]) -> Any:
    for key in _WRAPPERS:
        if isinstance(given.get(key), str | list | Mapping):
            return given[key]
    only = list(given.values())
    return only[0] if len(only) == 1 and isinstance(only[0], str | list | Mapping) else None


def _in_prose(text: str) -> Iterator[Any]:
    text = _THOUGHTS.sub("", text)
    text = _END_OF_THOUGHT.split(text)[-1]
    at = text.find("{")
    for _ in range(MOST_OBJECTS):
        if at < 0:
            return
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


# Line breaks in strings are invalid JSON, but their meaning is clear.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, strict=False)


def _loaded(text: str) -> Any:
    """The JSON of a text, also where every quotation mark in it was escaped once too often; else _NO_JSON."""
    plain = text.strip("\ufeff \t\r\n")
    for written in (plain, f'"{plain}"') if plain.startswith('{\\"') else (plain,):
        try:
            return _DECODER.decode(written)
        except (ValueError, RecursionError):
            continue
    return _NO_JSON


def _calls(message: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Name and arguments of each call, in the current and the older form."""
    given = message.get("tool_calls")
    for call in given if isinstance(given, list) else [given]:
        function = call.get("function", call) if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            yield function.get("name"), function.get("arguments")
    older = message.get("function_call")
    if isinstance(older, Mapping):
        yield older.get("name"), older.get("arguments")


def _is_name(name: Any, tool: Tool) -> bool:
    """Whether it is the tool's name, perhaps with a namespace.

    Some services omit it, because there is only one tool.
    """
    return not name or (isinstance(name, str) and re.split(r"[.:/]", name.strip())[-1] == tool.name)


def _text(content: Any) -> str:
    """The text of content that is a string or comes in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        kind = str(content.get("type", "")).lower()
        if "think" in kind or "reason" in kind:
            return ""
        text = content.get("text", content.get("content", content.get("json")))
        if isinstance(text, Mapping):
            text = text.get("value", json.dumps(text))
        return text if isinstance(text, str) else json.dumps(content) if "type" not in content else ""
    return "".join(map(_text, content)) if isinstance(content, Sequence) else ""


def _first_choice(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    output = answer.get("output")
    choices = answer.get("choices") or (output.get("choices") if isinstance(output, Mapping) else None)
    if isinstance(choices, Mapping):
        return choices
    found = [choice for choice in choices or () if isinstance(choice, Mapping)] if isinstance(choices, list) else []
    # Some services send thoughts as a choice of their own, before the one that answers.
    return next((choice for choice in found if _answers(choice)), found[0] if found else {})


def _answers(choice: Mapping[str, Any]) -> bool:
    message = choice.get("message", choice.get("delta"))
    if not isinstance(message, Mapping):
        return bool(message or choice.get("text"))
    return any(message.get(key) for key in ("tool_calls", "function_call", "content", "refusal"))


def _put_together(chunks: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    content, refusal, reason = "", "", None
    calls: dict[Any, dict[str, str]] = {}
    whole: dict[str, Any] = {}
    for chunk in chunks:
        whole |= {key: chunk[key] for key in ("model", "usage") if chunk.get(key)}
        choice = _first_choice(chunk)
        reason = choice.get("finish_reason") or reason
        delta = choice.get("delta")
        if not isinstance(delta, Mapping):
            continue
        content += _text(delta.get("content"))
        refusal += _text(delta.get("refusal"))
        given = delta.get("tool_calls")
        for at, call in enumerate(given if isinstance(given, list) else []):
            function = call.get("function") if isinstance(call, Mapping) else None
            if isinstance(function, Mapping):
                kept = calls.setdefault(call.get("index", at), {"name": "", "arguments": ""})
                kept["name"] = kept["name"] or str(function.get("name") or "")
                given_now = function.get("arguments")
                kept["arguments"] += json.dumps(given_now) if isinstance(given_now, Mapping) else _text(given_now)
    message = {"content": content, "refusal": refusal, "tool_calls": [{"function": call} for call in calls.values()]}
    return {**whole, "choices": [{"message": message, "finish_reason": reason}]}


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(name)): _storable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return value
