"""Notifications: how a change reaches whoever watches a session, in this process and in all others.

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
    """An AI turn is owed, promised by a worker: whichever web process claims it says it."""

    turn_id: str


@dataclass(frozen=True)
class ReplyStopped:
    """Whoever is saying this AI turn stops: it was interrupted or its session ended."""

    turn_id: str


@dataclass(frozen=True)
class ReplyFollowed:
    """A socket of another process wants to hear this AI turn: whoever is saying it relays it."""

    turn_id: str


Message = Changed | ReplyDue | ReplyStopped | ReplyFollowed
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Changed, ReplyDue, ReplyStopped, ReplyFollowed)}


class LocalProcess(Protocol):
    """The web process we are in; callable from any thread, without waiting."""

    id: str

    def begin_reply(self, turn_id: str) -> None:
        """Say this AI turn here."""
        ...

    def tell(self, message: Message) -> None:
        """Act on it here and pass it on to all other processes."""
        ...


_local: LocalProcess | None = None


def set_local_process(process: LocalProcess | None) -> None:
    """Say which web process this is; None: not one."""
    global _local
    _local = process


def local_process() -> LocalProcess | None:
    return _local


def local_process_id() -> str:
    """The web process that can say replies from here; empty in a worker or command."""
    return _local.id if _local else ""


def notify(session_id: str, **changes: Any) -> None:
    """Let every socket of the session look again. Call it inside the transaction that changed something.

    `changes`: columns of the session, written in the same statement.
    """
    PracticeSession.objects.filter(pk=session_id).update(**changes, event_number=F("event_number") + 1)
    look_again(session_id)


def look_again(session_id: str) -> None:
    """After the commit: as `notify`, for a session that is gone."""
    transaction.on_commit(partial(post, Changed(session_id)))


def stop_reply(turn_id: str) -> None:
    """After the commit, whoever is saying this AI turn stops."""
    transaction.on_commit(partial(post, ReplyStopped(turn_id)))


def begin_reply(turn_id: str) -> None:
    """After the commit this web process begins to say an AI turn; a worker has the web processes do it."""
    begin = partial(_local.begin_reply, turn_id) if _local else partial(post, ReplyDue(turn_id))
    transaction.on_commit(begin)


def post(message: Message) -> None:
    """To this process at once and to the others through the channel layer; never blocks for long, never raises."""
    if _local:
        _local.tell(message)
        return
    try:
        async_to_sync(send)(message, origin="")
    except Exception as error:
        log.warning("notification not passed on", error=type(error).__name__)


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
