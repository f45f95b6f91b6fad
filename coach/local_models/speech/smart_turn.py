"""Judges whether somebody has finished speaking, from the sound of their last seconds: Smart Turn v3.2.

https://github.com/pipecat-ai/smart-turn (BSD-2). Small enough to be called in every pause of a hands-free talk.
"""

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coach.local_models.download.model_files import SMART_TURN
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.speech.audio_input import ASR_RATE, samples

SECONDS = 8  # the model looks at this many; shorter sound is padded with silence in front
SILENT_VARIANCE = 1e-7


class SmartTurn:
    """Loaded on first use. `finished` is blocking and thread-safe."""

    def __init__(self, files: ModelFolder) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def present(self) -> bool:
        return self._files.present(SMART_TURN)

    def finished(self, recording: bytes) -> float:
        """The probability that the turn is over. Raises UnreadableAudio."""
        sound = samples(recording)
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._files.path(SMART_TURN))
            session, extract = self._loaded
            answer = session.run(None, {"input_features": features(sound, extract)})
        return float(np.asarray(answer[0]).reshape(-1)[0])


def features(sound: NDArray[np.float32], extract: Any) -> NDArray[np.float32]:
    """Whisper's log-mel spectrogram of the last eight seconds of 16 kHz samples, (1, 80, 800), loudness evened out."""
    window = sound[-SECONDS * ASR_RATE :]
    window = np.pad(window, (SECONDS * ASR_RATE - len(window), 0))
    even = (window - window.mean()) / np.sqrt(window.var() + SILENT_VARIANCE)
    mel: NDArray[np.float32] = extract(even.astype(np.float32), padding=0)
    return mel[np.newaxis, :, : SECONDS * 100].astype(np.float32)


def _load(path: Path) -> tuple[Any, Any]:
    import onnxruntime
    from faster_whisper.feature_extractor import FeatureExtractor

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session, FeatureExtractor(chunk_length=SECONDS)
