"""Switches on telemetry for this process.

Spans always exist, so that log lines have a `traceId`; they and the metrics are exported only if `OTEL_*` says where.
"""

import logging.config
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from celery import signals
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from pydantic import SecretStr

from coach.config import Config, environment
from coach.config import config as settings
from coach.telemetry import logs, names, redact

SERVICE = "practice-coach"
# In the names of secrets that libraries read for themselves.
SECRET_WORDS = ("SECRET", "TOKEN", "PASSWORD", "HEADERS")


def start(process: str) -> None:
    """Call once per process, before Django's middleware is loaded; `process` is web, worker or beat."""
    _start_once(process)


def with_celery() -> None:
    """Make workers and beat start telemetry and log like the web process."""
    signals.setup_logging.connect(_log_as_the_web, weak=False)
    signals.worker_init.connect(_start_worker, weak=False)
    signals.beat_init.connect(_start_beat, weak=False)


def _log_as_the_web(**_: Any) -> None:
    logging.config.dictConfig(logs.config())


def _start_worker(**_: Any) -> None:
    start("worker")


def _start_beat(**_: Any) -> None:
    start("beat")


@cache
def _start_once(process: str) -> None:
    logs.start(secrets_of(settings))
    given = {name: value for name, value in environment().items() if name.startswith("OTEL_") and value}
    # The SDK reads the environment itself: it knows no `.env`, and takes an empty value for an unknown name.
    for name in [name for name in os.environ if name.startswith("OTEL_") and not os.environ[name]]:
        del os.environ[name]
    os.environ.update(given)
    if given.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    resource = Resource.create({"service.name": given.get("OTEL_SERVICE_NAME", SERVICE), names.PROCESS: process})
    tracers = TracerProvider(resource=resource)
    for exporter in span_exporters(given):
        tracers.add_span_processor(BatchSpanProcessor(Harmless(exporter)))
    trace.set_tracer_provider(tracers)
    readers = metric_readers(given)
    if readers:
        metrics.set_meter_provider(MeterProvider(readers, resource=resource))
    if exports(given, "traces") or readers:
        _instrument()


def exports(given: Mapping[str, str], signal: str) -> str:
    """Where `OTEL_*` sends this signal (traces, metrics): otlp, console or nowhere ("")."""
    chosen = given.get(f"OTEL_{signal.upper()}_EXPORTER", "").lower()
    if chosen in ("none", "otlp", "console"):
        return "" if chosen == "none" else chosen
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT")
    return "otlp" if any(given.get(each) for each in endpoints) else ""


def span_exporters(given: Mapping[str, str]) -> list[SpanExporter]:
    match exports(given, "traces"):
        case "otlp":
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            return [OTLPSpanExporter()]
        case "console":
            return [ConsoleSpanExporter()]
    return []


def metric_readers(given: Mapping[str, str]) -> list[MetricReader]:
    match exports(given, "metrics"):
        case "otlp":
            from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

            return [PeriodicExportingMetricReader(OTLPMetricExporter())]
        case "console":
            return [PeriodicExportingMetricReader(ConsoleMetricExporter())]
    return []


class Harmless(SpanExporter):
    """Passes on only harmless attributes: libraries put signed URLs and exception messages into their spans."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_harmless(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _harmless(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=redact.text(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=redact.span_attributes(span.attributes),
        events=[
            Event(each.name, redact.span_attributes(each.attributes), each.timestamp)
            for each in span.events
            if each.name == "exception"
        ],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _instrument() -> None:
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.instrumentation.requests import RequestsInstrumentor

    DjangoInstrumentor().instrument(excluded_urls="healthz,readyz,static")
    CeleryInstrumentor().instrument()
    HTTPXClientInstrumentor().instrument()
    RequestsInstrumentor().instrument()


def secrets_of(config: Config) -> Iterable[str]:
    """Every settings value that must never be shown anywhere."""
    yield config.secret_key
    for name in type(config).model_fields:
        value: Any = getattr(config, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, str) and "://" in value:
            yield urlsplit(value).password or ""
    for name, value in environment().items():
        if name.startswith(("AWS_", "OTEL_", "PG")) and any(word in name for word in SECRET_WORDS):
            yield value
