"""The doorman of one socket: lets messages in within bounds, tells what is new, streams what the AI says.

It owns tasks and no conversation: what a message does is decided by the verbs of `practice`, what there is to tell
by the database, and the sound comes from a reply feed without a query in between. What a client says before its first
snapshot waits its turn in the server's bounded queue, so that all that comes of it is news.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from coach import clock, identity
from coach.audio import mp3
from coach.edge import readers_language
from coach.edge.moments import iso
from coach.telemetry import metrics, names
from coach.threads import in_thread
from practice import presence, process, protocol, sessions, telling
from practice.lifecycle import ReplyStatus, SessionStatus
from practice.models import PracticeSession, Turn
from practice.sessions import SessionUnknown
from practice.turns import accept, ahead, barge_in, speech
from practice.turns.ahead import Overhearing
from practice.turns.events import LAST, AudioSpoken, ReplyStarted, TextSpoken

log = structlog.get_logger(__name__)

# A client that does not read is closed with 4408 by `coach.edge.sockets`.
GONE, FLOOD, TOO_BIG, RESTARTING = 4404, 4400, 4413, 4503

FAULTS_AT_MOST = 30
TEXTS_AT_MOST = 300
SOUNDS_AT_MOST = 2_000
WITHIN_SECONDS = 10.0
STREAM_ENDS_WITHIN_SECONDS = 1.0
INTERRUPT_SECONDS = 2.0

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Upload:
    """What one socket has uploaded of the turn that is being spoken."""

    def __init__(self, sequence: int, started_at: datetime, overhearing: Overhearing | None) -> None:
        self.sequence = sequence
        self.started_at = started_at
        self._sound = bytearray()
        self._overhearing = overhearing

    def add(self, piece: bytes) -> None:
        """Kept up to just past the limit, so that the check can say that it was too large."""
        room = mp3.MAX_BYTES + 1 - len(self._sound)
        self._sound += piece[: max(0, room)]
        if self._overhearing:
            self._overhearing.hear(self._sound)

    def end(self) -> None:
        """Nothing more comes."""
        if self._overhearing:
            self._overhearing.stop()

    @property
    def sound(self) -> bytes:
        return bytes(self._sound)


class Doorman:
    def __init__(self, session_id: str, wants_audio: bool, receive: Receive, send: Send) -> None:
        self._session_id = session_id
        self._wants_audio = wants_audio
        self._receive = receive
        self._send = send
        self._user_id = identity.trainee()
        self._told = telling.Told()
        self._look = asyncio.Event()
        self._look.set()
        # The client has been told its first snapshot, or there will be none.
        self._snapshot_told = asyncio.Event()
        self._upload: Upload | None = None
        self._streaming: tuple[str, asyncio.Task[None]] | None = None
        self._closing = False
        self._faults: deque[float] = deque()
        self._texts: deque[float] = deque()
        self._sounds: deque[float] = deque()
        # Whether the reply that is streamed waits for its next fact; else it waits for the client.
        self._caught_up = False

    async def run(self) -> None:
        await self._receive()
        await self._send({"type": "websocket.accept"})
        web = process.current
        if web is None:
            await self._close(RESTARTING)
            return
        try:
            await in_thread(sessions.get, self._session_id, user_id=self._user_id)
            socket_id = await in_thread(presence.opened, self._session_id, web.id, now=clock.now())
        except Exception as error:
            code = {SessionUnknown: GONE, presence.TooManySockets: FLOOD}.get(type(error), RESTARTING)
            if code != GONE:
                log.warning("socket not opened", sessionId=self._session_id, error=type(error).__name__)
            await self._close(code)
            return
        self._web = web
        web.watch(self._session_id, self._look.set, -1)
        web.read_ahead(partial(ahead.trainees_turn, self._session_id))
        teller = asyncio.create_task(self._tell_news())
        try:
            await self._snapshot_told.wait()
            while (message := await self._receive())["type"] != "websocket.disconnect":
                if not self._closing:
                    await self._hear(message)
        finally:
            web.unwatch(self._session_id, self._look.set)
            self._forget_upload()
            tasks = [teller, *([self._streaming[1]] if self._streaming else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await in_thread(presence.closed, socket_id, self._session_id, now=clock.now())

    # What goes out

    async def _tell_news(self) -> None:
        try:
            while True:
                await self._look.wait()
                self._look.clear()
                found = await in_thread(telling.look, self._session_id, user_id=self._user_id, now=clock.now())
                if found is None:
                    await self._close(GONE)
                    return
                self._web.watch(self._session_id, self._look.set, found.number)
                await self._tell(found)
                self._snapshot_told.set()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("socket broke off", sessionId=self._session_id)
            await self._close(RESTARTING)
        finally:
            self._snapshot_told.set()

    async def _tell(self, found: telling.Snapshot) -> None:
        held = None
        if self._streaming:
            turn_id, stream = self._streaming
            still_owed = found.replying is not None and found.replying.pk == turn_id
            if not stream.done() and not still_owed:
                held = await self._let_end(turn_id, stream, found)
            elif not stream.done():
                held = turn_id
        missed = self._missed(found)
        for message in telling.news(self._told, found, held={held, missed.pk if missed else None}):
            await self._tell_one(message)
        if not held and (owed := missed or found.replying):
            self._stream(owed)
        if missed:
            self._look_again()

    def _missed(self, found: telling.Snapshot) -> Turn | None:
        """A reply that was said whole between two looks: its feed is still there to be followed."""
        turn = telling.just_said(self._told, found)
        return None if self._streaming and turn and self._streaming[0] == turn.pk else turn

    async def _let_end(self, turn_id: str, stream: asyncio.Task[None], found: telling.Snapshot) -> str | None:
        """The turn is stored: the last of it is on its way here, or was lost with its process, or is not wanted."""
        await asyncio.wait([stream], timeout=STREAM_ENDS_WITHIN_SECONDS)
        wanted = found.session.status == SessionStatus.ACTIVE and not found.is_interrupted(turn_id)
        if wanted and not stream.done() and not self._caught_up:
            # A client that takes the sound more slowly than the model made it gets all of it.
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
        task.add_done_callback(lambda _: self._look.set())

    async def _pass_on_reply(self, turn_id: str, sequence: int) -> None:
        head = {"turnId": turn_id, "sequence": sequence}
        self._caught_up = True
        async for fact in self._web.runner.follow(turn_id):
            self._caught_up = False
            match fact:
                case AudioSpoken(pcm) if self._wants_audio:
                    await self._send({"type": "websocket.send", "bytes": protocol.sound_frame(sequence, pcm)})
                case TextSpoken(text):
                    await self._tell_one({"type": "ai_text", **head, "delta": text})
                case ReplyStarted():
                    await self._tell_one({"type": "ai_turn_started", **head, "audio": protocol.AUDIO_FORMAT})
                case _ if isinstance(fact, LAST):
                    return
            self._caught_up = True

    async def _tell_one(self, message: Mapping[str, Any]) -> None:
        if not self._closing:
            await self._send(
                {"type": "websocket.send", "text": json.dumps(message, ensure_ascii=False, allow_nan=False)}
            )

    async def _close(self, code: int) -> None:
        if not self._closing:
            self._closing = True
            metrics.count(names.SOCKETS_CLOSED, code=code)
            await self._send({"type": "websocket.close", "code": code})

    # What comes in

    async def _hear(self, frame: Mapping[str, Any]) -> None:
        text, data = frame.get("text"), frame.get("bytes")
        if len(data or b"") > protocol.MAX_FRAME_BYTES or len((text or "").encode()) > protocol.MAX_FRAME_BYTES:
            await self._close(TOO_BIG)
            return
        flooded = _too_many(self._texts, TEXTS_AT_MOST) if text is not None else _too_many(self._sounds, SOUNDS_AT_MOST)
        if flooded:
            await self._close(FLOOD)
            return
        try:
            message = protocol.parse_text(text) if text is not None else protocol.parse_binary(data or b"")
            await self._do(message)
        except protocol.BadMessage as bad:
            await self._tell_one({"type": "error", "code": bad.code, "detail": bad.detail})
            if _too_many(self._faults, FAULTS_AT_MOST):
                await self._close(FLOOD)
        except SessionUnknown:
            await self._close(GONE)

    async def _do(self, message: protocol.ClientMessage) -> None:
        now = clock.now()
        match message:
            case protocol.SoundPiece(sequence, piece):
                if self._upload is None or self._upload.sequence != sequence:
                    raise protocol.BadMessage("no_turn_start", _("Send turn_start before the sound of a turn."))
                self._upload.add(piece)
            case protocol.Ping(client_time):
                server_time = iso(now)
                await self._tell_one({"type": "pong", "serverTime": server_time, "clientTime": client_time})
            case protocol.TurnStart(sequence, started_at):
                self._forget_upload()
                self._upload = Upload(sequence, started_at, self._web.overhear(self._session_id, sequence))
                await in_thread(speech.begin, self._session_id, now=now)
            case protocol.TurnCancel(sequence):
                if self._uploads(sequence):
                    self._forget_upload()
                    await in_thread(speech.cancel, self._session_id, now=now)
            case protocol.TurnEnd(fields):
                await self._submit(self._uploaded(fields), now)
            case protocol.TurnText(fields):
                await self._submit(protocol.submission({**fields, "audioBase64": None}), now)
            case protocol.Interrupt(sequence, played_ms):
                await self._interrupt(sequence, played_ms, now)
            case protocol.PlaybackEnded(sequence):
                await in_thread(speech.playback_ended, self._session_id, sequence, now=now)
            case protocol.Telemetry():
                await in_thread(_record, self._session_id, message)
            case protocol.Stop(reason):
                session = await in_thread(sessions.get, self._session_id, user_id=self._user_id)
                await in_thread(sessions.stop, session, reason, now=now)

    def _uploaded(self, fields: Mapping[str, Any]) -> accept.Submission:
        upload = self._upload
        if upload is None or upload.sequence != fields.get("sequence"):
            # Nothing was uploaded here: a turn sent twice or after the end is answered as such, others are refused.
            return protocol.spoken_submission(fields, b"", None)
        upload.end()
        return protocol.spoken_submission(fields, upload.sound, upload.started_at)

    async def _submit(self, turn: accept.Submission, now: datetime) -> None:
        try:
            receipt = await in_thread(accept.accept, self._session_id, turn, user_id=self._user_id, now=now)
        except accept.TurnRefused as refusal:
            extra = {key: iso(v) if isinstance(v, datetime) else v for key, v in refusal.extra.items()}
            rejected = {"sequence": turn.sequence, "code": refusal.code, "detail": str(refusal.detail), **extra}
            await self._tell_one({"type": "turn_rejected", **rejected})
            if refusal.code != "clock_drift" and self._uploads(turn.sequence):
                self._forget_upload()
            return
        except accept.TurnMalformed as bad:
            said = "; ".join(f"{problem.field}: {problem.message}" for problem in bad.problems)
            raise protocol.BadMessage("malformed", said or _("Send turn_start first.")) from None
        if self._uploads(turn.sequence):
            self._forget_upload()
        if receipt.status != "accepted":
            await self._tell_one({"type": "turn_accepted", "receipt": receipt_shape(receipt)})

    def _uploads(self, sequence: int | None) -> bool:
        return self._upload is not None and self._upload.sequence == sequence

    def _forget_upload(self) -> None:
        if self._upload:
            self._upload.end()
        self._upload = None

    async def _interrupt(self, sequence: int, played_ms: int, now: datetime) -> None:
        """Returns when the turn is cut, so that the trainee's next message finds it so."""
        turn_id = await in_thread(barge_in.interrupt, self._session_id, sequence, heard_ms=played_ms, now=now)
        if turn_id is None:
            return
        await self._web.runner.stopped(turn_id)
        deadline = asyncio.get_running_loop().time() + INTERRUPT_SECONDS
        while await in_thread(_under_way, turn_id):
            if asyncio.get_running_loop().time() > deadline:
                await in_thread(barge_in.finish_unheld, turn_id, now=clock.now())
                return
            await asyncio.sleep(0.03)
        metrics.measure(names.INTERRUPT_LATENCY, (clock.now() - now).total_seconds() * 1000)


def receipt_shape(receipt: accept.Receipt) -> dict[str, Any]:
    return {
        "sessionId": receipt.session_id,
        "turnId": receipt.turn_id,
        "aiTurnId": receipt.ai_turn_id,
        "status": receipt.status,
    }


async def session_socket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """ASGI application of `/ws/sessions/{id}`; `?audio=0` asks for no sound."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    wants_audio = query.get("audio", ["1"])[-1] != "0"
    session_id = str(scope["url_route"]["kwargs"]["session_id"])
    with translation.override(readers_language.of_scope(scope)):
        await Doorman(session_id, wants_audio, receive, send).run()


def _too_many(times: deque[float], at_most: int) -> bool:
    now = asyncio.get_running_loop().time()
    times.append(now)
    while times and times[0] < now - WITHIN_SECONDS:
        times.popleft()
    return len(times) > at_most


def _record(session_id: str, measured: protocol.Telemetry) -> None:
    values = {"idleSeconds": measured.idle_seconds, "elapsedSeconds": measured.elapsed_seconds}
    PracticeSession.objects.filter(pk=session_id).update(client_telemetry=values)


def _under_way(turn_id: str) -> bool:
    return Turn.objects.filter(pk=turn_id, reply_status__in=[ReplyStatus.DUE, ReplyStatus.SPEAKING]).exists()
