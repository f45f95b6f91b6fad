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
from practice.lifecycle import SessionStatus
from practice.models import Turn
from practice.notifications import TurnTaken
from practice.session_socket import protocol, socket_updates
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
        # The number of the last event that the client knows.
        self._number = -1
        self._news = asyncio.Event()
        self._news.set()
        # What is new: to be read from the database, or all of it here.
        self._unread = True
        self._taken: TurnTaken | None = None
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
        web.watch(self._session_id, self._wake, self._number)
        self._updating = asyncio.create_task(self._update())

    async def stop(self) -> None:
        self._web.unwatch(self._session_id, self._wake)
        tasks = [task for task in (self._updating, self._streaming and self._streaming[1]) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _wake(self, taken: TurnTaken | None = None) -> None:
        self._taken = taken
        self._unread = self._unread or taken is None
        self._news.set()

    async def _update(self) -> None:
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                if self._taken and self._is_all_that_is_new(self._taken):
                    await self._send_taken(self._taken)
                    continue
                self._looking, self._unread, self._taken = True, False, None
                found = await in_thread(socket_updates.look, self._session_id, user_id=self._user_id, now=clock.now())
                if found is None:
                    await self.close(GONE)
                    return
                self._knows(found.number)
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

    def _knows(self, number: int) -> None:
        self._number = number
        self._web.watch(self._session_id, self._wake, number)

    def _is_all_that_is_new(self, turn: TurnTaken) -> bool:
        streaming = self._streaming is not None and not self._streaming[1].done()
        follows = turn.number == self._number + 1 and self._known.status == SessionStatus.ACTIVE
        return follows and not self._unread and not streaming

    async def _send_taken(self, turn: TurnTaken) -> None:
        self._taken = None
        self._knows(turn.number)
        self._known.turns[turn.turn_id] = (False, turn.asr_status, turn.asr_status is None)
        receipt = {"sessionId": turn.session_id, "turnId": turn.turn_id, "aiTurnId": turn.ai_turn_id}
        await self.tell({"type": "turn_accepted", "receipt": receipt | {"status": "accepted"}})
        self._stream(turn.ai_turn_id, turn.sequence + 1)

    async def _send_updates(self, found: socket_updates.Snapshot) -> None:
        held = None
        followed = self._streaming
        still_owed = followed and found.replying is not None and found.replying.pk == followed[0]
        if followed and not followed[1].done():
            held = followed[0] if still_owed else await self._let_end(*followed, found)
        missed = self._missed(found)
        for message in socket_updates.updates(self._known, found, held={held, missed.pk if missed else None}):
            await self.tell(message)
        if not held and (owed := missed or found.replying) and owed.heard_ms is None:
            self._stream(owed.pk, owed.sequence)
        if missed:
            self._look_again()
        if followed and (held or still_owed) and _ended_well(followed[1]):
            # Stored since this look was taken, so look again.
            self._wake()

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
        asyncio.get_running_loop().call_later(STREAM_ENDS_WITHIN_SECONDS, self._wake)

    def _stream(self, turn_id: str, sequence: int) -> None:
        if self._streaming and self._streaming[0] == turn_id:
            return
        task = asyncio.create_task(self._pass_on_reply(turn_id, sequence))
        self._streaming = (turn_id, task)
        task.add_done_callback(self._stream_ended)

    def _stream_ended(self, stream: asyncio.Task[None]) -> None:
        if not self._looking:
            self._wake()

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
