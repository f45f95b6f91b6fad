"""Converts a model's raw speech for storage: PCM s16le mono in, MP3 mono 16 kHz 24 kbps out."""

import lameenc

from coach.audio import frames

SAMPLE_BYTES = 2
PCM_RATE = 24_000
MP3_RATE = 16_000
MP3_KBPS = 24

# What LAME adds before the first sample at 16 kHz: 576 samples of its own and 529 of the decoder.
_DELAY_SAMPLES = 1105


class Mp3Writer:
    """Encode while speech is still arriving: `write` pieces of any size, `finish` once for the MP3."""

    def __init__(self, rate: int = PCM_RATE) -> None:
        self._encoder = lameenc.Encoder()
        self._encoder.silence()
        self._encoder.set_channels(1)
        self._encoder.set_in_sample_rate(rate)
        self._encoder.set_out_sample_rate(MP3_RATE)
        self._encoder.set_bit_rate(MP3_KBPS)
        self._encoder.set_quality(5)
        self._samples = SampleSplitter()
        self._mp3: list[bytes] = []
        self._written = False

    def write(self, pcm: bytes) -> None:
        whole = self._samples.feed(pcm)
        if whole:
            self._mp3.append(bytes(self._encoder.encode(whole)))
            self._written = True

    def finish(self) -> bytes:
        """The whole MP3; empty if no sample was written."""
        if self._written:
            self._mp3.append(bytes(self._encoder.flush()))
            self._written = False
        return b"".join(self._mp3)


def to_mp3(pcm: bytes, rate: int = PCM_RATE) -> bytes:
    """MP3 mono, 16 kHz, 24 kbps of PCM s16le mono at `rate` Hz; empty for no sound."""
    writer = Mp3Writer(rate)
    writer.write(pcm)
    return writer.finish()


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


class SampleSplitter:
    """Returns whole 16-bit samples from arbitrarily split pieces.

    Drops the RIFF header that some services send first.
    """

    _LONGEST_HEADER = 4096

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False

    def feed(self, piece: bytes) -> bytes:
        """The whole samples completed by `piece`; empty while the header or a sample is incomplete."""
        data = self._rest + piece
        if not self._begun:
            start = _pcm_start(data)
            if start is None and len(data) < self._LONGEST_HEADER:
                self._rest = data
                return b""
            self._begun = True
            data = data[start or 0 :]
        whole = len(data) - len(data) % SAMPLE_BYTES
        self._rest = data[whole:]
        return data[:whole]


def _pcm_start(data: bytes) -> int | None:
    """Where the samples begin: 0 without a RIFF header, None if that is not known yet."""
    if not b"RIFF".startswith(data[:4]) or (len(data) >= 12 and data[8:12] != b"WAVE"):
        return 0
    if len(data) < 12:
        return None
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] == b"data":
            return at + 8
        # A streamed header may give any length; chunks are padded to even ones.
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    return None
