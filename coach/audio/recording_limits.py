"""Checks an uploaded recording: MP3, mono, 16 kHz, 16 to 24 kbps on average, at most 128 KiB, at least 0.3 s.

The codes, and the order of the checks, are promised to clients: they are part of the API.
"""

import io
import logging
import math
from dataclasses import dataclass
from typing import Literal

import av

from coach.audio import frames

RATE = 16_000
MAX_BYTES = 128 * 1024
MIN_KBPS = 16.0
MAX_KBPS = 24.0 * 1.05
"""24 kbps, and a little for headers and padding, which weigh more in short recordings."""
MIN_SECONDS = 0.3

Code = Literal["resend_turn", "wrong_format", "too_large"]

_OTHER_CONTAINERS = (b"RIFF", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FORM")

logging.getLogger("libav").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Mp3Info:
    """`duration_seconds` is the playing time; `average_kbps` counts frame bytes only, without tags."""

    duration_seconds: float
    average_kbps: float
    size: int

    @property
    def duration_ms(self) -> int:
        return round(self.duration_seconds * 1000)


class RecordingRefused(Exception):
    """A recording is refused. `code` is the protocol's; `detail` and `values` tell people what to do.

    `detail` is English with named %-placeholders: translate it, then apply `values`. `str()` is the English sentence.
    """

    def __init__(self, code: Code, detail: str, **values: str) -> None:
        super().__init__(detail % values if values else detail)
        self.code: Code = code
        self.detail = detail
        self.values = values


NOTHING_RECORDED = "No sound arrived. Check the microphone and record this turn again."
TOO_BIG = "The recording has %(size)s KiB; at most 128 KiB fit (about 43 seconds). Record a shorter turn."
NOT_MP3 = "The recording could not be read as MP3. Record this turn again."
NOT_MONO = "The recording has %(channels)s channels. Send MP3 in mono."
NOT_16_KHZ = "The recording has a sample rate of %(rate)s Hz. Send MP3 at 16000 Hz."
MIXED = "The recording changes its format halfway through. Send one MP3 in mono at 16000 Hz."
TOO_THIN = "The recording has %(kbps)s kbps on average. Send MP3 with 16 to 24 kbps."
TOO_DENSE = "The recording has %(kbps)s kbps on average; at most 24 kbps are taken. Send MP3 with 16 to 24 kbps."
TOO_SHORT = (
    "Only %(seconds)s s of sound arrived; 0.3 s is the minimum. Hold the button while you speak and record again."
)

DETAILS = (NOTHING_RECORDED, TOO_BIG, NOT_MP3, NOT_MONO, NOT_16_KHZ, MIXED, TOO_THIN, TOO_DENSE, TOO_SHORT)


def check(data: bytes) -> Mp3Info:
    """Decode one uploaded recording as far as possible.

    Raises RecordingRefused, never anything else, whatever `data` is.
    """
    if not data:
        raise RecordingRefused("resend_turn", NOTHING_RECORDED)
    if len(data) > MAX_BYTES:
        raise RecordingRefused("too_large", TOO_BIG, size=str(math.ceil(len(data) / 1024)))
    heard = _listen(data)
    if heard.channels != {1}:
        if len(heard.channels) > 1:
            raise RecordingRefused("wrong_format", MIXED)
        raise RecordingRefused("wrong_format", NOT_MONO, channels=str(*heard.channels))
    if heard.rates != {RATE}:
        if len(heard.rates) > 1:
            raise RecordingRefused("wrong_format", MIXED)
        raise RecordingRefused("wrong_format", NOT_16_KHZ, rate=str(*heard.rates))
    kbps = heard.frame_bytes * 8 * RATE / heard.frame_samples / 1000
    if kbps < MIN_KBPS:
        raise RecordingRefused("wrong_format", TOO_THIN, kbps=f"{kbps:.1f}")
    if kbps > MAX_KBPS:
        raise RecordingRefused("too_large", TOO_DENSE, kbps=f"{kbps:.1f}")
    seconds = heard.played_samples / RATE
    if seconds < MIN_SECONDS:
        raise RecordingRefused("resend_turn", TOO_SHORT, seconds=f"{seconds:.2f}")
    return Mp3Info(duration_seconds=seconds, average_kbps=kbps, size=len(data))


def decode(data: bytes) -> tuple[bytes, int]:
    """PCM s16le mono and its sample rate in Hz, as far as it can be decoded. Raises RecordingRefused."""
    pcm: list[bytes] = []
    rate = 0
    with _opened(data) as container:
        to_mono = av.AudioResampler(format="s16", layout="mono")
        for packet in container.demux(audio=0):
            try:
                for frame in packet.decode():
                    rate = rate or frame.sample_rate
                    pcm += [bytes(mono.planes[0])[: mono.samples * 2] for mono in to_mono.resample(frame)]
            except (av.FFmpegError, ValueError):
                continue
    if not pcm:
        raise RecordingRefused("resend_turn", NOT_MP3)
    return b"".join(pcm), rate


@dataclass
class _Heard:
    channels: set[int]
    rates: set[int]
    frame_bytes: int = 0
    frame_samples: int = 0
    played_samples: int = 0


def _listen(data: bytes) -> _Heard:
    heard = _Heard(set(), set())
    with _opened(data) as container:
        for packet in container.demux(audio=0):
            try:
                decoded = packet.decode()
            except (av.FFmpegError, ValueError):
                continue
            heard.played_samples += sum(frame.samples for frame in decoded)
            header = frames.parse_header(bytes(packet)) if packet.size >= 4 else None
            # A truncated last frame still plays, but its missing bytes would lower the average.
            if header and (packet.size >= header.length or not heard.frame_samples):
                heard.channels.add(header.channels)
                heard.rates.add(header.sample_rate)
                heard.frame_bytes += packet.size
                heard.frame_samples += header.samples
    if not heard.played_samples or not heard.frame_samples:
        raise RecordingRefused("resend_turn", NOT_MP3)
    return heard


def _opened(data: bytes) -> av.container.InputContainer:
    """Open the MP3 without its tags, so that compressed tags cannot blow up in the demuxer."""
    start = None if data.startswith(_OTHER_CONTAINERS) else frames.first_frame(data)
    if start is None:
        raise RecordingRefused("resend_turn", NOT_MP3)
    try:
        return av.open(io.BytesIO(data[start:]), "r", format="mp3")
    except (av.FFmpegError, ValueError) as unreadable:
        raise RecordingRefused("resend_turn", NOT_MP3) from unreadable
