"""Runs llama.cpp in this process (`xllamacpp`), reached over its own loopback port with a random key."""

import asyncio
import itertools
import json
import os
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from coach.event_stream import EventTooLong, json_objects
from coach.local_models.language_model.llm import EngineError, Precedence, PromptTooLong, Script, TokenCount, odds

# As many as there may be active sessions with a local roleplay model, plus one for the scenario that somebody is
# looking at.
TURN_SLOTS = 3
BACKGROUND_SLOT = TURN_SLOTS
OPENING_SLOT = TURN_SLOTS + 1
SLOT_TOKENS = 4096
BATCH_TOKENS = 32  # tokens per step: limits how long a turn waits for background work; costs no speed on a CPU
PIECE = 120  # characters per prefill request: an arriving turn waits for at most this much
ALTERNATIVES = 20  # candidate first tokens whose probability is reported
SILENCE = 120.0  # seconds without a byte from the model: then it hangs

# Low enough that a small model stays on topic; the penalties then keep it from repeating itself.
SPEAKING = {
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "min_p": 0.1,
    "repeat_penalty": 1.1,
    "repeat_last_n": 96,
    # No run of words from the script is repeated: no echo of examples or replies.
    "dry_multiplier": 2.0,
    "dry_base": 2.0,
    "dry_allowed_length": 3,
    "dry_penalty_last_n": SLOT_TOKENS,
    "dry_sequence_breakers": ["\n", ":"],
}
DECIDING = {"temperature": 0.0}
# The embedded server notices only between two events that the client is gone; otherwise it checks once a second.
STOPS = {"stream": True, "return_progress": True}


@dataclass
class Slot:
    """A place in the cache: `held` is the prompt it was given last, `read` the part it has certainly read."""

    number: int
    held: str = ""
    read: str = ""
    used: int = 0
    talks: bool = False  # it is used by a running conversation
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def begin(self, script: Script) -> None:
        if not self.knows(script):
            self.talks = False
        self.held, self.read = script.text, os.path.commonprefix([self.read, script.text])

    def knows(self, script: Script) -> int:
        """How much of the script it remembers; a few words that begin all scripts count as nothing."""
        common = len(os.path.commonprefix([self.held, script.text]))
        return common if 2 * common >= script.fixed else 0


class Llama:
    """`load` takes seconds and blocks: call it in a thread; use everything else from the event loop."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._path = path
        self._server: Any = None
        self._http: httpx.AsyncClient | None = None
        self._slots = [Slot(n) for n in range(TURN_SLOTS)]
        self._opening = Slot(OPENING_SLOT)
        self._uses = itertools.count(1)
        self.precedence = Precedence()

    def load(self) -> None:
        """Raises EngineError if the file is no model that llama.cpp can read, or a library of the system is missing."""
        try:
            import xllamacpp
        except ImportError as fault:
            raise EngineError(f"{fault}; on Debian `apt-get install libgomp1`, then start the coach again") from fault

        key = secrets.token_hex(16)
        params = xllamacpp.CommonParams()
        params.model.path = str(self._path)
        params.n_parallel = TURN_SLOTS + 2
        params.n_ctx = SLOT_TOKENS * params.n_parallel
        params.n_batch = params.n_ubatch = BATCH_TOKENS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
        params.fit_params = False
        params.cache_ram_mib = 0
        params.cache_idle_slots = False
        params.api_keys = [key]
        params.ui = False
        params.endpoint_slots = False
        params.verbosity = -1
        try:
            self._server = xllamacpp.Server(params)
        except (RuntimeError, ValueError) as fault:
            raise EngineError(f"{self._path.name} could not be loaded: {fault}") from fault
        self._http = httpx.AsyncClient(
            base_url=self._server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(SILENCE, connect=5.0),
            limits=httpx.Limits(max_keepalive_connections=0),  # the embedded server closes idle ones without notice
            trust_env=False,
        )

    async def speak(self, script: Script, *, max_tokens: int, tally: TokenCount) -> AsyncIterator[str]:
        async with self.precedence.turn(), self._slot(script) as slot:
            slot.begin(script)
            slot.talks = True
            body = {
                "prompt": script.text,
                "stop": list(script.stop),
                "n_predict": max_tokens,
                "id_slot": slot.number,
                "cache_prompt": True,
                **STOPS,
                **SPEAKING,
            }
            async for event in self._events("/completion", body):
                _count(event, tally)
                if piece := event.get("content"):
                    slot.read = script.text
                    yield piece

    async def warm(self, script: Script, tally: TokenCount, *, again: bool = True) -> None:
        tries = itertools.count()

        async def read() -> None:
            if next(tries) and not again:
                return
            async with self._slot(script) as slot:
                if slot.read.startswith(script.text):
                    return  # Reading less would forget the rest.
                slot.begin(script)
                for prompt in _piece_by_piece(script.text, len(slot.read)):
                    body = {"prompt": prompt, "n_predict": 0, "id_slot": slot.number, "cache_prompt": True, **STOPS}
                    async for event in self._events("/completion", body):
                        _count(event, tally)
                    slot.read = prompt

        await self.precedence.reading(read)

    async def answer(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        max_tokens: int,
        tally: TokenCount,
    ) -> str:
        body: dict[str, Any] = {
            "messages": list(messages),
            "max_tokens": max_tokens,
            "id_slot": BACKGROUND_SLOT,
            "cache_prompt": True,
            "stream_options": {"include_usage": True},
            **STOPS,
            **DECIDING,
        }
        if schema is not None:
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}

        async def decide() -> str:
            # Streamed although the whole is wanted: a slow machine takes longer than SILENCE, but is not silent.
            said = []
            async for event in self._events("/v1/chat/completions", body):
                _count_usage(event, tally)
                said += [choice["delta"].get("content") or "" for choice in event.get("choices") or ()]
            return "".join(said)

        return await self.precedence.background(decide)

    async def yes_no_log_odds(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: TokenCount
    ) -> float | None:
        body = {
            "messages": list(messages),
            "max_tokens": 1,
            "id_slot": BACKGROUND_SLOT,
            "cache_prompt": True,
            "stream_options": {"include_usage": True},
            **STOPS,
            "logprobs": True,
            "top_logprobs": ALTERNATIVES,
            **DECIDING,
        }

        async def read() -> float | None:
            found = None
            async for event in self._events("/v1/chat/completions", body):
                _count_usage(event, tally)
                for choice in event.get("choices") or ():
                    if found is None and (told := choice.get("logprobs")):
                        found = odds(told.get("content"), answers)
            return found

        return await self.precedence.background(read)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
        self._server = None

    @asynccontextmanager
    async def _slot(self, script: Script) -> AsyncIterator[Slot]:
        """The free slot that remembers most of the script, else the least recently used; waits if all are busy.

        A slot of a running conversation is taken last.
        """
        slots = [self._opening] if script.slot == "opening" else self._slots
        free = [slot for slot in slots if not slot.lock.locked()] or slots
        slot = max(free, key=lambda one: (one.knows(script), not one.talks, -one.used))
        async with slot.lock:
            slot.used = next(self._uses)
            yield slot

    async def _events(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        http = self._client()
        try:
            async with http.stream("POST", path, json=body) as response:
                if response.status_code != 200:
                    raise _refusal(response.status_code, await response.aread())
                async for event in json_objects(response.aiter_bytes()):
                    if "error" in event:
                        raise _refusal(500, json.dumps(event).encode())
                    yield event
        except (httpx.HTTPError, EventTooLong) as fault:
            raise EngineError(f"the language model stopped answering ({type(fault).__name__})") from fault

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            raise EngineError("the language model is not loaded")
        return self._http


def _threads() -> int:
    """One thread per core: more only wait for each other."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
    return max(1, min(cores, 8))


def _piece_by_piece(text: str, known: int) -> Iterator[str]:
    """Ever longer prefixes of the text, up to all of it, each about PIECE characters longer than the last."""
    while known + PIECE < len(text):
        blank = max(text.rfind(sign, known + 1, known + PIECE) for sign in " \n")
        known = blank if blank > 0 else known + PIECE
        yield text[:known]
    yield text


def _count(event: Mapping[str, Any], tally: TokenCount) -> None:
    if timings := event.get("timings"):
        # A second try finds all of the input in the cache.
        tally.fresh_tokens = max(tally.fresh_tokens, int(timings.get("prompt_n", 0)))
    if "tokens_evaluated" in event:
        tally.input_tokens = int(event["tokens_evaluated"])
    if "tokens_predicted" in event:
        tally.output_tokens = int(event["tokens_predicted"])


def _count_usage(event: Mapping[str, Any], tally: TokenCount) -> None:
    if usage := event.get("usage"):
        tally.input_tokens += int(usage.get("prompt_tokens", 0))
        tally.output_tokens += int(usage.get("completion_tokens", 0))


def _refusal(status: int, body: bytes) -> EngineError:
    try:
        error = json.loads(body).get("error") or {}
    except ValueError:
        error = {}
    if error.get("type") == "exceed_context_size_error":
        return PromptTooLong("the conversation is longer than the local model can read")
    return EngineError(f"the language model refused ({status} {error.get('type', '')})".replace(" )", ")"))
