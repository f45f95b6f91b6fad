"""Recordings in S3-compatible stores of other providers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.base import ContentFile

from coach.storage.s3_compatible import S3CompatibleStorage

MP3 = b"\xff\xf3\x18\xc4" + bytes(200)


class _Strict(BaseHTTPRequestHandler):
    """Refuses requests that Alibaba Cloud OSS refuses; stores objects in its server's `objects`."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        chunked = "aws-chunked" in self.headers.get("Content-Encoding", "")
        if chunked or any(name.lower().startswith(("x-amz-checksum", "x-amz-trailer")) for name in self.headers):
            return self._answer(400, b"<Error><Code>InvalidArgument</Code></Error>")
        self.server.objects[self.path] = body  # type: ignore[attr-defined]
        return self._answer(200)

    def do_GET(self) -> None:
        if "x-amz-checksum-mode" in self.headers:
            return self._answer(400, b"<Error><Code>InvalidArgument</Code></Error>")
        return self._answer(200, self.server.objects[self.path])  # type: ignore[attr-defined]

    do_HEAD = do_GET

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def strict_store() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Strict) as server:
        server.objects = {}  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def storage(endpoint: str, style: str = "auto") -> S3CompatibleStorage:
    keys = {"access_key": "key", "secret_key": "secret", "region_name": "eu-1"}
    return S3CompatibleStorage(bucket_name="practice-audio", endpoint_url=endpoint, addressing_style=style, **keys)


def test_a_store_without_amazons_checksums_keeps_a_recording(strict_store: ThreadingHTTPServer) -> None:
    store = storage(f"http://127.0.0.1:{strict_store.server_port}")
    store.save("ab/cd/turn.mp3", ContentFile(MP3))
    with store.open("ab/cd/turn.mp3") as file:
        assert file.read() == MP3


@pytest.mark.parametrize(
    ("style", "address"),
    [
        ("auto", "https://oss.example.com/practice-audio/turn.mp3"),
        ("path", "https://oss.example.com/practice-audio/turn.mp3"),
        ("virtual", "https://practice-audio.oss.example.com/turn.mp3"),
    ],
)
def test_the_bucket_is_in_the_path_or_host_as_configured(style: str, address: str) -> None:
    assert storage("https://oss.example.com", style).url("turn.mp3").split("?")[0] == address
