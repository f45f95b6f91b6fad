"""A proxy between our server and an OpenID provider that can change the provider's answers.

Only our server's requests pass through it; browsers talk to the provider directly.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

Answer = tuple[int, str, bytes]
"""Status, content type and body."""
OURS = {"token_endpoint": "token", "userinfo_endpoint": "userinfo", "jwks_uri": "keys"}


class Between:
    """`changes`: functions that change the answer to `openid-configuration`, `token`, `userinfo` or `keys`."""

    def __init__(self, provider: str) -> None:
        self.changes: dict[str, Callable[[Answer], Answer]] = {}
        self._provider = provider
        self._targets = {"openid-configuration": f"{provider}/.well-known/openid-configuration"}
        self.address = ""

    def answers(self, name: str, body: object, status: int = 200, kind: str = "application/json") -> None:
        """Answer with `body` instead of the provider's answer; as JSON unless it is a str."""
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.changes[name] = lambda _: (status, kind, content)

    def edits(self, name: str, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change the JSON object that the provider answers with."""

        def changed(answer: Answer) -> Answer:
            told = json.loads(answer[2])
            edit(told)
            return answer[0], answer[1], json.dumps(told).encode()

        self.changes[name] = changed

    def answer(self, name: str, method: str, headers: dict[str, str], body: bytes) -> Answer:
        told = httpx.request(method, self._targets[name], headers=headers, content=body)
        content = self._by_way_of_us(told.json()) if name == "openid-configuration" else told.content
        answer = (told.status_code, told.headers["Content-Type"], content)
        return self.changes.get(name, lambda unchanged: unchanged)(answer)

    def _by_way_of_us(self, configuration: dict[str, Any]) -> bytes:
        for field, name in OURS.items():
            self._targets[name] = configuration[field]
            configuration[field] = f"{self.address}/{name}"
        return json.dumps(configuration).encode()


@contextlib.contextmanager
def between(provider: str) -> Iterator[Between]:
    stands = Between(provider)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.rsplit("/", 1)[1]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept = {key: self.headers[key] for key in ("Authorization", "Content-Type") if key in self.headers}
            status, kind, content = stands.answer(name, self.command, kept, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stands.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield stands
        finally:
            server.shutdown()
            thread.join()
