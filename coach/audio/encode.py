"""Converts a model's raw speech for storage: PCM s16le mono in, MP3 mono 16 kHz 24 kbps out."""

import lameenc

from coach.audio import frames

SAMPLE_BYTES = 2
PCM_RATE = 24_000
MP3_RATE = 16_000
MP3_KBPS = 24

# What LAME adds before the first sample at 16 kHz: 576 samples of its own and 529 of the decoder.
_DELAY_SAMPLES = 1105


def to_mp3(pcm: bytes, rate: int = PCM_RATE) -> bytes:
    """MP3 mono, 16 kHz, 24 kbps of PCM s16le mono at `rate` Hz; empty for no sound."""
    if not pcm:
        return b""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(MP3_RATE)
    encoder.set_bit_rate(MP3_KBPS)
    encoder.set_quality(5)
    return bytes(encoder.encode(pcm)) + bytes(encoder.flush())


def duration_ms(pcm: bytes, rate: int = PCM_RATE) -> int:
    """Playing time of PCM s16le mono."""
    return len(pcm) // SAMPLE_BYTES * 1000 // rate


def cut(pcm: bytes, played_ms: int, rate: int = PCM_RATE) -> bytes:
    """The first `played_ms` of PCM s16le mono: the part that was heard."""
    return pcm[: max(0, played_ms) * rate // 1000 * SAMPLE_BYTES]


def cut_mp3(mp3: bytes, played_ms: int) -> bytes:
    """The first `played_ms` of an MP3 made here, to the nearest frame (36 ms), without re-encoding.

    >>> cut_mp3(b"", 100)
    b''
    """
    if played_ms <= 0:
        return b""
    kept = played = 0
    for at, header in frames.walk(mp3):
        wanted = played_ms * header.sample_rate // 1000 + _DELAY_SAMPLES
        if played + header.samples // 2 > wanted:
            break
        kept, played = at + header.length, played + header.samples
    return mp3[:kept]
