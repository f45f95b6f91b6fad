"""Spans, and continuing a trace through a database row.

    with span(names.TRANSCRIPTION, session_id=session.id, parent=turn.traceparent) as job:
        ...
        job.set(names.LANGUAGE, "zh")

A span gets `latencyMs` and `status` when it ends; an exception adds its class name, never its message. Log lines
written inside have its `sessionId` and `turnId`.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

import structlog
from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from coach.telemetry import names

Value = str | bool | int | float

_W3C = TraceContextTextMapPropagator()


class OpenSpan:
    """An open span. Call `end` once; further calls do nothing."""

    def __init__(self, name: str, parent: context.Context | None, attributes: dict[str, Value]) -> None:
        # We measure the time ourselves: an unrecorded span has no clock.
        self._begun = time.perf_counter()
        self._ended = False
        self._status = names.OK
        self.otel = trace.get_tracer("coach").start_span(
            name, context=parent, kind=SpanKind.INTERNAL, attributes=attributes
        )

    def set(self, name: str, value: Value | None) -> None:
        """Set one attribute (its name from `names`); None is ignored."""
        if value is not None:
            self.otel.set_attribute(name, value)

    def fail(self, kind: str) -> None:
        """End as `error` without an exception: `kind` is a class or code, never outside text."""
        self._status = names.FAILED
        self.set(names.ERROR, kind)

    @property
    def elapsed_ms(self) -> int:
        return round((time.perf_counter() - self._begun) * 1000)

    @property
    def traceparent(self) -> str:
        """The value to store in a row so that a later job can join this trace; empty if nothing is traced."""
        return _traceparent(trace.set_span_in_context(self.otel))

    def end(self, raised: BaseException | None = None) -> None:
        if self._ended:
            return
        self._ended = True
        if isinstance(raised, asyncio.CancelledError | GeneratorExit):
            self._status = names.CANCELLED
        elif raised is not None:
            self.fail(type(raised).__name__)
        self.set(names.LATENCY_MS, self.elapsed_ms)
        self.set(names.STATUS, self._status)
        if self._status == names.FAILED:
            self.otel.set_status(Status(StatusCode.ERROR))
        self.otel.end()


def begin(
    name: str,
    attributes: Mapping[str, Value | None] | None = None,
    /,
    *,
    session_id: str = "",
    turn_id: str = "",
    parent: str = "",
    **more: Value | None,
) -> OpenSpan:
    """Open a span without making it current: for generators, whose body may run in several contexts."""
    given: dict[str, Value] = {key: value for key, value in {**(attributes or {}), **more}.items() if value is not None}
    given |= {names.SESSION_ID: session_id} if session_id else {}
    given |= {names.TURN_ID: turn_id} if turn_id else {}
    return OpenSpan(name, resumed(parent), given)


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, Value | None] | None = None,
    /,
    *,
    session_id: str = "",
    turn_id: str = "",
    parent: str = "",
    **more: Value | None,
) -> Iterator[OpenSpan]:
    """Time a piece of work. `parent` is a stored traceparent; without one the current span is the parent."""
    opened = begin(name, attributes, session_id=session_id, turn_id=turn_id, parent=parent, **more)
    ids = {names.SESSION_ID: session_id} if session_id else {}
    ids |= {names.TURN_ID: turn_id} if turn_id else {}
    with structlog.contextvars.bound_contextvars(**ids), _current(opened):
        yield opened


class _current:
    """Makes a span current and ends it on exit."""

    def __init__(self, opened: OpenSpan) -> None:
        self._opened = opened
        self._entered = trace.use_span(
            opened.otel, end_on_exit=False, record_exception=False, set_status_on_exception=False
        )

    def __enter__(self) -> None:
        self._entered.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        self._opened.end(raised)
        self._entered.__exit__(kind, raised, where)


def traceparent() -> str:
    """The current span, to be stored in a row; empty if nothing is traced."""
    return _traceparent(None)


def resumed(stored: str) -> context.Context | None:
    """The context of a stored traceparent; None (the current one) if it is empty or malformed."""
    if not stored:
        return None
    found = _W3C.extract({"traceparent": stored})
    return found if trace.get_current_span(found).get_span_context().is_valid else None


def trace_ids() -> tuple[str, str]:
    """Trace and span id of the current span in hex; empty if nothing is traced."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return "", ""
    return trace.format_trace_id(current.trace_id), trace.format_span_id(current.span_id)


def _traceparent(within: context.Context | None) -> str:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, context=within)
    return carrier.get("traceparent", "")
