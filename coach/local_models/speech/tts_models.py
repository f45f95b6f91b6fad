"""Text to speech, 24 kHz: hibari for English, Kokoro for Chinese.

`local_voice` explains how voices are derived from the recorded one.
"""

import importlib.util
import json
import threading
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coach.local_models.language import Language
from coach.local_models.speech.local_voice import STYLES, VOICES, PersonaVoice

RATE = 24_000
KOKORO_LONGEST = 400  # phonemes per call; its styles go up to 510
VOICED_HZ = 40  # a frame of hibari's that is lower has no voice in it
BIN_HZ = 20
EDGES = 2  # the numbers around a sentence that say nothing
INAUDIBLE = 33  # of 32,768: 60 dB below full scale
LEAD = RATE // 100  # samples kept before the first one that is louder


class TtsModel(Protocol):
    def say(self, text: str, voice: PersonaVoice) -> NDArray[np.float32]:
        """Samples in -1..1 at 24 kHz; empty if there is nothing to pronounce. Blocking."""
        ...


class Hibari:
    """The model gives harmonics, noise and pitch apart from each other; the pitch is moved before they become sound."""

    def __init__(self) -> None:
        from hibari import Hibari as Model
        from hibari import dsp

        self._model = Model(threads=1)
        self._synth = dsp.synth

    def say(self, text: str, voice: PersonaVoice) -> NDArray[np.float32]:
        parts = [self._spoken(phonemes, voice) for phonemes in self._model.phonemize(text)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _spoken(self, phonemes: str, voice: PersonaVoice) -> NDArray[np.float32]:
        numbers = self._model.ids(phonemes)
        if len(numbers) <= EDGES:
            return np.zeros(0, np.float32)
        asked = {
            "ids": np.asarray([numbers], np.int64),
            "speed": np.asarray([voice.pace / voice.tract], np.float32),
        }
        loudness, phase, *noise, height = (each[0] for each in self._model.sess.run(None, asked))
        between_harmonics(loudness, phase, height)
        sound = self._synth(loudness, phase, *noise, height * (voice.pitch / voice.tract), np.random.default_rng())
        return stretched(sound, 1 / voice.tract)


class Kokoro:
    def __init__(self, folder: Path, cache: Path) -> None:
        import jieba
        import onnxruntime
        from misaki.zh import ZHG2P

        jieba.dt.tmp_dir = str(cache)
        jieba.setLogLevel(60)
        self._phonemes = ZHG2P()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            str(folder / "model_int8.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._styles = {style: np.fromfile(folder / f"{style}.bin", np.float32).reshape(-1, 256) for style in STYLES}
        # hibari contains the phoneme alphabet that Kokoro was trained on, with its numbering.
        self._numbers: dict[str, int] = json.loads((files("hibari") / "assets" / "vocab.json").read_text("utf-8"))

    def say(self, text: str, voice: PersonaVoice) -> NDArray[np.float32]:
        phonemes, _ = self._phonemes(text)
        numbers = [self._numbers[sign] for sign in phonemes if sign in self._numbers][:KOKORO_LONGEST]
        if not any(sign.isalpha() for sign in phonemes):
            return np.zeros(0, np.float32)
        heard = self._session.run(
            None,
            {
                "tokens": np.asarray([[0, *numbers, 0]], np.int64),
                "style": self._styles[voice.style][len(numbers)][None],
                "speed": np.asarray([voice.pace / voice.shift], np.float32),
            },
        )[0]
        return stretched(np.asarray(heard, np.float32).reshape(-1), 1 / voice.shift)


class Voices:
    """One model per language, loaded once; `say` is blocking and thread-safe."""

    def __init__(self, models: Path) -> None:
        self._folder = models / "kokoro"
        self._voices: dict[Language, TtsModel] = {}
        self._locks: dict[Language, threading.Lock] = {"en": threading.Lock(), "zh": threading.Lock()}

    def languages(self) -> list[Language]:
        """The languages that can be spoken on this machine now."""
        hibari = _installed("hibari")
        kokoro = hibari and _installed("misaki") and _installed("jieba") and _installed("pypinyin")
        complete = all(
            (self._folder / f"{name}.sha256").is_file()
            for name in ("model_int8.onnx", *(f"{style}.bin" for style in STYLES))
        )
        found: list[Language] = ["en"] if hibari else []
        return [*found, "zh"] if kokoro and complete else found

    def load(self, language: Language = "en") -> None:
        self.say("Hello." if language == "en" else "你好。", language, VOICES["female"])

    def loaded(self, language: Language) -> bool:
        return language in self._voices

    def say(self, text: str, language: Language, voice: PersonaVoice) -> bytes:
        """PCM s16le, mono, 24 kHz."""
        with self._locks[language]:
            if language not in self._voices:
                self._voices[language] = Hibari() if language == "en" else Kokoro(self._folder, self._folder)
            sound = self._voices[language].say(text, voice)
        return bytes((np.clip(sound, -1.0, 1.0) * 32_767).astype("<i2").tobytes())


def without_lead(pcm: bytes) -> bytes:
    """The same speech (s16le, mono) from 10 ms before it can be heard: both models begin with 0.1 to 0.3 s of silence.

    Between clauses that is the speaker's breath; before a reply everybody waits for it.
    """
    audible = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > INAUDIBLE)
    return pcm[2 * max(0, int(audible[0]) - LEAD) :] if len(audible) else pcm


def between_harmonics(loudness: NDArray[np.float32], phase: NDArray[np.float32], height: NDArray[np.float32]) -> None:
    """Draw both (bins of 20 Hz by frames) in place from harmonic to harmonic of `height` (Hz for each frame).

    The model was trained where the harmonics of its own voice stand; what it says of the places between them is
    arbitrary, and would be heard, loud, in a voice of another pitch.
    """
    bins = np.arange(len(loudness))
    for frame in np.flatnonzero(height > VOICED_HZ):
        places = np.arange(height[frame], BIN_HZ * len(bins), height[frame]) / BIN_HZ
        for part in (loudness, phase):
            part[:, frame] = np.interp(bins, places, np.interp(places, bins, part[:, frame]))


def stretched(sound: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """The same waveform over `factor` times as many samples (band-limited)."""
    if not len(sound):
        return sound
    spectrum: NDArray[Any] = np.fft.rfft(sound)
    longer = round(len(sound) * factor)
    return (np.fft.irfft(spectrum, longer) * (longer / len(sound))).astype(np.float32)


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
