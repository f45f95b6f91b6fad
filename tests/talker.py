"""A socket client that speaks the real protocol, over any transport.

async with stack.socket(session_id) as talker:
    opening = await talker.hear("ai_turn")
    await talker.say(1, mp3)
    answer = await talker.hear("ai_turn")
"""

import asyncio
import base64
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

HEAR_SECONDS = 60.0


class Wire(Protocol):
    async def send(self, frame: str | bytes) -> None: ...

    async def receive(self) -> str | bytes:
        """The next frame. Raises Closed."""
        ...


class Closed(Exception):
    """`code` of the close frame."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def iso(moment: datetime) -> str:
    return moment.isoformat()


def real_now() -> datetime:
    return datetime.now(UTC)


class Talker:
    """Keeps everything received, in order: JSON messages as dicts, sound as (sequence, pcm)."""

    def __init__(self, wire: Wire, now: Callable[[], datetime] = real_now) -> None:
        self.wire = wire
        self.now = now
        self.heard: list[dict[str, Any]] = []
        self.sound: dict[int, bytes] = {}
        self.arrivals: list[float] = []

    async def send(self, type_: str, **fields: Any) -> None:
        await self.wire.send(json.dumps({"type": type_, **fields}))

    async def next(self, timeout: float = HEAR_SECONDS) -> dict[str, Any]:
        """The next JSON message; sound frames before it are kept."""
        async with asyncio.timeout(timeout):
            while True:
                frame = await self.wire.receive()
                if isinstance(frame, bytes):
                    sequence = struct.unpack_from("<I", frame)[0]
                    self.sound[sequence] = self.sound.get(sequence, b"") + frame[4:]
                    self.arrivals.append(asyncio.get_running_loop().time())
                    continue
                message = json.loads(frame)
                if message["type"] == "ai_turn_started":
                    self.sound[message["sequence"]] = b""
                self.heard.append(message)
                return message

    async def hear(self, type_: str, timeout: float = HEAR_SECONDS, **having: Any) -> dict[str, Any]:
        """The next message of this type and with these fields; earlier ones are kept in `heard`."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    message = await self.next(timeout)
                    if message["type"] == type_ and all(message.get(name) == value for name, value in having.items()):
                        return message
        except TimeoutError:
            raise AssertionError(f"no {type_} in {timeout} s; heard {self.types()}") from None

    async def reply(self, sequence: int) -> dict[str, Any]:
        """AI turn `sequence` as stored, whether it was spoken before or after this socket opened."""
        while True:
            for message in self.heard:
                known = message["turns"] if message["type"] == "session" else [message.get("turn")]
                for turn in known:
                    if turn and turn["sequence"] == sequence:
                        return dict(turn)
            await self.next()

    async def closed(self, timeout: float = HEAR_SECONDS) -> int:
        """Wait for the server to close the socket; returns the close code."""
        try:
            while True:
                await self.next(timeout)
        except Closed as closed:
            return closed.code

    def types(self) -> list[str]:
        return [message["type"] for message in self.heard]

    def text_of(self, sequence: int) -> str:
        pieces = [m["delta"] for m in self.heard if m["type"] == "ai_text" and m["sequence"] == sequence]
        return "".join(pieces)

    async def upload(self, sequence: int, mp3: bytes, *, started: datetime | None = None, piece: int = 2_000) -> None:
        started = started or self.now() - timedelta(seconds=1)
        await self.send("turn_start", sequence=sequence, startedAt=iso(started))
        for at in range(0, len(mp3), piece):
            await self.wire.send(struct.pack("<I", sequence) + mp3[at : at + piece])

    async def end_turn(self, sequence: int, **changes: Any) -> None:
        now = iso(self.now())
        await self.send("turn_end", **({"sequence": sequence, "endedAt": now, "clientSentAt": now} | changes))

    async def say(self, sequence: int, mp3: bytes, **changes: Any) -> dict[str, Any]:
        """Upload and end a turn; returns turn_accepted or turn_rejected."""
        await self.upload(sequence, mp3)
        await self.end_turn(sequence, **changes)
        return await self.answer()

    async def type(self, sequence: int, text: str, **changes: Any) -> dict[str, Any]:
        now = iso(self.now())
        fields = {"sequence": sequence, "startedAt": now, "endedAt": now, "clientSentAt": now, "text": text}
        await self.send("turn_text", **(fields | changes))
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        while (message := await self.next())["type"] not in ("turn_accepted", "turn_rejected", "error"):
            pass
        return message


def turn_body(sequence: int, mp3: bytes | None = None, *, at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """The body of POST …/turns."""
    at = at or real_now()
    body: dict[str, Any] = {
        "sequence": sequence,
        "startedAt": iso(at - timedelta(seconds=1)),
        "endedAt": iso(at),
        "clientSentAt": iso(at),
    }
    if mp3 is not None:
        body["audioBase64"] = base64.b64encode(mp3).decode()
    return body | changes
