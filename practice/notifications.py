"""Notifications: tell everything that watches a session, in this process and all others, that it changed.

A message only says "look": the database is the record, and sockets read from it what is new. A lost or late message
therefore costs at most a second (every web process compares `event_number` once a second), never an event. In its own
process `TurnTaken` also says what is new; a socket that has missed anything before it looks all the same.
"""

import asyncio
from collections.abc import Sequence
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
    """An AI turn is owed, promised by a worker: the web process that claims it says it."""

    turn_id: str


@dataclass(frozen=True)
class ReplyStopped:
    """The process that is saying this AI turn must stop: it was interrupted or its session ended."""

    turn_id: str


@dataclass(frozen=True)
class ReplyFollowed:
    """A socket of another process follows this AI turn: the process that is saying it must relay it."""

    turn_id: str


@dataclass(frozen=True)
class TurnTaken:
    """A trainee's turn was accepted in this process, and its answer promised.

    To a socket that knows the session up to the event before `number` it is all that is new: it need not read anything.
    """

    session_id: str
    number: int
    turn_id: str
    ai_turn_id: str
    sequence: int
    asr_status: str | None


Message = Changed | ReplyDue | ReplyStopped | ReplyFollowed
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Changed, ReplyDue, ReplyStopped, ReplyFollowed)}


class LocalProcess(Protocol):
    """The web process we are in; callable from any thread, without waiting."""

    id: str

    def begin_reply(self, turn_id: str) -> None:
        """Say this AI turn here."""
        ...

    def tell(self, message: Message, here: TurnTaken | None = None) -> None:
        """Act on the message, or on what is known `here` beyond it, and pass it on to all other processes."""
        ...


_local: LocalProcess | None = None


def set_local_process(process: LocalProcess | None) -> None:
    """Register the web process we are in; None: this is not one."""
    global _local
    _local = process


def local_process() -> LocalProcess | None:
    return _local


def local_process_id() -> str:
    """The id of the web process we are in, which can say replies; empty in a worker or command."""
    return _local.id if _local else ""


def notify(session_id: str, **changes: Any) -> None:
    """Make every socket of the session look again. Call it inside the transaction that made the change.

    `changes`: columns of the session, written in the same statement.
    """
    PracticeSession.objects.filter(pk=session_id).update(**changes, event_number=F("event_number") + 1)
    look_again(session_id)


def turn_taken(turn: TurnTaken, **changes: Any) -> None:
    """Like `notify`; `turn.number` is the session's next event number, which the caller read under its lock."""
    PracticeSession.objects.filter(pk=turn.session_id).update(**changes, event_number=turn.number)
    transaction.on_commit(partial(post, Changed(turn.session_id), here=turn))


def look_again(session_id: str) -> None:
    """Like `notify`, after the commit, for a session that is gone."""
    transaction.on_commit(partial(post, Changed(session_id)))


def stop_reply(turn_id: str) -> None:
    """After the commit, stop whichever process is saying this AI turn."""
    transaction.on_commit(partial(post, ReplyStopped(turn_id)))


def begin_reply(turn_id: str) -> None:
    """After the commit this web process begins to say an AI turn; a worker asks the web processes to."""
    begin = partial(_local.begin_reply, turn_id) if _local else partial(post, ReplyDue(turn_id))
    transaction.on_commit(begin)


def post(message: Message, here: TurnTaken | None = None) -> None:
    """Deliver to this process at once and to the others through the channel layer.

    Never blocks for long, never raises.
    """
    if _local:
        _local.tell(message, here)
        return
    try:
        async_to_sync(send)([message], origin="")
    except Exception as error:
        log.warning("notification not passed on", error=type(error).__name__)


async def send(messages: Sequence[Message], origin: str) -> None:
    """Send through the channel layer, all in one. Raises what the layer raises, including TimeoutError."""
    layer = get_channel_layer()
    with spans.span(names.CHANNEL_SEND, kind="+".join(sorted({type(each).__name__ for each in messages}))):
        wire = {
            "type": "practice.look",
            "messages": [{"kind": type(each).__name__, "fields": asdict(each)} for each in messages],
            "origin": origin,
            "traceparent": spans.traceparent(),
        }
        async with asyncio.timeout(SEND_SECONDS):
            await layer.group_send(GROUP, wire)


def parse(wire: dict[str, Any]) -> list[Message]:
    """Parse what `send` sent; without those that only another release knows."""
    return [message for each in wire.get("messages", ()) if (message := _parsed(each)) is not None]


def _parsed(one: dict[str, Any]) -> Message | None:
    kind = _KINDS.get(one.get("kind", ""))
    try:
        return kind(**one.get("fields", {})) if kind else None
    except TypeError:
        return None
