"""One session through the proxy of running containers, from its start to its feedback."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import websockets

from tests.audio import sounds
from tests.stack import SocketWire
from tests.talker import Closed, Talker, iso, real_now

HEALTHY_SECONDS = 300.0
BACK_SECONDS = 90.0
MP3 = sounds.mp3(1.5)
# The proxy issued its own certificate for "localhost".
UNCHECKED = ssl.create_default_context()
UNCHECKED.check_hostname, UNCHECKED.verify_mode = False, ssl.CERT_NONE


class Broken(Exception):
    """A check failed; the message says which."""


class Talk:
    """One session, over as many connections as it needs."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._next = 1
        self.id = ""

    async def ask(self, method: str, path: str, refusal: int = 0, **options: Any) -> httpx.Response:
        address = await asyncio.to_thread(self._address)
        async with httpx.AsyncClient(verify=UNCHECKED, trust_env=False, timeout=30) as http:
            answer = await http.request(method, f"https://{address}{path}", **options)
        if not answer.is_success and answer.status_code != refusal:
            raise Broken(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer

    async def start(self) -> None:
        scenarios = (await self.ask("GET", "/api/scenarios?limit=100")).json()["items"]
        scenario = max(scenarios, key=lambda each: each["durationLimitSeconds"])
        ahead, deadline = timedelta(0), time.monotonic() + BACK_SECONDS
        while not self.id:
            body = {"scenarioId": scenario["id"], "clientSessionStartedAt": iso(real_now() + ahead)}
            answer = (await self.ask("POST", "/api/sessions", json=body, refusal=422)).json()
            self.id = answer.get("id", "")
            if not self.id and (answer["code"] != "clock_drift" or time.monotonic() > deadline):
                raise Broken(f"the session did not start: {answer}")
            # A slow request on a busy machine looks like clock drift; correct the time, as clients do.
            ahead -= timedelta(seconds=answer.get("driftSeconds", 0))

    async def say(self) -> float:
        """Say the next turn and wait for the reply, reconnecting as a page does; returns the seconds taken."""
        began = time.monotonic()
        while True:
            try:
                async with self._socket() as talker:
                    answer = await talker.say(self._next, MP3)
                    if answer["type"] != "turn_accepted" or answer["receipt"]["status"] == "closed":
                        raise Broken(f"turn {self._next} was not taken: {answer}")
                    await talker.reply(self._next + 1)
                break
            except (Closed, websockets.WebSocketException, OSError, AssertionError, TimeoutError, Broken):
                if time.monotonic() - began > BACK_SECONDS:
                    raise
                await asyncio.sleep(0.5)
        self._next += 2
        return time.monotonic() - began

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[Talker]:
        address = await asyncio.to_thread(self._address)
        url = f"wss://{address}/ws/sessions/{self.id}"
        async with websockets.connect(url, ssl=UNCHECKED, max_size=None, proxy=None) as connection:
            talker = Talker(SocketWire(connection))
            await talker.hear("session", timeout=20)
            yield talker

    async def say_during(self, work: Callable[[], object]) -> float:
        """Run `work` in a thread and keep talking until it is done; returns the seconds of the slowest turn."""
        slowest, working = 0.0, asyncio.create_task(asyncio.to_thread(work))
        while not working.done():
            slowest = max(slowest, await self.say())
            await asyncio.wait({working}, timeout=1)
        await working
        return max(slowest, await self.say())

    async def meanwhile(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run `work` in a thread while the page stays open; returns its result.

        After 15 s without a socket the trainee counts as gone.
        """
        listening = asyncio.create_task(self._listen())
        try:
            return await asyncio.to_thread(work, *arguments)
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._socket() as talker:
                    await talker.closed(timeout=BACK_SECONDS)
            except (Closed, websockets.WebSocketException, OSError, AssertionError, TimeoutError, Broken):
                await asyncio.sleep(0.5)

    async def end(self) -> None:
        ended = (await self.ask("POST", f"/api/sessions/{self.id}/manual-stop", json={"reason": "manual"})).json()
        if ended["terminationReason"] != "manual":
            raise Broken(f"the session did not end as asked: {ended['terminationReason']}")
        shown = (await self.ask("GET", f"/api/sessions/{self.id}?historyStepCount=1")).json()
        if (kept := [turn["sequence"] for turn in shown["turns"]]) != list(range(self._next)):
            raise Broken(f"turns 0 to {self._next - 1} were said, these were kept: {kept}")

    async def kept(self) -> dict[str, Any]:
        """The session as the API shows it, with the bytes of each recording."""
        shown = (await self.ask("GET", f"/api/sessions/{self.id}?historyStepCount=1")).json()
        for turn in shown["turns"]:
            if link := turn.pop("audioUrl"):
                turn["recording"] = (await self.ask("GET", link)).content
        return shown

    async def feedback(self) -> float:
        """Wait for the evaluation; seconds taken."""
        began = time.monotonic()
        while True:
            evaluation = (await self.ask("GET", f"/api/sessions/{self.id}/evaluation")).json()
            if evaluation["status"] == "completed" and evaluation["scores"]:
                return time.monotonic() - began
            if evaluation["status"] == "failed" or time.monotonic() - began > BACK_SECONDS:
                raise Broken(f"no feedback: {evaluation}")
            await asyncio.sleep(0.5)
