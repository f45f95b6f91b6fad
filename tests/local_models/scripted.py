"""Scripted models behind the local server's API, and helpers to send requests to it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from coach.local_models.api.chat_requests import Part
from coach.local_models.language import Language
from coach.local_models.language_model.llm import EngineError, Precedence, PromptTooLong, Script, TokenCount
from coach.local_models.machine import Condition
from coach.local_models.sentence_vectors.turn_encoder import DividedTurn
from coach.local_models.speech.asr_models import HeardSpeech, Words
from coach.local_models.speech.local_voice import PersonaVoice

SYSTEM = {"role": "system", "content": "You are Sam, Developer.\nYou are talking with Jordan, Team lead."}
SPOKEN = {"modalities": ["text", "audio"], "stream": True, "stream_options": {"include_usage": True}}


class ScriptedEngine:
    """A language model that generates `words`; `gate` holds it back before the word of that number."""

    name = "scripted"

    def __init__(self, words: Sequence[str] = (" Well,", " no.", " I can't.")) -> None:
        self.precedence = Precedence()
        self.words, self.scripts, self.warmed = list(words), [], []  # type: ignore[var-annotated]
        self.answers: list[str] = []
        self.log_odds: list[float] = []
        self.asked: list[tuple[Any, Any]] = []
        self.stopped = asyncio.Event()
        self.hold_before: int | None = None
        self.too_long_above: int | None = None

    async def speak(self, script: Script, *, max_tokens: int, tally: TokenCount) -> AsyncIterator[str]:
        self.scripts.append(script.text)
        if self.too_long_above is not None and len(script.text) > self.too_long_above:
            raise PromptTooLong("too long")
        tally.input_tokens, tally.output_tokens = 10, len(self.words)
        try:
            for number, word in enumerate(self.words):
                if number == self.hold_before:
                    await asyncio.Event().wait()
                yield word
        finally:
            self.stopped.set()

    async def warm(self, script: Script, tally: TokenCount, *, again: bool = True) -> None:
        self.warmed.append(script.text)

    async def answer(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        *,
        max_tokens: int,
        tally: TokenCount,
    ) -> str:
        self.asked.append((messages, schema))
        return self.answers.pop(0)

    async def yes_no_log_odds(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: TokenCount
    ) -> float | None:
        self.asked.append((messages, answers))
        drawn = self.log_odds.pop(0) if self.log_odds else None
        await asyncio.sleep(0)  # lets other requests in, as a real model does
        return drawn

    async def close(self) -> None:
        pass


class ScriptedMachine:
    def __init__(self, engine: ScriptedEngine) -> None:
        self.parts: tuple[Part, ...] = ("roleplay", "asr", "text", "embeddings")
        self.engine: ScriptedEngine | None = engine
        self.state = Condition("ready", 1.0, "ready")
        self.voice_state = Condition("ready", 1.0, "ready")
        self.heard: list[tuple[bytes, Language]] = []
        self.words: Words = ()
        self.said: list[tuple[str, Language, PersonaVoice]] = []

    def start(self) -> None: ...
    async def close(self) -> None: ...
    async def prepare(self, language: Language) -> None: ...

    def afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        self.later = asyncio.ensure_future(work)

    def condition(self, part: Part, *, word_for_word: bool = False) -> Condition:
        return self.voice_state if word_for_word else self.state

    def health(self) -> dict[str, object]:
        return {"status": self.state.state}

    async def hear(self, recording: bytes, language: Language) -> HeardSpeech:
        self.heard.append((recording, language))
        if recording == b"noise":
            raise EngineError("this machine cannot recognise speech in zh")
        return HeardSpeech(recording.decode(), open=recording.endswith(b"-"), words=self.words)

    async def encode(self, texts: Sequence[str], *, lasting: bool = False) -> tuple[NDArray[np.float32], int]:
        return np.array([[len(text), 0.5] for text in texts], np.float32), len(texts)

    async def encode_pieces(self, turns: Sequence[DividedTurn]) -> tuple[list[NDArray[np.float32]], int]:
        vectors = [np.array([[start, end, len(turn.answered)] for start, end in turn.pieces], "f4") for turn in turns]
        return vectors, len(turns)

    async def say(self, text: str, language: Language, voice: PersonaVoice) -> bytes:
        self.said.append((text, language, voice))
        return f"[{text}]".encode().ljust(40, b"\0")


def recording(words: str, prefix: str = "") -> dict[str, Any]:
    data = prefix + base64.b64encode(words.encode()).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}


async def ask(client: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await client.post("chat/completions", json=body, headers=headers)


def events(response: httpx.Response) -> list[Any]:
    lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]
