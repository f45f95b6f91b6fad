"""A small Hugging Face hub that answers the two requests of a file download, with ranges and interruptions."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """`files` by `OWNER/NAME/FILE`; `breaks_after`: bytes of the next GET; `asked`: (method, range)."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[tuple[str, str, str]] = []
        self.breaks_after: int | None = None
        self.status: int | None = None
        self.address = ""


@contextmanager
def running(files: dict[str, bytes]) -> Iterator[Hub]:
    hub = Hub(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, *, with_body: bool) -> None:
            hub.asked.append((self.command, self.path, self.headers.get("range", "")))
            name, _, rest = self.path.lstrip("/").partition("/resolve/")
            content = hub.files.get(f"{name}/{rest.partition('/')[2]}")
            if hub.status or content is None:
                self.send_response(hub.status or 404)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            first = int((self.headers.get("range") or "bytes=0-").removeprefix("bytes=").split("-")[0] or 0)
            part = content[first:]
            digest = hashlib.sha256(content).hexdigest()
            self.send_response(206 if first else 200)
            for header, value in (
                ("x-repo-commit", COMMIT),
                ("etag", f'"{digest}"'),
                ("x-linked-etag", f'"{digest}"'),
                ("x-linked-size", str(len(content))),
                ("accept-ranges", "bytes"),
                ("content-length", str(len(part))),
            ):
                self.send_header(header, value)
            if first:
                self.send_header("content-range", f"bytes {first}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            if with_body:
                if hub.breaks_after is not None:
                    self.wfile.write(part[: hub.breaks_after])
                    hub.breaks_after = None
                    self.close_connection = True
                    return
                self.wfile.write(part)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
