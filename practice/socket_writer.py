"""Writes to one session socket: updates read from the database, and the reply being said."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from coach import clock
from coach.edge.close_codes import GONE, RESTARTING
from coach.telemetry import metrics, names
from coach.threads import in_thread
from practice import protocol, socket_updates
from practice.lifecycle import SessionStatus
from practice.models import Turn
from practice.turns.events import LAST, AudioSpoken, ModelsAway, ReplyStarted, TextSpoken
from practice.web_runtime import WebRuntime

log = structlog.get_logger(__name__)

# A client that does not read is closed with 4408 by `coach.edge.sockets`.

STREAM_ENDS_WITHIN_SECONDS = 1.0

Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketWriter:
    """Reads the session whenever it may have changed; sound comes from a reply feed without a query in between."""

    def __init__(self, session_id: str, user_id: str, wants_audio: bool, send: Send) -> None:
        self._session_id = session_id
        self._user_id = user_id
        self._wants_audio = wants_audio
        self._send = send
        self._known = socket_updates.KnownToClient()
        self._look = asyncio.Event()
        self._look.set()
        # The client has been sent its first snapshot, or there will be none.
        self.snapshot_sent = asyncio.Event()
        self.closing = False
        self._streaming: tuple[str, asyncio.Task[None]] | None = None
        # A look is in progress and its result is being sent: it handles streams that end meanwhile.
        self._looking = False
        # Whether the streamed reply waits for its next fact; otherwise it waits for the client.
        self._caught_up = False
        self._updating: asyncio.Task[None] | None = None

    def start(self, web: WebRuntime) -> None:
        """Send whatever is new from now on."""
        self._web = web
        web.watch(self._session_id, self._look.set, -1)
        self._updating = asyncio.create_task(self._update())

    async def stop(self) -> None:
        self._web.unwatch(self._session_id, self._look.set)
        tasks = [task for task in (self._updating, self._streaming and self._streaming[1]) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _update(self) -> None:
        try:
            while True:
                await self._look.wait()
                self._look.clear()
                self._looking = True
                found = await in_thread(socket_updates.look, self._session_id, user_id=self._user_id, now=clock.now())
                if found is None:
                    await self.close(GONE)
                    return
                self._web.watch(self._session_id, self._look.set, found.number)
                await self._send_updates(found)
                self._looking = False
                self.snapshot_sent.set()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("socket broke off", sessionId=self._session_id)
            await self.close(RESTARTING)
        finally:
            self.snapshot_sent.set()

    async def _send_updates(self, found: socket_updates.Snapshot) -> None:
        held = None
        followed = self._streaming
        still_owed = followed and found.replying is not None and found.replying.pk == followed[0]
        if followed and not followed[1].done():
            held = followed[0] if still_owed else await self._let_end(*followed, found)
        missed = self._missed(found)
        for message in socket_updates.updates(self._known, found, held={held, missed.pk if missed else None}):
            await self.tell(message)
        if not held and (owed := missed or found.replying):
            self._stream(owed)
        if missed:
            self._look_again()
        if followed and (held or still_owed) and _ended_well(followed[1]):
            # Stored since this look was taken, so look again.
            self._look.set()

    def _missed(self, found: socket_updates.Snapshot) -> Turn | None:
        """A reply that was said completely between two looks: its feed can still be followed."""
        turn = socket_updates.just_said(self._known, found)
        return None if self._streaming and turn and self._streaming[0] == turn.pk else turn

    async def _let_end(self, turn_id: str, stream: asyncio.Task[None], found: socket_updates.Snapshot) -> str | None:
        """The turn is stored: the rest of it is on its way here, or was lost with its process, or is not wanted."""
        await asyncio.wait([stream], timeout=STREAM_ENDS_WITHIN_SECONDS)
        wanted = found.session.status == SessionStatus.ACTIVE and not found.is_interrupted(turn_id)
        if wanted and not stream.done() and not self._caught_up:
            # A client that reads the sound more slowly than the model made it still gets all of it.
            self._look_again()
            return turn_id
        stream.cancel()
        return None

    def _look_again(self) -> None:
        asyncio.get_running_loop().call_later(STREAM_ENDS_WITHIN_SECONDS, self._look.set)

    def _stream(self, turn: Turn) -> None:
        if turn.heard_ms is not None or (self._streaming and self._streaming[0] == turn.pk):
            return
        task = asyncio.create_task(self._pass_on_reply(turn.pk, turn.sequence))
        self._streaming = (turn.pk, task)
        task.add_done_callback(self._stream_ended)

    def _stream_ended(self, stream: asyncio.Task[None]) -> None:
        if not self._looking:
            self._look.set()

    async def _pass_on_reply(self, turn_id: str, sequence: int) -> None:
        head = {"turnId": turn_id, "sequence": sequence}
        self._caught_up = True
        async for fact in self._web.runner.follow(turn_id):
            self._caught_up = False
            match fact:
                case AudioSpoken(pcm) if self._wants_audio:
                    await self._send({"type": "websocket.send", "bytes": protocol.sound_frame(sequence, pcm)})
                case TextSpoken(text):
                    await self.tell({"type": "ai_text", **head, "delta": text})
                case ReplyStarted():
                    await self.tell({"type": "ai_turn_started", **head, "audio": protocol.AUDIO_FORMAT})
                case ModelsAway():
                    await self.tell({"type": "models_restarting", **head})
                case _ if isinstance(fact, LAST):
                    return
            self._caught_up = True

    async def tell(self, message: Mapping[str, Any]) -> None:
        if not self.closing:
            await self._send(
                {"type": "websocket.send", "text": json.dumps(message, ensure_ascii=False, allow_nan=False)}
            )

    async def close(self, code: int) -> None:
        if not self.closing:
            self.closing = True
            metrics.count(names.SOCKETS_CLOSED, code=code)
            await self._send({"type": "websocket.close", "code": code})


def _ended_well(stream: asyncio.Task[None]) -> bool:
    return stream.done() and not stream.cancelled() and stream.exception() is None
