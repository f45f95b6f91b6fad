import json
import os
import subprocess
import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coach.config import load
from coach.telemetry import names, setup

OTLP = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318"}


@pytest.mark.parametrize(
    ("given", "traces", "metrics"),
    [
        ({}, "", ""),
        (OTLP, "otlp", "otlp"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector.example:4318/v1/traces"}, "otlp", ""),
        (OTLP | {"OTEL_METRICS_EXPORTER": "none"}, "otlp", ""),
        ({"OTEL_TRACES_EXPORTER": "console"}, "console", ""),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp", ""),
        ({"OTEL_SERVICE_NAME": "coach"}, "", ""),
    ],
)
def test_telemetry_is_exported_only_if_standard_variables_say_where(given, traces, metrics):
    assert setup.exports(given, "traces") == traces
    assert setup.exports(given, "metrics") == metrics


def test_exporters_are_the_standard_ones(monkeypatch):
    assert setup.span_exporters({}) == setup.metric_readers({}) == []
    (exporter,) = setup.span_exporters(OTLP)
    assert type(exporter).__name__ == "OTLPSpanExporter"
    (reader,) = setup.metric_readers(OTLP)
    assert isinstance(reader, PeriodicExportingMetricReader)
    reader.shutdown()


@pytest.fixture
def exported():
    """Spans as they would be exported."""
    inside = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(setup.Harmless(inside)))
    return provider.get_tracer("library"), inside


def test_spans_of_libraries_are_exported_without_queries_texts_and_unknown_attributes(exported):
    tracer, inside = exported

    def served():
        span = trace.get_current_span()
        span.set_attribute("http.url", "http://testserver/api/audio/t1?signature=abc")
        span.set_attribute("http.status_code", 500)
        span.set_attribute("http.request.header.authorization", "Bearer abc")
        span.set_attribute("db.statement", "SELECT 'afraid'")
        span.set_attribute(names.SESSION_ID, "s1")
        raise ValueError("I am afraid")

    with pytest.raises(ValueError, match="afraid"), tracer.start_as_current_span("GET /api/audio"):
        served()
    (left,) = inside.get_finished_spans()
    assert dict(left.attributes) == {
        "http.url": "http://testserver/api/audio/t1",
        "http.status_code": 500,
        names.SESSION_ID: "s1",
    }
    assert [dict(event.attributes) for event in left.events] == [{"exception.type": "ValueError"}]
    assert "afraid" not in left.to_json()
    assert left.status.description is None
    assert left.status.status_code is trace.StatusCode.ERROR


def test_every_secret_of_the_settings_is_hidden(monkeypatch):
    given = {
        "SECRET_KEY": "s" * 50,
        "DASHSCOPE_API_KEY": "dashscope-key-value",
        "LEAN_APP_ID": "app",
        "LEAN_APP_KEY": "lean-app-key-value",
        "LEAN_MASTER_KEY": "lean-master-key-value",
        "LEAN_SERVER_URL": "https://lean.example",
        "DATABASE_URL": "postgres://coach:database-password@db/coach",  # not a secret
        "REDIS_URL": "redis://:redis-password@redis:6379/0",
    }
    for_libraries = {
        "AWS_SECRET_ACCESS_KEY": "the-store's-key",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20collector",
        "PGPASSWORD": "password-of-the-containers",
    }
    monkeypatch.setattr(setup, "environment", lambda: for_libraries)
    found = set(setup.secrets_of(load(given)))
    assert found >= set(for_libraries.values())
    assert found >= {
        "s" * 50,
        "dashscope-key-value",
        "lean-app-key-value",
        "lean-master-key-value",
        "database-password",
        "redis-password",
    }


PROGRAM = """
import logging.config
from coach.telemetry import logs, setup
setup.start("web"); setup.start("web")
logging.config.dictConfig(logs.config())
import structlog
from coach.telemetry import names
from coach.telemetry.spans import span
with span(names.TURN_REPLY, session_id="s1"):
    structlog.get_logger("program").warning("hello")
from opentelemetry.instrumentation.django import DjangoInstrumentor
print(DjangoInstrumentor().is_instrumented_by_opentelemetry)
"""


def test_a_process_without_otel_variables_still_has_trace_ids_in_its_log(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        # Empty variables, as Compose passes them, count as not set.
        env=environment
        | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "coach.settings", "OTEL_TRACES_SAMPLER": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "sampler" not in ran.stderr
    line = json.loads(ran.stderr.splitlines()[-1])
    assert line["sessionId"] == "s1"
    assert len(line["traceId"]) == 32
    assert ran.stdout.strip() == "False"


def test_with_otel_variables_libraries_are_traced_and_spans_exported(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ
        | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "coach.settings", "OTEL_TRACES_EXPORTER": "console"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("True")
    assert '"name": "turn.reply"' in ran.stdout
    assert '"service.name": "practice-coach"' in ran.stdout
