"""A small application for Daphne itself: `daphne tests.edge.asgi:application`, behind the same edge as the coach."""

import asyncio
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")
django.setup()

from coach.edge import daphne  # noqa: E402
from coach.edge.gate import Gate, Receive, Scope, Send  # noqa: E402
from coach.edge.life import life  # noqa: E402

daphne.BODY_SECONDS = float(os.environ.get("TEST_BODY_SECONDS", "30"))
daphne.install()
if "daphne.cli" in sys.modules:
    from coach.edge import sockets

    sockets.UNREAD_SECONDS = float(os.environ.get("TEST_UNREAD_SECONDS", "10"))
    sockets.LINGER_SECONDS = 2.0


draining = asyncio.Event()
TALKATIVE, FRAME = 600, 32 * 1024


@life.on_start
async def started() -> None:
    print("started", flush=True)


@life.on_drain
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
        heard = 0
        while (message := await receive())["type"] != "websocket.disconnect":
            heard += 1
            if scope["path"] == "/ws/slow":
                await asyncio.sleep(0.001)
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
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


application = Gate(served, life)
