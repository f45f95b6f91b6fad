"""Generates sounds for tests: tones as PCM, and MP3 in many variants."""

import functools
import io
import math
import struct

import av
import lameenc


@functools.cache
def tone(seconds: float, rate: int = 24_000, hertz: float = 220.0) -> bytes:
    """PCM s16le mono; the pitch varies so that it is not trivial to encode."""
    step = 2 * math.pi * hertz / rate
    return b"".join(
        struct.pack("<h", int(9000 * math.sin(step * n * (1 + 0.2 * math.sin(n / rate)))))
        for n in range(int(seconds * rate))
    )


def silent_mp3(seconds: float) -> bytes:
    """Digital silence, as a microphone that is switched off records it."""
    return mp3(seconds, pcm=bytes(2 * int(seconds * 16_000)))


@functools.cache
def mp3(seconds: float, *, rate: int = 16_000, channels: int = 1, kbps: int = 24, pcm: bytes = b"") -> bytes:
    """MP3 without tags, of `pcm` or else of a tone."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(channels)
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    encoder.set_bit_rate(kbps)
    pcm = pcm or tone(seconds, rate)
    if channels == 2:
        pcm = b"".join(pcm[at : at + 2] * 2 for at in range(0, len(pcm), 2))
    return bytes(encoder.encode(pcm)) + bytes(encoder.flush())


@functools.cache
def tagged_mp3(seconds: float, *, codec: str = "libmp3lame", container: str = "mp3") -> bytes:
    """A file as ffmpeg writes it: an ID3 tag and an Info frame with the encoder's delay, or another container."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as writing:
        stream = writing.add_stream(codec, rate=16_000)
        stream.bit_rate = 24_000
        stream.layout = "mono"
        pcm = tone(seconds, 16_000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
        frame.planes[0].update(pcm)
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            writing.mux(packet)
    return out.getvalue()
