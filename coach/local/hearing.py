"""Speech to text: Moonshine for English, Whisper for Chinese (and for English where Moonshine has no package).

Every trainee turn is asked for twice, by the roleplay and by the transcription job: the text is kept by the recording's
hash, and two requests at the same time share one hearing.
"""

import asyncio
import hashlib
import importlib.util
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coach.local.audio import HEARING_RATE, samples
from coach.local.script import Language

KEPT = 512  # transcripts
EDGE = np.zeros(HEARING_RATE // 5, np.float32)  # both recognisers lose a word that begins with the first sample


class Ear(Protocol):
    def warm_up(self) -> None:
        """Hear something for the first time, which takes longer than later on."""
        ...

    def hear(self, sound: NDArray[np.float32], language: Language) -> str:
        """What was said in 16 kHz mono samples; blocking, one call at a time."""
        ...


class Moonshine:
    def __init__(self) -> None:
        from moonshine_voice import ModelArch, Transcriber, get_assets_path, get_model_path

        self._transcriber = Transcriber(get_model_path("tiny-en"), ModelArch.TINY)
        self._sample = Path(get_assets_path()) / "two_cities.wav"

    def warm_up(self) -> None:
        self.hear(samples(self._sample.read_bytes())[: 4 * HEARING_RATE], "en")

    def hear(self, sound: NDArray[np.float32], language: Language) -> str:
        heard = self._transcriber.transcribe_without_streaming(sound.tolist(), HEARING_RATE)
        return " ".join(line.text.strip() for line in heard.lines if line.text.strip())


class Whisper:
    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel
        from opencc import OpenCC

        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
        self._simplified = OpenCC("t2s")

    def warm_up(self) -> None:
        self.hear(np.zeros(HEARING_RATE, np.float32), "en")

    def hear(self, sound: NDArray[np.float32], language: Language) -> str:
        prompt = "以下是普通话的句子。" if language == "zh" else None
        segments, _ = self._model.transcribe(
            sound, language=language, beam_size=1, initial_prompt=prompt, condition_on_previous_text=False
        )
        text = ("" if language == "zh" else " ").join(segment.text.strip() for segment in segments).strip()
        return str(self._simplified.convert(text)) if language == "zh" else text


class Hearing:
    """`hear` may be called from any number of requests; recognition runs in one thread of its own."""

    def __init__(self, models: Path) -> None:
        self._whisper_folder = models / "whisper-base"
        self._ears: dict[str, Ear] = {}
        self._loading = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hearing")
        self._kept: OrderedDict[tuple[str, Language], str] = OrderedDict()
        self._under_way: dict[tuple[str, Language], asyncio.Future[str]] = {}

    def languages(self) -> list[Language]:
        """What can be heard on this machine now."""
        whisper = (self._whisper_folder / "model.bin.sha256").is_file() and _installed("faster_whisper")
        found: list[Language] = ["en"] if _installed("moonshine_voice") or whisper else []
        return [*found, "zh"] if whisper and _installed("opencc") else found

    def load(self) -> None:
        """Load the English ear (blocking) and let it hear once; the Chinese one is loaded when it is first needed."""
        self._ear("en").warm_up()

    async def prepare(self, language: Language) -> None:
        """Load the ear for `language` without hearing anything."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._ear, language)

    async def hear(self, recording: bytes, language: Language) -> str:
        """The words, or an empty string where nobody speaks. Raises UnreadableAudio."""
        key = (hashlib.sha256(recording).hexdigest(), language)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._under_way:
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._thread, self._hear_now, recording, language)
            self._under_way[key] = future
            future.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(self._under_way[key])

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _keep(self, key: tuple[str, Language], done: "asyncio.Future[str]") -> None:
        self._under_way.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            self._kept[key] = done.result()
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _hear_now(self, recording: bytes, language: Language) -> str:
        sound = samples(recording)
        return self._ear(language).hear(np.concatenate([EDGE, sound, EDGE]), language)

    def _ear(self, language: Language) -> Ear:
        kind = "moonshine" if language == "en" and _installed("moonshine_voice") else "whisper"
        with self._loading:
            if kind not in self._ears:
                self._ears[kind] = Moonshine() if kind == "moonshine" else Whisper(self._whisper_folder)
            return self._ears[kind]


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
