"""A small application for testing Daphne behind the coach's own edge: `daphne tests.edge.asgi:application`."""

import asyncio
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")
django.setup()

from coach.edge import daphne  # noqa: E402
from coach.edge.arrival import ARRIVED_AT  # noqa: E402
from coach.edge.drain_gate import Gate, Receive, Scope, Send  # noqa: E402
from coach.edge.lifespan import lifespan  # noqa: E402

daphne.install()
if "daphne.cli" in sys.modules:
    from coach.edge import bounded_requests, sockets

    bounded_requests.BODY_SECONDS = float(os.environ.get("TEST_BODY_SECONDS", "30"))
    sockets.UNREAD_SECONDS = float(os.environ.get("TEST_UNREAD_SECONDS", "10"))
    sockets.LINGER_SECONDS = float(os.environ.get("TEST_LINGER_SECONDS", "5"))


draining = asyncio.Event()
looked_at = asyncio.Event()
TALKATIVE, FRAME = 600, 32 * 1024
pieces_taken = 0


@lifespan.on_start
async def started() -> None:
    print("started", flush=True)


@lifespan.on_drain
async def handed_over() -> None:
    draining.set()
    print("handed over", flush=True)


async def served(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        if scope["path"] == "/ws/talkative":
            for number in range(TALKATIVE):
                await send({"type": "websocket.send", "bytes": number.to_bytes(4, "little") + bytes(FRAME - 4)})
            print("all was said", flush=True)
        if scope["path"] == "/ws/busy":
            await receive()
            await looked_at.wait()
        heard = 0
        while (message := await receive())["type"] != "websocket.disconnect":
            heard += 1
            if scope["path"] == "/ws/slow":
                await asyncio.sleep(0.001)
            if scope["path"] == "/ws/busy":
                await send({"type": "websocket.send", "text": message[ARRIVED_AT].isoformat()})
                continue
            await send({"type": "websocket.send", "text": "heard" if scope["path"] == "/ws" else f"heard {heard}"})
        print(f"socket closed {message['code']}", flush=True)
        return
    message = await receive()
    length = len(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        length += len(message.get("body", b""))
    if scope["path"] == "/slow":
        print("slow request begun", flush=True)
        await draining.wait()
    if scope["path"] in ("/archive", "/abandoned"):
        bounded_requests.STALLED_SECONDS = 300.0 if scope["path"] == "/archive" else 1.0
        await archive(send)
        return
    body = str(pieces_taken * FRAME if scope["path"] == "/taken" else length).encode()
    if scope["path"] == "/look":
        looked_at.set()
        body = scope[ARRIVED_AT].isoformat().encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def archive(send: Send) -> None:
    """A download of TALKATIVE * FRAME bytes; `/taken` answers how many of them have been read from it so far."""
    global pieces_taken
    pieces_taken = 0
    headers = [(b"content-length", str(TALKATIVE * FRAME).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for pieces_taken in range(1, TALKATIVE + 1):  # noqa: B007
        piece = pieces_taken.to_bytes(4, "little") + bytes(FRAME - 4)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if pieces_taken == 1:
            print("archive begun", flush=True)
    await send({"type": "http.response.body"})
    print("archive over", flush=True)


application = Gate(served, lifespan)
