"""Records when a request or a socket message reached this process.

Time it then spends waiting here, for a thread or a lock, is not the sender's delay. The server notes the time when it
reads (`coach.edge.draining_server`, `coach.edge.sockets`); without a note, in tests, the time of first use counts.
"""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest

from coach import clock

ARRIVED_AT = "arrived_at"
"""The key in a request's ASGI scope, and in a socket message."""


def of(noted: Mapping[str, object]) -> datetime:
    """The arrival time from a request's scope or a socket message."""
    moment = noted.get(ARRIVED_AT)
    return moment if isinstance(moment, datetime) else clock.now()


def note(request: HttpRequest) -> None:
    """Store the arrival time on the request; called by the first middleware."""
    request.arrived_at = of(getattr(request, "scope", {}))  # type: ignore[attr-defined]


def of_request(request: HttpRequest) -> datetime:
    arrived: datetime = request.arrived_at  # type: ignore[attr-defined]
    return arrived
