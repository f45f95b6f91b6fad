"""Counts and measures metrics named in `coach.telemetry.names`; without a reader nothing is kept."""

from collections.abc import Callable, Iterable
from functools import cache

from opentelemetry import metrics as otel
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation

from coach.telemetry import names

Value = str | bool | int | float


def count(name: str, amount: int = 1, /, **attributes: Value) -> None:
    """Add to a counter. Attributes are named in `names` and have few values each: no ids."""
    _counter(name).add(amount, attributes)


def measure(name: str, value: float, /, **attributes: Value) -> None:
    """Record one value of a histogram, in the metric's unit."""
    _histogram(name).record(value, attributes)


def watch(name: str, read: Callable[[], float | None]) -> None:
    """Read a gauge with `read` at each export; None reports nothing. Call once per process and gauge."""
    metric = _described(name, "gauge")

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        value = read()
        return [] if value is None else [Observation(value)]

    otel.get_meter("coach").create_observable_gauge(
        name, callbacks=[observe], unit=metric.unit, description=metric.description
    )


def _described(name: str, kind: str) -> names.Metric:
    metric = names.METRICS[name]
    if metric.kind != kind:
        raise TypeError(f"{name} is a {metric.kind}, not a {kind}")
    return metric


@cache
def _counter(name: str) -> Counter:
    metric = _described(name, "counter")
    return otel.get_meter("coach").create_counter(name, unit=metric.unit, description=metric.description)


@cache
def _histogram(name: str) -> Histogram:
    metric = _described(name, "histogram")
    return otel.get_meter("coach").create_histogram(
        name,
        unit=metric.unit,
        description=metric.description,
        explicit_bucket_boundaries_advisory=metric.buckets,
    )
