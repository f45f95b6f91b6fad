"""A whole session over the socket, typed instead of spoken: start, talk, stop, read the feedback.

    python docs/examples/talk.py http://127.0.0.1:8000 "Can we talk about the deadlines?" "What would help you?"

Needs httpx and websockets. /api/asyncapi.json describes the messages and /api/openapi.json the calls. If trainees have
to sign in, pass the browser's cookie: `--cookie "sessionid=…"`.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

Message = dict[str, Any]


@dataclass(frozen=True)
class HeardLine:
    speaker: str
    words: str


@dataclass
class Talk:
    """One session and its socket."""

    session_id: str
    socket: ClientConnection
    sequence: int = -1

    async def hear(self, *types: str) -> Message:
        """The next message of one of these types; sound and other messages are skipped."""
        async for frame in self.socket:
            if isinstance(frame, bytes):
                continue
            message: Message = json.loads(frame)
            if message["type"] in types:
                return message
            if message["type"] in ("error", "turn_rejected", "termination"):
                raise RuntimeError(message.get("detail") or message.get("message"))
        raise ConnectionError("The socket was closed.")

    async def opening(self) -> HeardLine:
        """The AI's first line."""
        snapshot = await self.hear("session")
        said = [turn for turn in snapshot["turns"] if turn["speaker"] == "ai" and turn["endedAt"]]
        return self._said(said[-1] if said else (await self.hear("ai_turn"))["turn"])

    async def say(self, words: str) -> HeardLine:
        """Send one typed turn; returns the AI's answer."""
        await self._tell("playback_ended", sequence=self.sequence)
        now = datetime.now(UTC).isoformat()
        turn = {"sequence": self.sequence + 1, "startedAt": now, "endedAt": now, "clientSentAt": now, "text": words}
        await self._tell("turn_text", **turn)
        await self.hear("turn_accepted")
        return self._said((await self.hear("ai_turn"))["turn"])

    async def stop(self) -> str:
        """Stop the session; returns the recorded end reason."""
        await self._tell("stop", reason="manual")
        return str((await self.hear("termination"))["termination"]["reason"])

    async def feedback(self) -> Message:
        return dict((await self.hear("evaluation_ready"))["evaluation"])

    def _said(self, turn: Message) -> HeardLine:
        self.sequence = turn["sequence"]
        return HeardLine("AI", turn["transcript"])

    async def _tell(self, type_: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, **fields}))


@asynccontextmanager
async def talking(base: str, *, scenario_id: str = "", cookie: str = "") -> AsyncIterator[Talk]:
    """Start a session of this scenario, or of the first one, and connect to it."""
    headers = {"Cookie": cookie} if cookie else {}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as http:
        if not scenario_id:
            scenario_id = _content(await http.get("/api/scenarios", params={"limit": 1}))["items"][0]["id"]
        body = {"scenarioId": scenario_id, "clientSessionStartedAt": datetime.now(UTC).isoformat()}
        session = _content(await http.post("/api/sessions", json=body))
    address = f"{base.replace('http', 'ws', 1)}{session['wsChannel']}?audio=0"
    async with connect(address, additional_headers=headers, proxy=None) as socket:
        yield Talk(session["id"], socket)


def _content(answer: httpx.Response) -> Message:
    if answer.is_error:
        raise RuntimeError(answer.json()["detail"])
    return dict(answer.json())


async def run(base: str, lines: Sequence[str], *, scenario_id: str = "", cookie: str = "") -> None:
    async with talking(base, scenario_id=scenario_id, cookie=cookie) as talk:
        print(f"AI: {(await talk.opening()).words}")
        for words in lines:
            print(f"You: {words}")
            print(f"AI: {(await talk.say(words)).words}")
        print(f"Ended: {await talk.stop()}")
        evaluation = await talk.feedback()
        print(f"Feedback: {evaluation['status']}: {evaluation['summary'] or evaluation['lastError']}")
        for score in evaluation["scores"]:
            print(f"  {score['name']}: {score['rating']} of 5")


def main() -> None:
    parser = argparse.ArgumentParser(description="Talk through one session.")
    parser.add_argument("base", help="where the coach is, as http://127.0.0.1:8000")
    parser.add_argument("lines", nargs="+", help="what you say, a turn each")
    parser.add_argument("--scenario", default="", help="the id of a scenario; the first one otherwise")
    parser.add_argument("--cookie", default="", help="where trainees sign in")
    given = parser.parse_args()
    asyncio.run(run(given.base, given.lines, scenario_id=given.scenario, cookie=given.cookie))


if __name__ == "__main__":
    main()
