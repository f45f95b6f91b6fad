"""Telemetry of the history: a span with page, order and filters, and the duration (SC-004).

It records which filters are set, never what was searched for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from coach.telemetry import metrics, names
from coach.telemetry.spans import OpenSpan, span
from history.queries import HistoryFilters


@contextmanager
def listing(route: str, filters: HistoryFilters, *, size: int) -> Iterator[OpenSpan]:
    """One page of the list, whose number the caller sets; `route` distinguishes page and API."""
    with span(names.HISTORY_LIST) as watched:
        watched.set(names.ROUTE, route)
        watched.set(names.PAGE_SIZE, size)
        watched.set(names.SORT, filters.sort.value)
        watched.set(names.FILTERS, ",".join(filters.used))
        yield watched
    metrics.measure(names.HISTORY_LATENCY, watched.elapsed_ms, route=route)


@contextmanager
def opening(route: str, session_id: str) -> Iterator[OpenSpan]:
    """The page or API call of one session."""
    with span(names.HISTORY_DETAIL, session_id=session_id) as watched:
        watched.set(names.ROUTE, route)
        yield watched
    metrics.measure(names.HISTORY_LATENCY, watched.elapsed_ms, route=route)
