"""Decodes recordings in requests: base64 with or without a `data:` prefix, any container PyAV reads."""

import base64
import binascii
import io

import av
import numpy as np
from numpy.typing import NDArray

ASR_RATE = 16_000
LONGEST_SECONDS = 300


class UnreadableAudio(ValueError):
    """Not base64, or not a recording that can be decoded."""


def from_data(data: str) -> bytes:
    """The bytes of an `input_audio.data` field: bare base64, `data:;base64,…` or `data:audio/mp3;base64,…`."""
    if data.startswith("data:"):
        head, comma, data = data.partition(",")
        if not comma or not head.endswith(";base64"):
            raise UnreadableAudio("input_audio.data begins with data: but is not base64")
    try:
        found = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise UnreadableAudio("input_audio.data is not base64") from fault
    if not found:
        raise UnreadableAudio("input_audio.data is empty")
    return found


def samples(recording: bytes) -> NDArray[np.float32]:
    """Mono samples at 16 kHz in -1..1. A truncated recording is used as far as it decodes."""
    pieces: list[NDArray[np.float32]] = []
    try:
        with av.open(io.BytesIO(recording), mode="r") as container:
            if not container.streams.audio:
                raise UnreadableAudio("the recording has no sound")
            resampler = av.AudioResampler(format="flt", layout="mono", rate=ASR_RATE)
            try:
                for frame in container.decode(container.streams.audio[0]):
                    pieces.extend(out.to_ndarray()[0] for out in resampler.resample(frame))
                    if sum(map(len, pieces)) > LONGEST_SECONDS * ASR_RATE:
                        break
            except av.FFmpegError:
                if not pieces:
                    raise
            pieces.extend(out.to_ndarray()[0] for out in resampler.resample(None))
    except (av.FFmpegError, ValueError) as fault:
        raise UnreadableAudio("the recording cannot be decoded") from fault
    if not pieces:
        raise UnreadableAudio("the recording has no sound")
    return np.concatenate(pieces).astype(np.float32, copy=False)
