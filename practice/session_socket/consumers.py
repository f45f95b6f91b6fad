"""The session socket: accepts messages within limits and passes them to the verbs of `practice`.

It holds no conversation state, and `socket_writer` does the sending. What a client says before its first snapshot waits
in the server's bounded queue, so that everything that follows from it is an update.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from coach import clock, identity
from coach.edge import arrival, readers_language
from coach.edge.close_codes import FLOOD, GONE, RESTARTING, TOO_BIG
from coach.edge.timestamps import iso
from coach.telemetry import metrics, names
from coach.threads import in_thread, in_thread_now
from practice import session_end, sessions, web_runtime
from practice.lifecycle import ReplyStatus
from practice.limits import presence
from practice.models import PracticeSession, Turn
from practice.session_socket import protocol
from practice.session_socket.socket_writer import Send, SocketWriter
from practice.sessions import SessionUnknown
from practice.turns import accept, barge_in, idle_clock, prefill
from practice.turns.rehearsal import Rehearsal
from practice.turns.streamed_turn import StreamedTurn
from practice.turns.submission import Receipt, Submission, TurnMalformed, TurnRefused

log = structlog.get_logger(__name__)

FAULTS_AT_MOST = 30
TEXTS_AT_MOST = 300
SOUNDS_AT_MOST = 2_000
WITHIN_SECONDS = 10.0
INTERRUPT_SECONDS = 2.0

Receive = Callable[[], Awaitable[dict[str, Any]]]


class SessionSocket:
    def __init__(self, session_id: str, wants_audio: bool, receive: Receive, send: Send) -> None:
        self._session_id = session_id
        self._receive = receive
        self._send = send
        self._user_id = identity.trainee()
        self._out = SocketWriter(session_id, self._user_id, wants_audio, send)
        self._upload: StreamedTurn | None = None
        self._faults: deque[float] = deque()
        self._texts: deque[float] = deque()
        self._sounds: deque[float] = deque()

    async def run(self) -> None:
        await self._receive()
        await self._send({"type": "websocket.accept"})
        web = web_runtime.running()
        if web is None:
            await self._out.close(RESTARTING)
            return
        try:
            await in_thread(sessions.get, self._session_id, user_id=self._user_id)
            socket_id = await in_thread(presence.opened, self._session_id, web.id, now=clock.now())
        except Exception as error:
            code = {SessionUnknown: GONE, presence.TooManySockets: FLOOD}.get(type(error), RESTARTING)
            if code != GONE:
                log.warning("socket not opened", sessionId=self._session_id, error=type(error).__name__)
            await self._out.close(code)
            return
        self._web = web
        self._out.start(web)
        web.read_ahead(partial(prefill.trainees_turn, self._session_id))
        try:
            await self._out.snapshot_sent.wait()
            while (message := await self._receive())["type"] != "websocket.disconnect":
                if not self._out.closing:
                    await self._hear(message)
        finally:
            self._forget_upload()
            await self._out.stop()
            await web.socket_closed(socket_id, self._session_id)

    async def _hear(self, frame: Mapping[str, Any]) -> None:
        text, data = frame.get("text"), frame.get("bytes")
        if len(data or b"") > protocol.MAX_FRAME_BYTES or len((text or "").encode()) > protocol.MAX_FRAME_BYTES:
            await self._out.close(TOO_BIG)
            return
        flooded = _too_many(self._texts, TEXTS_AT_MOST) if text is not None else _too_many(self._sounds, SOUNDS_AT_MOST)
        if flooded:
            await self._out.close(FLOOD)
            return
        try:
            message = protocol.parse_text(text) if text is not None else protocol.parse_binary(data or b"")
            await self._do(message, arrived_at=arrival.of(frame))
        except protocol.BadMessage as bad:
            await self._out.tell({"type": "error", "code": bad.code, "detail": bad.detail})
            if _too_many(self._faults, FAULTS_AT_MOST):
                await self._out.close(FLOOD)
        except (SessionUnknown, PracticeSession.DoesNotExist):
            await self._out.close(GONE)
        except DatabaseError as error:
            # Clients resend unanswered messages over their next socket.
            log.warning("message not taken", sessionId=self._session_id, error=type(error).__name__)
            await self._out.close(RESTARTING)

    async def _do(self, message: protocol.ClientMessage, *, arrived_at: datetime) -> None:
        now = clock.now()
        match message:
            case protocol.SoundPiece(sequence, piece):
                if self._upload is None or self._upload.sequence != sequence:
                    raise protocol.BadMessage("no_turn_start", _("Send turn_start before the sound of a turn."))
                self._upload.add(piece)
            case protocol.Ping(client_time):
                server_time = iso(now)
                await self._out.tell({"type": "pong", "serverTime": server_time, "clientTime": client_time})
            case protocol.TurnStart(sequence, started_at):
                self._forget_upload()
                player = self._web.role_player
                rehearsal = Rehearsal(player, self._session_id, sequence) if player else None
                overhearing = self._web.overhear(self._session_id, sequence)
                self._upload = StreamedTurn(sequence, started_at, overhearing, rehearsal)
                await in_thread_now(idle_clock.begin, self._session_id, sequence)
            case protocol.TurnPause(sequence):
                if self._upload and self._upload.sequence == sequence:
                    self._upload.ask_whether_over(self._web.end_of_turn, self._out.tell)
            case protocol.TurnCancel(sequence):
                # Without an upload here the turn was begun over an earlier socket, or refused.
                if self._upload is None or self._uploads(sequence):
                    self._forget_upload()
                    await in_thread_now(idle_clock.cancel, self._session_id, sequence)
            case protocol.TurnEnd(fields):
                await self._submit(self._uploaded(fields, arrived_at), now)
            case protocol.TurnText(fields):
                turn = protocol.submission({**fields, "audioBase64": None}, arrived_at=arrived_at)
                await self._submit(turn, now)
            case protocol.Interrupt(sequence, played_ms):
                await self._interrupt(sequence, played_ms, now)
            case protocol.PlaybackEnded(sequence):
                await in_thread_now(idle_clock.playback_ended, self._session_id, sequence)
            case protocol.Telemetry():
                await in_thread(_record, self._session_id, message)
            case protocol.Stop(reason):
                session = await in_thread(sessions.get, self._session_id, user_id=self._user_id)
                await in_thread(session_end.stop, session, reason, now=now)

    def _uploaded(self, fields: Mapping[str, Any], arrived_at: datetime) -> Submission:
        upload = self._upload
        if upload is None or upload.sequence != fields.get("sequence"):
            # Nothing was uploaded here: a turn sent twice or after the end gets the usual answer, others are refused.
            return protocol.spoken_submission(
                fields, b"", protocol.parse_time(fields.get("endedAt")), arrived_at=arrived_at
            )
        upload.end()
        return protocol.spoken_submission(fields, upload.sound, upload.started_at, arrived_at=arrived_at)

    async def _submit(self, turn: Submission, now: datetime) -> None:
        try:
            receipt = await in_thread(accept.accept, self._session_id, turn, user_id=self._user_id, now=now)
        except TurnRefused as refusal:
            extra = {key: iso(v) if isinstance(v, datetime) else v for key, v in refusal.extra.items()}
            rejected = {"sequence": turn.sequence, "code": refusal.code, "detail": str(refusal.detail), **extra}
            await self._out.tell({"type": "turn_rejected", **rejected})
            if refusal.code != "clock_drift" and self._uploads(turn.sequence):
                self._forget_upload()
            return
        except TurnMalformed as bad:
            said = "; ".join(f"{problem.field}: {problem.message}" for problem in bad.problems)
            raise protocol.BadMessage("malformed", said or _("Send turn_start first.")) from None
        if self._uploads(turn.sequence):
            self._forget_upload()
        if receipt.status != "accepted":
            await self._out.tell({"type": "turn_accepted", "receipt": receipt_shape(receipt)})

    def _uploads(self, sequence: int | None) -> bool:
        return self._upload is not None and self._upload.sequence == sequence

    def _forget_upload(self) -> None:
        if self._upload:
            self._upload.end()
        self._upload = None

    async def _interrupt(self, sequence: int, played_ms: int, now: datetime) -> None:
        """Returns when the turn is cut, so that the trainee's next message sees it cut."""
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


def receipt_shape(receipt: Receipt) -> dict[str, Any]:
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
        await SessionSocket(session_id, wants_audio, receive, send).run()


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
