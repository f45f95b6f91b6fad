"""Gets answers in a fixed form: makes a text model call one function.

Not every service can do that: the forms below are tried in this order, and the one that an endpoint accepts is
remembered.

    tool     a forced call of the function, strict
    schema   `response_format` with the function's JSON Schema
    plain    the schema in words
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import httpx

from coach.config import ModelEndpoint
from coach.http_retries import retrying
from coach.jobs.backoff import Backoff
from coach.providers import (
    blocking,
    call_cost,
    fault_mapping,
    model_calls,
    openai_wire,
    recent_failures,
    reported_faults,
    tool_answers,
)
from coach.providers.ports import (
    ContentRefused,
    MalformedAnswer,
    Message,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    Tool,
    ToolAnswer,
)
from coach.providers.quota_patience import QuotaPatience
from coach.telemetry import metrics, names, spans

Form = Literal["tool", "schema", "plain"]
FORMS: tuple[Form, ...] = ("tool", "schema", "plain")

# Reasoning models also spend this on thinking.
MAX_COMPLETION_TOKENS = 8192
# A model on this machine first serves every turn that somebody is waiting for.
LOCAL_SECONDS = 60.0
BACKOFF = Backoff(timedelta(seconds=0.2), 2, timedelta(seconds=2), jitter=0.5)
# Services that ignore tools answer in prose: after this many in a row the next form is used for good.
STRAYED_TOO_OFTEN = 2


class NotTaken(ProviderRejected):
    """400 or 422: perhaps because of the form of the request, not its content."""


class CompletionsToolCaller:
    """A ToolCaller. Thread-safe; it keeps connections and its endpoint's form, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint, role: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.endpoint = endpoint
        self.model = endpoint.model
        self.local = endpoint.local
        self._role = role
        self._sleep = sleep
        self._clients = openai_wire.EndpointClients(endpoint, read_seconds=LOCAL_SECONDS)
        self._quota = QuotaPatience()
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
            again = retrying(tries=retries + 1, worth_another=_worth_another, backoff=BACKOFF, sleep=self._sleep)

            def once() -> ToolAnswer:
                attempt = again.statistics["attempt_number"]
                span.set(names.RETRIES, attempt - 1)
                if attempt > 1:
                    metrics.count(names.PROVIDER_RETRIES, **{names.ENDPOINT: self._role})
                try:
                    return self._in_a_form_it_takes(messages, tool, self._patience(timeout))
                except ProviderError as failed:
                    error = self._quota.judged(failed)
                    recent_failures.failed(
                        self._role,
                        self.endpoint,
                        error,
                        session_id=session_id,
                        attempt=attempt,
                        usage=failed.usage,
                    )
                    raise error from failed.__cause__

            answer = again(once)
            self._quota.worked()
            recent_failures.worked(self._role, self.endpoint)
            self._tell(span, answer)
            model_calls.tell(
                model_calls.ModelCall(self._role, self.endpoint, session_id=session_id, usage=answer.usage)
            )
            return answer

    def _patience(self, timeout: float) -> float:
        return max(timeout, LOCAL_SECONDS) if self.local else timeout

    def _tell(self, span: spans.OpenSpan, answer: ToolAnswer) -> None:
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
            response = blocking.run(self._post(body, timeout))
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            failed = openai_wire.unreachable(self.endpoint, error)
            failed.usage = call_cost.of_missed_answer(self.endpoint, body, error, time.monotonic() - begun)
            raise failed from error
        try:
            return self._read(form, response, tool, body, begun)
        except RecursionError:
            raise MalformedAnswer("the answer is nested too deeply") from None

    def _read(
        self, form: Form, response: httpx.Response, tool: Tool, body: Mapping[str, Any], begun: float
    ) -> ToolAnswer:
        answer = tool_answers.whole_answer(response.content)
        fault = reported_faults.in_chunk(answer) if isinstance(answer, Mapping) else None
        if response.status_code != 200 or fault or not isinstance(answer, Mapping):
            raise self._failure(response.status_code, answer, response.headers)
        spent = call_cost.of_whole_answer(self.endpoint, body, answer, len(response.content))
        try:
            found = self._arguments(form, answer, tool)
        except MalformedAnswer as malformed:
            malformed.usage = spent
            raise
        return ToolAnswer(found, usage=spent, latency_ms=round((time.monotonic() - begun) * 1000))

    async def _post(self, body: dict[str, Any], timeout: float) -> httpx.Response:
        """One request with an overall time limit.

        Some services send blanks to keep the connection open while they think.
        """
        limits = httpx.Timeout(timeout, connect=min(timeout, openai_wire.CONNECT_SECONDS))
        async with asyncio.timeout(timeout):
            return await self._clients.here().post(
                openai_wire.completions_url(self.endpoint), json=body, timeout=limits
            )

    def _failure(self, status: int, answer: Any, headers: Mapping[str, str]) -> ProviderError:
        if status == 200 and not isinstance(answer, Mapping):
            return ProviderUnavailable(f"{self.model} sent an answer that is not JSON")
        error = fault_mapping.failure(self.endpoint, status, answer, headers)
        if status in (400, 422) and isinstance(error, ProviderRejected) and not isinstance(error, ContentRefused):
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
        try:
            found, called = tool_answers.arguments(answer, tool)
        except MalformedAnswer as error:
            if error.strayed:
                self._note_stray(form)
            raise
        except RecursionError:
            raise MalformedAnswer(f"the arguments of {tool.name} are nested too deeply") from None
        if called:
            self._strayed = 0
        return found

    def _note_stray(self, form: Form) -> None:
        with self._lock:
            self._strayed += 1
            if self._strayed >= STRAYED_TOO_OFTEN and form == self._form and form != FORMS[-1]:
                self._form = FORMS[FORMS.index(form) + 1]
                self._strayed = 0


def _worth_another(error: BaseException) -> bool:
    """Whether to retry immediately: a call that is told to come back later does so as a job."""
    return isinstance(error, ProviderUnavailable) and not error.retry_after


def _in_words(tool: Tool) -> str:
    schema = json.dumps(tool.parameters, ensure_ascii=False)
    return (
        f"{tool.name}: {tool.description}\nAnswer with one JSON object and nothing else, no code block and no other "
        f"word. It must satisfy this JSON Schema:\n{schema}"
    )
