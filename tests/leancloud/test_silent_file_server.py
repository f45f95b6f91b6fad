"""A file server that stays silent is not asked again and again, and is found once it answers."""

from types import SimpleNamespace

import pytest

from coach.leancloud import downloads
from coach.leancloud.downloads import Downloads
from coach.leancloud.wire import LeanCloudUnavailable

URL = "http://files.example/1.mp3"
MINUTE = 60.0


class FileServer:
    """A silent server: each request takes `takes` seconds of a clock that nobody waits for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.takes = 10.0
        self.requests = 0
        self.content: bytes | None = None
        monkeypatch.setattr(downloads, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(Downloads, "_once", lambda client, url: self._answer())
        self.client = Downloads(tries=3, sleep=lambda seconds: None)

    def _answer(self) -> bytes:
        self.requests += 1
        if self.content is not None:
            return self.content
        self.now += self.takes
        raise downloads._NoAnswer("the file's address does not answer (ReadTimeout)")

    def ask(self) -> int:
        """Ask in vain; the number of requests that were made."""
        before = self.requests
        with pytest.raises(LeanCloudUnavailable):
            self.client.get(URL)
        return self.requests - before

    def let_it_be_given_up(self) -> None:
        while self.ask():
            pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FileServer:
    return FileServer(monkeypatch)


def test_a_server_that_was_silent_for_too_long_is_found_once_it_answers_again(server: FileServer) -> None:
    server.let_it_be_given_up()
    server.now += 10 * MINUTE
    server.content = b"spoken"
    assert server.client.get(URL) == b"spoken"
    assert server.client.get(URL) == b"spoken"


def test_a_server_that_was_silent_for_too_long_is_asked_once_a_minute(server: FileServer) -> None:
    server.let_it_be_given_up()
    assert server.requests == 18  # 180 s of silence
    server.now += MINUTE
    assert [server.ask(), server.ask()] == [1, 0]
    server.now += MINUTE
    assert [server.ask(), server.ask()] == [1, 0]
