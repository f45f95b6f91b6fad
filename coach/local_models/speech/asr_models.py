"""Speech to text: Moonshine for English, Whisper for Chinese (and for English if Moonshine has no package).

Recordings are transcribed in stretches between pauses, and results are cached by the sound's hash: if a longer version
of a recording arrives, only the new part is transcribed. Every trainee turn is requested twice, by roleplay and by the
transcription job: two simultaneous requests share one recognition.
"""

import asyncio
import hashlib
import importlib.util
import re
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from coach.local_models.language import Language
from coach.local_models.speech.audio_input import ASR_RATE, samples
from coach.local_models.speech.homophones import respelled
from coach.local_models.speech.vad import stretches

KEPT = 512  # transcripts
FEWEST_TOKENS = 24
WHISPER_FRAMES = 100  # a second, of its spectrogram
SILENCE_AFTER = 2.0  # seconds of it that Whisper reads after the sound: it hears as well as with half a minute
MOST_TOKENS_A_SECOND = 16  # twice the fastest talk; beyond it a recogniser is repeating itself
Found = TypeVar("Found")
BROKEN = "\N{REPLACEMENT CHARACTER}"
CHINESE_MARKS = {",": "，", "?": "？", "!": "！", ":": "：", ";": "；", ".": "。"}
BESIDE_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])[,?!:;.](?![.\d])|[,?!:;.](?=[\u3400-\u9fff])")
EDGE = np.zeros(ASR_RATE // 5, np.float32)  # both recognisers lose a word that starts at the first sample


Words = tuple[tuple[str, float], ...]
"""(word with the space before it, probability): together they are the text. Empty if a recogniser gives none."""


@dataclass(frozen=True)
class HeardSpeech:
    """The words of a recording; `open` if it ends in the middle of speech, so that its last words may change."""

    text: str
    open: bool
    words: Words = ()


@dataclass(frozen=True)
class Recognized:
    """A model's result for one stretch of sound."""

    text: str
    words: Words = ()


class AsrModel(Protocol):
    shortest: float  # seconds of speech before a pause that are worth recognising separately

    def warm_up(self) -> None:
        """Recognise something once, because the first time takes longer."""
        ...

    def hear(self, sound: NDArray[np.float32], language: Language) -> Recognized:
        """Recognise 16 kHz mono samples; blocking, one call at a time."""
        ...


class Moonshine:
    """Does not say how sure it is: its package reports 1.0 for every word, and words only with a decoder it does not
    ship. So no English word is marked as doubtful without a key.
    """

    shortest = 1.0

    def __init__(self) -> None:
        from moonshine_voice import ModelArch, Transcriber, get_assets_path, get_model_path

        # Its own pause detection carries over from the previous recording and hears words in the first silence.
        whole = {"vad_threshold": 0.0}
        self._transcriber = Transcriber(get_model_path("tiny-en"), ModelArch.TINY, options=whole)
        self._sample = Path(get_assets_path()) / "two_cities.wav"

    def warm_up(self) -> None:
        self.hear(samples(self._sample.read_bytes())[: 4 * ASR_RATE], "en")

    def hear(self, sound: NDArray[np.float32], language: Language) -> Recognized:
        heard = self._transcriber.transcribe_without_streaming(sound.tolist(), ASR_RATE)
        return Recognized(respelled(" ".join(line.text.strip() for line in heard.lines if line.text.strip())))


class Whisper:
    shortest = 8.0  # it tells words that sound alike apart by the words around them

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel
        from opencc import OpenCC

        self._reader = _short_reader()(WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2))
        self._simplified = OpenCC("t2s")

    def warm_up(self) -> None:
        self.hear(np.zeros(ASR_RATE, np.float32), "en")

    def hear(self, sound: NDArray[np.float32], language: Language) -> Recognized:
        prompt = "以下是普通话的句子。" if language == "zh" else None
        segments, _ = self._reader.transcribe(
            sound,
            clip_timestamps=[{"start": 0.0, "end": len(sound) / ASR_RATE}],  # decode everything once
            vad_filter=False,  # `stretches` did that
            batch_size=1,
            language=language,
            beam_size=1,
            temperature=0.0,  # with more it would retry when unsure, which takes up to half a minute
            max_new_tokens=FEWEST_TOKENS + round(MOST_TOKENS_A_SECOND * len(sound) / ASR_RATE),
            initial_prompt=prompt,
            word_timestamps=True,  # they come with the probabilities
        )
        found = [
            whole_characters(segment.text, [(word.word, word.probability) for word in segment.words or ()])
            for segment in segments
        ]
        heard = joined(found, language)
        if language != "zh":
            return heard
        text = written(str(self._simplified.convert(heard.text)))
        return Recognized(text, _respelled(heard.words, text))


def _short_reader() -> Any:
    """faster-whisper's pipeline, reading as much of the half minute it pads to as there is sound, and a little silence.

    The encoder takes as long for silence as for speech: most of the wait for a Chinese answer was for nothing. The
    model alone, without the pipeline, would decode the silence after the last word again, and invent a sentence or a
    loop.
    """
    from faster_whisper import BatchedInferencePipeline

    class ShortReader(BatchedInferencePipeline):  # type: ignore[misc]
        def forward(self, features: Any, tokenizer: Any, chunks_metadata: Any, options: Any) -> Any:
            seconds = max(chunk["duration"] for chunk in chunks_metadata) + SILENCE_AFTER
            frames = 2 * round(seconds * WHISPER_FRAMES / 2)
            return super().forward(features[..., :frames], tokenizer, chunks_metadata, options)

    return ShortReader


class SharedResults(Generic[Found]):
    """A cache of results; a request that arrives while a result is being computed shares it."""

    def __init__(self, room: int = KEPT) -> None:
        self._room = room
        self._kept: OrderedDict[str, Found] = OrderedDict()
        self._under_way: dict[str, asyncio.Future[Found]] = {}

    async def recall(self, key: str, find: Callable[[], Awaitable[Found]]) -> Found:
        """A computation runs to its end even if everybody who asked has left."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._under_way:
            self._under_way[key] = asyncio.ensure_future(find())
            self._under_way[key].add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(self._under_way[key])

    def _keep(self, key: str, done: "asyncio.Future[Found]") -> None:
        self._under_way.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            self._kept[key] = done.result()
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)


class RecognizerPool:
    """`hear` may be called from any number of requests; recognition runs in a separate thread."""

    def __init__(self, models: Path) -> None:
        self._whisper_folder = models / "whisper-base"
        self._models: dict[str, AsrModel] = {}
        self._loading = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="asr")
        self._recordings = SharedResults[HeardSpeech]()
        self._stretches = SharedResults[Recognized]()

    def languages(self) -> list[Language]:
        """The languages that can be recognised on this machine now."""
        if not _installed("faster_whisper"):  # it also detects pauses
            return []
        whisper = (self._whisper_folder / "model.bin.sha256").is_file()
        found: list[Language] = ["en"] if _installed("moonshine_voice") or whisper else []
        return [*found, "zh"] if whisper and _installed("opencc") else found

    def load(self) -> None:
        """Load the English recogniser (blocking) and run it once; the Chinese one is loaded when it is first needed."""
        stretches(np.zeros(ASR_RATE, np.float32))
        self._recognizer("en")

    async def prepare(self, language: Language) -> None:
        """Load the recogniser for `language`."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._recognizer, language)

    async def hear(self, recording: bytes, language: Language) -> HeardSpeech:
        """The words; no text if nobody speaks. Raises UnreadableAudio."""
        return await self._recordings.recall(_key(recording, language), lambda: self._hear(recording, language))

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _hear(self, recording: bytes, language: Language) -> HeardSpeech:
        recognizer = await self._blocking(self._recognizer, language)
        sound = await self._blocking(samples, recording)
        found = await self._blocking(stretches, sound, recognizer.shortest)
        heard = [await self._understood(sound[one.start : one.end], recognizer, language) for one in found]
        whole = joined(heard, language)
        return HeardSpeech(whole.text, bool(found) and not found[-1].over, whole.words)

    async def _understood(self, sound: NDArray[np.float32], recognizer: AsrModel, language: Language) -> Recognized:
        padded = np.concatenate([EDGE, sound, EDGE])
        return await self._stretches.recall(
            _key(sound.tobytes(), language), lambda: self._blocking(recognizer.hear, padded, language)
        )

    async def _blocking(self, work: "Callable[..., Found]", *given: object) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    def _recognizer(self, language: Language) -> AsrModel:
        kind = "moonshine" if language == "en" and _installed("moonshine_voice") else "whisper"
        with self._loading:
            if kind not in self._models:
                made: AsrModel = Moonshine() if kind == "moonshine" else Whisper(self._whisper_folder)
                made.warm_up()
                self._models[kind] = made
            return self._models[kind]


def whole_characters(text: str, words: Sequence[tuple[str, float]]) -> Recognized:
    """What was recognised, without the U+FFFD that stand where the model said only part of a character's bytes."""
    whole = [(word.replace(BROKEN, ""), sure) for word, sure in words]
    return Recognized(text.replace(BROKEN, "").strip(), tuple((word, sure) for word, sure in whole if word))


def written(text: str) -> str:
    """Chinese with Chinese punctuation: `,` beside a Chinese character as `，`, as long as `text` was before.

    The model writes the ASCII marks. Those between digits or Latin letters stay.
    """
    return BESIDE_CHINESE.sub(lambda mark: CHINESE_MARKS[mark[0]], text)


def joined(parts: Sequence[Recognized], language: Language) -> Recognized:
    """Join consecutive stretches; without words if those of one stretch are unknown or do not make up its text."""
    between = "" if language == "zh" else " "
    spoken = [part for part in parts if part.text]
    text = between.join(part.text for part in spoken)
    words: list[tuple[str, float]] = []
    for part in spoken:
        if "".join(word for word, _ in part.words).strip() != part.text:
            return Recognized(text)
        (first, sure), *others = part.words
        words += [((between if words else "") + first.lstrip(), sure), *others]
        words[-1] = (words[-1][0].rstrip(), words[-1][1])
    return Recognized(text, tuple(words))


def _respelled(words: Words, text: str) -> Words:
    """Split `text`, a respelling of the same length, into the same words; none if the length changed."""
    if len("".join(word for word, _ in words)) != len(text):
        return ()
    rest = iter(text)
    return tuple(("".join(next(rest) for _ in word), sure) for word, sure in words)


def _key(sound: bytes, language: Language) -> str:
    return f"{language} {hashlib.sha256(sound).hexdigest()}"


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
