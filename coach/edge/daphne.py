"""Puts our classes in place of Daphne's (4.2), which by itself bounds nothing and drains nothing.

Daphne imports `coach.asgi` before it builds its server, so `install()` there replaces the classes in time.
"""

import sys
import time
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, cast


def install() -> None:
    """Replace Daphne's classes; does nothing in processes that Daphne does not serve (tests, workers, commands)."""
    if "daphne.cli" not in sys.modules:
        return
    import daphne.cli
    import daphne.http_protocol
    import daphne.server
    import daphne.ws_protocol
    import twisted.web.http
    from twisted.internet import reactor

    from coach.edge import descriptors
    from coach.edge.bounded_requests import BoundedChannel, BoundedRequest
    from coach.edge.draining_server import CoachServer
    from coach.edge.sockets import BoundedSocket

    descriptors.take_all_allowed()
    descriptors.tell_when_exhausted()
    for status in HTTPStatus:
        # Twisted knows no reason for newer ones and says "Unknown Status".
        twisted.web.http.RESPONSES.setdefault(status.value, status.phrase.encode())
    # Neither pings nor timeouts may wait for a clock that was set back. Both use these times for pauses only.
    cast(Any, reactor).seconds = time.monotonic
    for module in (daphne.server, daphne.http_protocol, daphne.ws_protocol):
        module.time = SimpleNamespace(time=time.monotonic)  # type: ignore[attr-defined]
    # Twisted's factory looks the class up for each connection.
    twisted.web.http.HTTPChannel = BoundedChannel  # type: ignore[misc]
    daphne.http_protocol.WebRequest = BoundedRequest
    daphne.server.WebSocketFactory.protocol = BoundedSocket
    daphne.cli.CommandLineInterface.server_class = CoachServer
