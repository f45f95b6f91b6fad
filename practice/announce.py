"""How a change reaches whoever watches a session, in this process and in all others.

A message only says "look": the database is the record, sockets tell what they find new there. So a message that is
lost or late costs a second at most (every web process compares `event_number` once a second), never an event.
"""

import asyncio
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import F

from coach.telemetry import names, spans
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

GROUP = "practice.web"
SEND_SECONDS = 2.0


@dataclass(frozen=True)
class Changed:
    """Something about this session is new."""

    session_id: str


@dataclass(frozen=True)
class ReplyDue:
    """An AI turn is owed; the process that promised it begins at once, others when the lease runs out."""

    turn_id: str


@dataclass(frozen=True)
class ReplyStopped:
    """Whoever is saying this AI turn stops: it was interrupted or its session ended."""

    turn_id: str


Message = Changed | ReplyDue | ReplyStopped
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Changed, ReplyDue, ReplyStopped)}


class Here(Protocol):
    """The web process we are in; callable from any thread."""

    id: str

    def hear(self, message: Message) -> None: ...

    def pass_on(self, message: Message) -> None:
        """To all other processes, without waiting."""
        ...


_here: Here | None = None


def be(here: Here | None) -> None:
    """Say which web process this is; None: not one."""
    global _here
    _here = here


def holder() -> str:
    """The web process that can say replies from here; empty in a worker or command."""
    return _here.id if _here else ""


def tell(session_id: str) -> None:
    """Let every socket of the session look again. Call it inside the transaction that changed something."""
    PracticeSession.objects.filter(pk=session_id).update(event_number=F("event_number") + 1)
    after_commit(Changed(session_id))


def after_commit(message: Message) -> None:
    transaction.on_commit(partial(post, message))


def post(message: Message) -> None:
    """To this process at once and to the others through the channel layer; never blocks for long, never raises."""
    if _here:
        _here.hear(message)
        _here.pass_on(message)
        return
    try:
        async_to_sync(send)(message, origin="")
    except Exception as error:
        log.warning("announcement not passed on", error=type(error).__name__)


async def send(message: Message, origin: str) -> None:
    """Through the channel layer. Raises what the layer raises, TimeoutError included."""
    layer = get_channel_layer()
    with spans.span(names.CHANNEL_SEND, kind=type(message).__name__):
        wire = {
            "type": "practice.look",
            "kind": type(message).__name__,
            "fields": asdict(message),
            "origin": origin,
            "traceparent": spans.traceparent(),
        }
        async with asyncio.timeout(SEND_SECONDS):
            await layer.group_send(GROUP, wire)


def parse(wire: dict[str, Any]) -> Message | None:
    """The other side of `send`; None for what another version of us sent."""
    kind = _KINDS.get(wire.get("kind", ""))
    try:
        return kind(**wire.get("fields", {})) if kind else None
    except TypeError:
        return None
