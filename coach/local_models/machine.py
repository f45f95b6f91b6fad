"""The parts of this process: what is wanted, what is loaded, what failed.

Weights are never downloaded here. A part whose files are missing waits for them, checking every second, so that
`scripts/up` may start this process and the download at the same time.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from coach.local_models.api.chat_requests import Part
from coach.local_models.download.model_files import E5, LLMS, ModelFile, is_url
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.language import Language
from coach.local_models.language_model.llama import Llama
from coach.local_models.language_model.llm import Engine, EngineError, TokenCount
from coach.local_models.language_model.llm_choice import LlmChoice, choose
from coach.local_models.language_model.remote import Remote
from coach.local_models.sentence_vectors.bert import Array
from coach.local_models.sentence_vectors.sentence_encoder import SentenceEncoder
from coach.local_models.sentence_vectors.turn_encoder import DividedTurn, TurnEncoder
from coach.local_models.speech.asr_models import HeardSpeech, RecognizerPool, SharedResults
from coach.local_models.speech.local_voice import PersonaVoice
from coach.local_models.speech.smart_turn import SmartTurn
from coach.local_models.speech.tts_models import Voices
from coach.local_models.spoken_reply.opening import examples

CLAUSES_KEPT = 32  # half a minute of sound takes 1.4 MB
LOOK_AGAIN = 1.0  # seconds between checks for weights that are still being downloaded

log = logging.getLogger(__name__)

State = Literal["loading", "ready", "error"]


@dataclass
class Condition:
    """`progress` is from 0 to 1; `detail` is one sentence for the operator."""

    state: State = "loading"
    progress: float = 0.0
    detail: str = "starting"

    def facts(self) -> dict[str, object]:
        return {"status": self.state, "progress": round(self.progress, 3), "detail": self.detail}


NEEDS: dict[Part, tuple[str, ...]] = {
    "roleplay": ("llm", "asr", "tts"),
    "asr": ("asr",),
    "text": ("llm",),
    "embeddings": ("sentences",),
}
NEEDED_TO_RECITE = ("tts",)


class Machine:
    """`start` begins loading; `condition(part)` reports the progress."""

    def __init__(self, var_dir: Path, llm: str, parts: Iterable[Part]) -> None:
        self.parts: tuple[Part, ...] = tuple(parts)
        self._llm = llm
        self._files = ModelFolder(var_dir)
        self.asr = RecognizerPool(self._files.root)
        self.tts = Voices(self._files.root)
        self.sentences = SentenceEncoder(self._files.root)
        self.divided_turns = TurnEncoder(self.sentences)
        self.end_of_turn = SmartTurn(self._files)
        self.engine: Engine | None = None
        self.choice: LlmChoice | None = None
        self._conditions = {name: Condition() for part in self.parts for name in NEEDS[part]}
        self._tasks: set[asyncio.Task[None]] = set()
        self._clauses = SharedResults[bytes](CLAUSES_KEPT)
        self._voice_thread = ThreadPoolExecutor(1, thread_name_prefix="voice")
        self._sentence_thread = ThreadPoolExecutor(1, thread_name_prefix="sentences")

    def start(self) -> None:
        loaders: dict[str, Callable[[Condition], object]] = {
            "llm": self._load_llm,
            "asr": lambda condition: self._load(condition, self.asr.load),
            "tts": lambda condition: self._load(condition, self.tts.load),
            "sentences": self._load_sentences,
        }
        for name in self._conditions:
            self._begin(name, loaders[name])

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.asr.close()
        self._voice_thread.shutdown(wait=False, cancel_futures=True)
        self._sentence_thread.shutdown(wait=False, cancel_futures=True)
        if self.engine is not None:
            await self.engine.close()

    def afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work that nobody waits for; if the model cannot do it, it is dropped."""

        async def quietly() -> None:
            with contextlib.suppress(EngineError):
                await work

        self._keep(asyncio.create_task(quietly()))

    def condition(self, part: Part, *, word_for_word: bool = False) -> Condition:
        """The worst condition among the models that the part needs; `word_for_word`: to speak a given line."""
        needed = [self._conditions[name] for name in (NEEDED_TO_RECITE if word_for_word else NEEDS[part])]
        failed = [one for one in needed if one.state == "error"]
        loading = [one for one in needed if one.state == "loading"]
        if failed:
            return failed[0]
        if loading:
            return Condition("loading", sum(one.progress for one in needed) / len(needed), loading[0].detail)
        return Condition("ready", 1.0, "ready")

    def health(self) -> dict[str, object]:
        conditions = {part: self.condition(part) for part in self.parts}
        states = {condition.state for condition in conditions.values()}
        status = "error" if "error" in states else "loading" if "loading" in states else "ready"
        return {
            "status": status,
            "parts": {part: condition.facts() for part, condition in conditions.items()},
            "languages": {"listen": self.asr.languages(), "speak": self.tts.languages()},
            "model": self.engine.name if self.engine else self._llm,
            "llm": self._llm_shown(),
        }

    def _llm_shown(self) -> dict[str, object] | None:
        if self.engine is None or self.choice is None or self._conditions["llm"].state != "ready":
            return None
        named = {} if self.choice.facts.name else {"name": self.engine.name}
        return {**self.choice.facts.shown(), **named, "passedOver": list(self.choice.passed_over)}

    async def say(self, text: str, language: Language, voice: PersonaVoice) -> bytes:
        """PCM of one clause, kept for a while. Raises EngineError if this machine has no voice for the language."""
        if language not in self.tts.languages():
            raise EngineError(f"this machine has no voice for {language}: run python -m coach.local_models.weights")
        loop = asyncio.get_running_loop()

        async def synthesised() -> bytes:
            return await loop.run_in_executor(self._voice_thread, self.tts.say, text, language, voice)

        return await self._clauses.recall(f"{language} {voice} {text}", synthesised)

    async def hear(self, recording: bytes, language: Language) -> HeardSpeech:
        if language not in self.asr.languages():
            raise EngineError(
                f"this machine cannot recognise speech in {language}: run python -m coach.local_models.weights"
            )
        return await self.asr.hear(recording, language)

    async def encode(self, texts: Sequence[str], *, lasting: bool = False) -> tuple[Array, int]:
        """One unit vector per text, and how many tokens were read; `lasting` as for `SentenceEncoder`."""
        loop = asyncio.get_running_loop()
        encode = partial(self.sentences.encode, texts, lasting=lasting)
        return await loop.run_in_executor(self._sentence_thread, encode)

    async def encode_pieces(self, turns: Sequence[DividedTurn]) -> tuple[list[Array], int]:
        """For each turn the vectors of its pieces, and how many tokens were read."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._sentence_thread, self.divided_turns.encode, turns)

    async def prepare(self, language: Language) -> None:
        """Load what a conversation in `language` needs in addition, so that its first turn does not wait."""
        if language in self.tts.languages() and not self.tts.loaded(language):
            await asyncio.get_running_loop().run_in_executor(self._voice_thread, self.tts.load, language)
        if language in self.asr.languages():
            await self.asr.prepare(language)

    def _begin(self, name: str, load: Callable[[Condition], object]) -> None:
        self._keep(asyncio.create_task(self._guarded(name, self._conditions[name], load)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, name: str, condition: Condition, load: Callable[[Condition], object]) -> None:
        try:
            await load(condition)  # type: ignore[misc]
        except Exception as fault:  # any error of a native library while loading is shown on /health
            condition.state, condition.detail = "error", f"{name} could not be loaded: {fault}"
            log.exception("could not load %s", name)
        else:
            condition.state, condition.progress, condition.detail = "ready", 1.0, "ready"

    async def _load(self, condition: Condition, work: Callable[[], None]) -> None:
        condition.detail, condition.progress = "loading", 0.5
        await asyncio.to_thread(work)

    async def _load_llm(self, condition: Condition) -> None:
        refused: dict[str, str] = {}
        while True:
            choice = await self._chosen(condition, refused)
            try:
                engine = await self._engine_of(choice, condition)
            except EngineError as fault:
                if self._llm != "auto" or choice.facts.source == "packaged":
                    raise
                refused[choice.llm] = str(fault)
            else:
                break
        before, self.engine, self.choice = self.engine, engine, choice
        if before is not None and before is not engine:
            await before.close()

    def _look_again(self) -> None:
        """The server that the language model runs on is away: take what there is now, or wait until it is back."""
        condition = self._conditions["llm"]
        if condition.state == "ready":
            condition.state, condition.progress, condition.detail = "loading", 0.0, "looking again"
            log.warning("%s has stopped answering", self.choice.facts.server if self.choice else "a model server")
            self._begin("llm", self._load_llm)

    def _missing(self) -> str:
        if self.choice is None:
            return "waiting for the files of the language model"
        return f"{_unanswered(self.choice)}, or get another language model: python -m coach.local_models.weights"

    async def _engine_of(self, choice: LlmChoice, condition: Condition) -> Engine:
        if self.engine is not None and self.choice is not None and self.choice.llm == choice.llm:
            engine = self.engine
        elif is_url(choice.llm):
            engine = Remote(choice.llm, gone=self._look_again)
        else:
            return await self._loaded(Path(choice.llm), condition)
        # `auto` chooses only what has just answered.
        while self._llm != "auto" and isinstance(engine, Remote) and not await engine.answers():
            condition.detail = _unanswered(choice)
            await asyncio.sleep(LOOK_AGAIN)
        return engine

    async def _loaded(self, path: Path, condition: Condition) -> Engine:
        llama = Llama(path)
        condition.detail, condition.progress = f"loading {llama.name}", 0.9
        await asyncio.to_thread(llama.load)
        self.afterwards(llama.warm(examples("en"), TokenCount()))
        return llama

    async def _chosen(self, condition: Condition, refused: Mapping[str, str]) -> LlmChoice:
        """Wait until the chosen model is downloaded. Raises EngineError for a file that does not exist."""
        while True:
            if choice := await asyncio.to_thread(choose, self._llm, self._files.var_dir, refused):
                return choice
            file = LLMS[self._llm if self._llm in LLMS else "default"]
            condition.detail = self._missing()
            condition.progress = 0.85 * self._files.progress(file)
            await asyncio.sleep(LOOK_AGAIN)

    async def _load_sentences(self, condition: Condition) -> None:
        await self._arrival(E5, condition)
        await self._load(condition, self.sentences.load)

    async def _arrival(self, file: ModelFile, condition: Condition) -> None:
        while not self._files.present(file):
            condition.detail = f"waiting for the files of the {file.of}"
            condition.progress = 0.85 * self._files.progress(file)
            await asyncio.sleep(LOOK_AGAIN)


def _unanswered(choice: LlmChoice) -> str:
    return f"{choice.facts.server} does not answer: start it again"
