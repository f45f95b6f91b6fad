"""Fixture `recorded`: spans and metrics of one test. Import it: `from tests.telemetry.recording import recorded`."""

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Recorded:
    """The spans and metrics exported since the test began."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._processor = SimpleSpanProcessor(self._exporter)
        self._reader = InMemoryMetricReader()

    def spans(self, name: str | None = None):
        return [each for each in self._exporter.get_finished_spans() if name in (None, each.name)]

    def points(self, name: str):
        data = self._reader.get_metrics_data()
        resources = data.resource_metrics if data else []
        return [
            point
            for resource in resources
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def counted(self, name: str, **attributes) -> float:
        """Sum of a counter over points that carry these attributes."""
        return sum(p.value for p in self.points(name) if attributes.items() <= dict(p.attributes).items())


@pytest.fixture
def recorded(monkeypatch) -> Recorded:
    """Spans and metrics of this test, in memory."""
    from coach.telemetry import metrics as ours

    kept = Recorded()
    tracers = TracerProvider()
    tracers.add_span_processor(kept._processor)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", tracers)
    monkeypatch.setattr(metrics._internal, "_METER_PROVIDER", MeterProvider([kept._reader]))
    ours._counter.cache_clear()
    ours._histogram.cache_clear()
    yield kept
    ours._counter.cache_clear()
    ours._histogram.cache_clear()
