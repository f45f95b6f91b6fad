"""Reports every finished model call to registered listeners. This package itself adds nothing up."""

from collections.abc import Callable
from dataclasses import dataclass, field

from coach.config import ModelEndpoint
from coach.providers.ports import Usage

OK = "ok"


@dataclass(frozen=True)
class ModelCall:
    """`outcome` is `ok` or the kind of error. `session_id` is empty for calls that belong to no session."""

    role: str
    endpoint: ModelEndpoint
    outcome: str = OK
    session_id: str = ""
    usage: Usage = field(default_factory=Usage)


Listener = Callable[[ModelCall], None]
"""Must not block: it may be called on an event loop."""

_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def tell(call: ModelCall) -> None:
    for listener in _listeners:
        listener(call)
