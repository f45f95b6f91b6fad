"""Asks the parts for their health, without a full HTTP client."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER = 1 << 20


@dataclass(frozen=True)
class ProbeAnswer:
    """A probe's answer; `status` 0: nobody answered."""

    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)

    def check(self, name: str) -> dict[str, Any]:
        """One entry of /readyz: `{ok, detail}`, empty if missing."""
        found = self.body.get("checks", {}).get(name, {})
        return found if isinstance(found, dict) else {}

    @property
    def complaint(self) -> str:
        """The failing checks and their details, in one line; empty if none fails."""
        named = {name: self.check(name) for name in self.body.get("checks", {})}
        return "; ".join(f"{name}: {one.get('detail', '')}" for name, one in named.items() if not one.get("ok"))


async def ask(host: str, port: int, path: str) -> ProbeAnswer:
    """GET `path` over plain HTTP on this machine."""
    try:
        return await asyncio.wait_for(_ask(host, port, path), TIMEOUT_SECONDS)
    except (OSError, TimeoutError, ValueError, asyncio.LimitOverrunError):
        return ProbeAnswer()


async def _ask(host: str, port: int, path: str) -> ProbeAnswer:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n".encode())
        await writer.drain()
        answer = await reader.read(LONGEST_ANSWER)
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head.count(b" ") else 0
    read = json.loads(body) if body.startswith(b"{") else {}
    return ProbeAnswer(status, read)
