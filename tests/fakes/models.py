"""A fake of all model services at one address; it speaks their real protocols.

DashScope's roleplay and ASR (`modalities` with or without audio) and an OpenAI-compatible evaluator (tools and
`response_format`). In a test, served by a thread of the test process:

    from tests.fakes import models

    @pytest.fixture
    def fake():
        with models.running() as fake:        # DASHSCOPE_API_BASE / CHATAI_API_BASE = fake.base_url, any key
            yield fake

    fake.answer("roleplay", text=["Good ", "morning."], audio_ms=800)   # the next roleplay request only
    fake.answer("roleplay", fault="429", retry_after=1, times=2)        # the next two
    fake.answer("asr", text="We keep missing the date.", times=None)    # from now on
    fake.answer("evaluation_result", arguments={...})                    # by the name of the tool asked for
    fake.modes(tools=False)                                              # reject tools with 400, as some do
    fake.modes(audio_ms=200)                       # how long a reply sounds whose script does not say it
    first = fake.wait_for(1, "roleplay")[0]                              # first["body"], first["firstAudioAt"]

For other processes `python -m tests.fakes.models --port 9000` (prints a line when it listens); then
`models.Fake("http://127.0.0.1:9000")` is the same handle. Over plain HTTP: `POST /__script {"role", "times",
"answer": {…}}`, `POST /__modes`, `POST /__release {"name"}`, `POST /__reset`, `GET /__requests?role=`.

Roles: `roleplay`, `asr`, `embeddings`, `piece_embeddings`, a tool's name, `tools` (any tool), `any`. Answers are used
in the order given, those with `times=None` last. Without any, roleplay says "Answer N. I hear you, go on." in 1.2 s of
tone, ASR hears "I would like to talk about the deadlines.", a tool gets the least object that its schema allows (an
enum's first value, one array item for each value of a `…Id` with an enum). Embeddings count words: texts that share
words are similar.

Fields of an answer
    all       fault: a name of `models_wire.FAULTS` (401 403 404 429 quota 400 413 500 503 models_loading refused),
              with retry_after, message
              stall: "first" (nothing, not even headers); "middle" (after `after` pieces); until the client leaves
              first_delay_ms; hold: name, wait for `fake.release(name)` at the start or before piece `hold_at`
    roleplay  text: str or list of pieces; text_in: "content" (default), "transcript" or "both"
              audio_ms or pcm_base64 (`pcm=` in the handle); riff: true for a WAV header
              piece_bytes: 4801, odd on purpose; base64_chars: N cuts the base64 text itself
              delay_ms between pieces; after: N pieces, then one of error_in_stream, cut, end: true, stall: "middle".
              Piece 0 carries no text and no sound: after=1 (default) is before anything was said
    asr       text
    all       sends: the body byte by byte, a list of bytes, text, and seconds to wait in between; then: "close" (which
              ends the body), "reset" or "hang" (until the client leaves). Sent without a length, as content_type
              (text/event-stream); with exact=True the list begins with the status line and may lie about anything
    tools     arguments (object) or arguments_text (raw); refusal; content; finish_reason; tool_name; no_tool: true

A request is recorded as `{n, role, model, stream, headers, body, audio: [{format, sha256, bytes, prefix}], status,
piecesSent, receivedAt, firstByteAt, firstAudioAt, endedAt, disconnectedAt}`; times are `time.time()`; in `body`
the audio data gives way to its length.
"""

import argparse
import base64
import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import uvicorn

from tests.fakes import models_exact_bytes, server
from tests.fakes import models_wire as wire


class Fake:
    """The handle: scripts the fake and reads what it received, over HTTP, whichever process it runs in."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.base_url = f"{address}/v1"
        self._http = httpx.Client(base_url=address, timeout=60, trust_env=False)

    def answer(self, role: str, *, times: int | None = 1, pcm: bytes | None = None, **answer: Any) -> None:
        if pcm is not None:
            answer["pcm_base64"] = base64.b64encode(pcm).decode()
        if "sends" in answer:
            answer["sends"] = models_exact_bytes.encoded(answer["sends"])
        self._post("/__script", {"role": role, "times": times, "answer": answer})

    def modes(self, **modes: bool | str | int) -> None:
        """`tools`, `response_format`: False rejects them; `dialect`: dashscope, openai or any; `key`: the only one.

        `audio_ms`: how long replies sound whose script does not say it.
        """
        self._post("/__modes", modes)

    def release(self, name: str) -> None:
        self._post("/__release", {"name": name})

    def reset(self) -> None:
        """Clear scripts, modes and requests."""
        self._post("/__reset", {})

    def requests(self, role: str = "") -> list[dict[str, Any]]:
        received = self._http.get("/__requests", params={"role": role})
        received.raise_for_status()
        return received.json()

    def wait_for(self, count: int, role: str = "", *, having: str = "receivedAt", timeout: float = 60) -> list[dict]:
        """Requests of this role once `count` of them have `having` set (say `endedAt`, `disconnectedAt`)."""
        until = time.monotonic() + timeout
        while True:
            found = [each for each in self.requests(role) if each[having] is not None]
            if len(found) >= count:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"{len(found)} of {count} {role or 'requests'} with {having} after {timeout} s")
            time.sleep(0.01)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        response = self._http.post(path, content=json.dumps(body))
        if response.is_error:
            raise AssertionError(response.text)


@contextlib.contextmanager
def running(port: int = 0) -> Iterator[Fake]:
    """Serve in a thread until the `with` block ends."""
    with server.serving(wire.application(), port=port, http=models_exact_bytes.KnownConnection) as address:
        yield Fake(address)


def events(*chunks: Any, done: bool = True) -> str:
    """The body of a stream: each chunk an event, text as it stands, anything else as JSON."""
    data = [each if isinstance(each, str) else json.dumps(each) for each in chunks] + ["[DONE]"] * done
    return "".join(f"data: {each}\n\n" for each in data)


def chunk(delta: Any = None, finish: Any = None, **changes: Any) -> dict[str, Any]:
    """One chunk of a stream with one choice; `changes` are fields of the chunk itself."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m", "choices": [choice]} | changes


def main() -> None:
    arguments = argparse.ArgumentParser(description="Serve the fake models.")
    arguments.add_argument("--port", type=int, default=0)
    door = server.listening(arguments.parse_args().port)
    print(f"fake models on http://127.0.0.1:{door.getsockname()[1]}/v1", flush=True)
    config = server.configured(wire.application(), http=models_exact_bytes.KnownConnection, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[door])


if __name__ == "__main__":
    main()
