"""When a request or a socket's message reached this process.

Whatever it waits for in here, a thread or a lock, is not its sender's lateness. The server notes the moment as it
reads (`coach.edge.daphne`, `coach.edge.sockets`); what comes without a note, in tests, arrives when it is first seen.
"""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest

from coach import clock

ARRIVED_AT = "arrived_at"
"""Key of the ASGI scope of a request, and of a socket's message."""


def of(noted: Mapping[str, object]) -> datetime:
    """By a request's scope or a socket's message."""
    moment = noted.get(ARRIVED_AT)
    return moment if isinstance(moment, datetime) else clock.now()


def note(request: HttpRequest) -> None:
    """The first middleware calls this."""
    request.arrived_at = of(getattr(request, "scope", {}))  # type: ignore[attr-defined]


def of_request(request: HttpRequest) -> datetime:
    arrived: datetime = request.arrived_at  # type: ignore[attr-defined]
    return arrived
