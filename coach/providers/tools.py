"""Answers in a fixed form: a text model is made to call one function.

Not every service can: the forms below are tried in this order, and what an endpoint took is remembered.

    tool     a forced call of the function, strict
    schema   `response_format` with the function's JSON Schema
    plain    the schema in words
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import httpx

from coach.config import ModelEndpoint
from coach.providers import openai_wire, recent_failures
from coach.providers.ports import (
    MalformedAnswer,
    Message,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    Tool,
    ToolAnswer,
)
from coach.providers.stream_pieces import clean
from coach.telemetry import metrics, names, spans

Form = Literal["tool", "schema", "plain"]
FORMS: tuple[Form, ...] = ("tool", "schema", "plain")

# Reasoning models spend this on thinking, too.
MAX_COMPLETION_TOKENS = 8192
# A model on this machine first lets every turn pass that somebody waits for.
LOCAL_SECONDS = 60.0
# Services that ignore tools answer in words: so often in a row before the next form is tried for good.
STRAYED_TOO_OFTEN = 2

_FENCED = re.compile(r"^```[a-z]*\s*(.*?)\s*```$", re.DOTALL)


class NotTaken(ProviderRejected):
    """400 or 422: perhaps for the form of the request, not its content."""


class CompletionsToolCaller:
    """A ToolCaller. Thread-safe; keeps its connections and what form its endpoint takes, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint, role: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.endpoint = endpoint
        self.model = endpoint.model
        self.local = endpoint.local
        self._role = role
        self._sleep = sleep
        self._http = openai_wire.client(endpoint, read_seconds=LOCAL_SECONDS)
        self._lock = threading.Lock()
        self._form: Form = "tool"
        self._strayed = 0

    def call(
        self, messages: Sequence[Message], tool: Tool, *, timeout: float, retries: int = 0, session_id: str = ""
    ) -> ToolAnswer:
        with spans.span(
            names.MODEL_TOOL_CALL,
            {names.ENDPOINT: self._role, names.MODEL: self.model, names.LOCAL: self.local},
            session_id=session_id,
        ) as span:
            attempt = 0
            while True:
                attempt += 1
                try:
                    answer = self._in_a_form_it_takes(messages, tool, self._patience(timeout))
                    break
                except ProviderError as error:
                    recent_failures.failed(self._role, self.endpoint, error, session_id=session_id, attempt=attempt)
                    span.set(names.RETRIES, attempt - 1)
                    if attempt > retries or not isinstance(error, ProviderUnavailable) or error.retry_after:
                        raise
                metrics.count(names.PROVIDER_RETRIES, **{names.ENDPOINT: self._role})
                self._sleep(random.uniform(0.1, 0.3) * attempt)
            recent_failures.worked(self._role, self.endpoint)
            self._tell(span, answer, attempt)
            return answer

    def _patience(self, timeout: float) -> float:
        return max(timeout, LOCAL_SECONDS) if self.local else timeout

    def _tell(self, span: spans.OpenSpan, answer: ToolAnswer, attempt: int) -> None:
        span.set(names.RETRIES, attempt - 1)
        span.set(names.FORM, self._form)
        span.set(names.INPUT_TOKENS, answer.usage.input_tokens)
        span.set(names.OUTPUT_TOKENS, answer.usage.output_tokens)
        openai_wire.count_tokens(self._role, answer.usage)
        attributes = {names.ENDPOINT: self._role, names.STATUS: names.OK}
        metrics.measure(names.MODEL_LATENCY, answer.latency_ms, **attributes)

    def _in_a_form_it_takes(self, messages: Sequence[Message], tool: Tool, timeout: float) -> ToolAnswer:
        forms = FORMS[FORMS.index(self._form) :]
        for form in forms:
            try:
                answer = self._ask(form, messages, tool, timeout)
            except NotTaken:
                if form == forms[-1]:
                    raise
            except MalformedAnswer:
                self._form = form if FORMS.index(form) > FORMS.index(self._form) else self._form
                raise
            else:
                self._form = form
                return answer
        raise AssertionError("unreachable: the last form returns or raises")

    def _ask(self, form: Form, messages: Sequence[Message], tool: Tool, timeout: float) -> ToolAnswer:
        begun = time.monotonic()
        body = self._body(form, messages, tool)
        try:
            text, status, retry_after = self._post(body, timeout)
        except (httpx.HTTPError, TimeoutError) as error:
            raise openai_wire.unreachable(self.endpoint, error) from error
        answer = openai_wire.parsed(text)
        if status != 200 or not isinstance(answer, Mapping) or answer.get("error"):
            raise self._failure(status, answer, retry_after)
        arguments = self._arguments(form, answer, tool)
        return ToolAnswer(
            arguments,
            usage=openai_wire.usage(answer, self.endpoint),
            latency_ms=round((time.monotonic() - begun) * 1000),
        )

    def _post(self, body: dict[str, Any], timeout: float) -> tuple[str, int, str | None]:
        """One request, bounded as a whole: some services send blanks to keep the connection open while they think."""
        until = time.monotonic() + timeout
        limits = httpx.Timeout(timeout, connect=min(timeout, openai_wire.CONNECT_SECONDS))
        with self._http.stream(
            "POST", openai_wire.completions_url(self.endpoint), json=body, timeout=limits
        ) as response:
            received = bytearray()
            for piece in response.iter_bytes():
                received += piece
                if time.monotonic() > until:
                    raise TimeoutError
            return received.decode("utf-8", "replace"), response.status_code, response.headers.get("retry-after")

    def _failure(self, status: int, answer: Any, retry_after: str | None) -> ProviderError:
        if status == 200 and not isinstance(answer, Mapping):
            return ProviderUnavailable(f"{self.model} sent an answer that is not JSON")
        error = openai_wire.failure(self.endpoint, status, answer, retry_after)
        if (
            status in (400, 422)
            and isinstance(error, ProviderRejected)
            and not isinstance(error, openai_wire.RefusedContent)
        ):
            return NotTaken(str(error))
        return error

    def _body(self, form: Form, messages: Sequence[Message], tool: Tool) -> dict[str, Any]:
        said = [{"role": each.role, "content": each.content} for each in messages]
        schema = dict(tool.parameters)
        body: dict[str, Any] = {"model": self.model, "max_completion_tokens": MAX_COMPLETION_TOKENS}
        if self.endpoint.effort:
            body["reasoning_effort"] = self.endpoint.effort
        if form == "tool":
            function = {"name": tool.name, "description": tool.description, "strict": True, "parameters": schema}
            body["tools"] = [{"type": "function", "function": function}]
            body["tool_choice"] = {"type": "function", "function": {"name": tool.name}}
        elif form == "schema":
            wanted = {"name": tool.name, "description": tool.description, "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
            said.append({"role": "system", "content": f"Answer with the JSON object `{tool.name}`: {tool.description}"})
        else:
            said.append({"role": "system", "content": _in_words(tool)})
        return body | {"messages": said}

    def _arguments(self, form: Form, answer: Mapping[str, Any], tool: Tool) -> Mapping[str, Any]:
        choices = answer.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else {}
        message = choice.get("message")
        message = message if isinstance(message, Mapping) else {}
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            raise MalformedAnswer(f"the model refused to call {tool.name}")
        if choice.get("finish_reason") == "length":
            raise MalformedAnswer("the answer was cut off at its length limit; be shorter")
        called = _called(message)
        if called is not None:
            self._strayed = 0
            name, arguments = called
            if name != tool.name:
                raise MalformedAnswer(f"another function than {tool.name} was called")
            return _object(arguments, tool)
        content = message.get("content")
        if not isinstance(content, str) or not content.strip():
            raise MalformedAnswer(f"there was no answer; call {tool.name}")
        try:
            return _object(_unfenced(content), tool)
        except MalformedAnswer:
            self._note_stray(form)
            raise

    def _note_stray(self, form: Form) -> None:
        with self._lock:
            self._strayed += 1
            if self._strayed >= STRAYED_TOO_OFTEN and form == self._form and form != FORMS[-1]:
                self._form = FORMS[FORMS.index(form) + 1]
                self._strayed = 0


def _called(message: Mapping[str, Any]) -> tuple[Any, Any] | None:
    calls = message.get("tool_calls")
    if not isinstance(calls, list) or not calls or not isinstance(calls[0], Mapping):
        return None
    function = calls[0].get("function")
    return (function.get("name"), function.get("arguments")) if isinstance(function, Mapping) else None


def _object(text: Any, tool: Tool) -> Mapping[str, Any]:
    if isinstance(text, Mapping):
        return _cleaned(text)
    try:
        value = json.loads(text, parse_constant=_no_constant) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        raise MalformedAnswer(f"the arguments of {tool.name} are not valid JSON") from None
    if not isinstance(value, dict):
        raise MalformedAnswer(f"the arguments of {tool.name} are not a JSON object")
    return _cleaned(value)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value


def _unfenced(text: str) -> str:
    """A JSON object that a model wrapped in a code block or put behind its thoughts."""
    text = re.sub(r"^<think>.*?</think>", "", text.strip(), flags=re.DOTALL).strip()
    fenced = _FENCED.match(text)
    return fenced.group(1) if fenced else text


def _in_words(tool: Tool) -> str:
    schema = json.dumps(tool.parameters, ensure_ascii=False)
    return (
        f"{tool.name}: {tool.description}\nAnswer with one JSON object and nothing else, no code block and no other "
        f"word. It must satisfy this JSON Schema:\n{schema}"
    )
