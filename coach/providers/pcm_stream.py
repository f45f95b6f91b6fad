"""Converts a model's speech for playback: PCM s16le, mono, 24 kHz, whatever WAV headers and sample formats it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import av

from coach.audio import frames
from coach.audio.encode import PCM_RATE, SAMPLE_BYTES
from coach.providers.base64_pieces import Base64Pieces

LONGEST_HEADER_BYTES = 64 * 1024
# Streaming servers write a length like this when they do not know it.
UNKNOWN_LENGTH = 0x7FFF_0000

_WAV_MAGICS = (b"RIFF", b"RF64")
_COMPRESSED_MAGICS = (b"OggS", b"fLaC", b"ID3\x02", b"ID3\x03", b"ID3\x04", b"\x1aE\xdf\xa3")
_AFTER_DATA = (b"LIST", b"id3 ", b"ID3 ", b"cue ", b"bext", b"JUNK", b"junk", b"PEAK", b"smpl", b"fact", b"PAD ")
_RAW, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SAMPLE_FORMATS = {(_RAW, 8): "u8", (_RAW, 16): "s16", (_RAW, 24): "s32", (_RAW, 32): "s32", (_FLOAT, 32): "flt"}
_SAMPLE_FORMATS[_FLOAT, 64] = "dbl"
_RATES = range(4_000, 384_001)
# Samples are converted in blocks of one size, so that the result does not depend on how the stream was split.
_BLOCK_SECONDS = 0.02


class UnplayableSpeech(ValueError):
    """The sound is not base64, or in a format that cannot be played while streaming."""


@dataclass(frozen=True)
class WavFormat:
    """`sample_format` is FFmpeg's name; `sample_bytes` is the size of one sample of one channel."""

    sample_format: str = "s16"
    channels: int = 1
    rate: int = PCM_RATE
    sample_bytes: int = SAMPLE_BYTES

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.sample_bytes


PLAYED = WavFormat()


class PcmStream:
    """Feed base64 pieces; get whole samples to play. A WAV header may come first, in every piece, or be split."""

    def __init__(self) -> None:
        self._base64 = Base64Pieces()
        self._begun = False
        self._head: bytes | None = None
        self._left: int | None = None
        self._behind = b""
        self._skip = 0
        self._samples = _Samples(PLAYED)

    def feed(self, piece: str) -> bytes:
        """Raises UnplayableSpeech."""
        try:
            return b"".join(map(self._block, self._base64.feed(piece)))
        except UnplayableSpeech:
            raise
        except ValueError as error:
            raise UnplayableSpeech(str(error)) from error

    def finish(self) -> bytes:
        """Return what was held back, once no more can follow."""
        try:
            pcm = b"".join(map(self._block, self._base64.finish()))
        except ValueError as error:
            raise UnplayableSpeech(str(error)) from error
        head, self._head = self._head or b"", None
        # An incomplete header is not sound, nor is what some writers append after the samples.
        self._behind = b""
        unread = b"" if head[:4] in _WAV_MAGICS else head
        pcm += self._samples.feed(unread) + self._samples.finish()
        self._samples = _Samples(self._samples.format)
        return pcm

    def _block(self, block: bytes) -> bytes:
        if self._head is not None:
            return self._opening(self._head + block)
        if _opens_a_file(block, first=not self._begun):
            self._behind, self._skip = b"", 0
            return self._opening(block)
        self._begun = True
        return self._sound(block)

    def _opening(self, head: bytes) -> bytes:
        """The start of a file: hold it until its header is complete, or it turns out to be sound."""
        if any(head.startswith(magic) for magic in _COMPRESSED_MAGICS) or _is_mp3(head):
            raise UnplayableSpeech("compressed")
        found = _header(head)
        if found is None:
            if len(head) > LONGEST_HEADER_BYTES:
                raise UnplayableSpeech("endless header")
            self._head = head
            return b""
        self._head, self._begun = None, True
        start, wav, length = found
        if start == 0:
            return self._sound(head)
        self._left = length
        before = b""
        if wav != self._samples.format:
            before = self._samples.finish()
            self._samples = _Samples(wav)
        self._samples.drop_partial()
        return before + self._sound(head[start:])

    def _sound(self, data: bytes) -> bytes:
        """The samples in this data; other parts of the file after them are skipped."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if self._left is None:
            return self._samples.feed(data)
        inside, behind = data[: self._left], self._behind + data[self._left :]
        self._left -= len(inside)
        pcm = self._samples.feed(inside)
        if self._left or not behind:
            return pcm
        if len(behind) < 8:
            self._behind = behind
            return pcm
        self._behind = b""
        if behind[:4] in _AFTER_DATA:
            self._skip = 8 + int.from_bytes(behind[4:8], "little")
            return pcm + self._sound(behind)
        if _opens_a_file(behind, first=False):
            return pcm + self._opening(behind)
        # The length in the header was wrong.
        self._left = None
        return pcm + self._samples.feed(behind)


class _Samples:
    """Returns whole samples from arbitrarily split bytes, converted if necessary."""

    def __init__(self, wav: WavFormat) -> None:
        self.format = wav
        self._rest = b""
        self._resampler = None if wav == PLAYED else av.AudioResampler(format="s16", layout="mono", rate=PCM_RATE)
        self._block_bytes = max(1, int(wav.rate * _BLOCK_SECONDS)) * wav.frame_bytes

    def feed(self, data: bytes) -> bytes:
        data = self._rest + data
        unit = SAMPLE_BYTES if self._resampler is None else self._block_bytes
        whole = len(data) - len(data) % unit
        self._rest = data[whole:]
        if self._resampler is None:
            return data[:whole]
        return b"".join(self._converted(data[at : at + unit]) for at in range(0, whole, unit))

    def drop_partial(self) -> None:
        """A new file begins: drop an incomplete sample of the previous one."""
        whole = len(self._rest) - len(self._rest) % self.format.frame_bytes
        self._rest = self._rest[:whole]

    def finish(self) -> bytes:
        self.drop_partial()
        rest, self._rest = self._rest, b""
        if self._resampler is None:
            return rest
        return (self._converted(rest) if rest else b"") + b"".join(map(_pcm, self._resampler.resample(None)))

    def _converted(self, data: bytes) -> bytes:
        assert self._resampler is not None
        if self.format.sample_bytes == 3:
            data = b"".join(b"\0" + data[at : at + 3] for at in range(0, len(data), 3))
        layout = "mono" if self.format.channels == 1 else "stereo"
        samples = (
            len(data) // (4 if self.format.sample_bytes == 3 else self.format.sample_bytes) // self.format.channels
        )
        frame = av.AudioFrame(format=self.format.sample_format, layout=layout, samples=samples)
        frame.sample_rate = self.format.rate
        frame.planes[0].update(data.ljust(frame.planes[0].buffer_size, b"\0"))
        return b"".join(map(_pcm, self._resampler.resample(frame)))


def _pcm(frame: av.AudioFrame) -> bytes:
    return bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]


def _opens_a_file(block: bytes, *, first: bool) -> bool:
    magics = (*_WAV_MAGICS, *_COMPRESSED_MAGICS) if first else _WAV_MAGICS
    if len(block) < 4:
        return any(magic.startswith(block) for magic in magics)
    if block[:4] in _WAV_MAGICS:
        return b"WAVE".startswith(block[8:12])
    return block[:4] in magics or (first and _is_mp3(block))


def _is_mp3(data: bytes) -> bool:
    return data[:1] == b"\xff" and len(list(islice(frames.walk(data), 3))) == 3


def _header(head: bytes) -> tuple[int, WavFormat, int | None] | None:
    """Where the samples begin, their format and length in bytes; None if not known yet."""
    if len(head) < 4 and any(magic.startswith(head) for magic in (*_WAV_MAGICS, *_COMPRESSED_MAGICS)):
        return None
    if head[:4] not in _WAV_MAGICS or not b"WAVE".startswith(head[8:12]):
        return 0, PLAYED, None
    wav: WavFormat | None = None
    for name, at, length in _chunks(head):
        if name == b"data":
            return at, wav or PLAYED, length if 0 < length < UNKNOWN_LENGTH else None
        if name == b"fmt ":
            if len(head) < at + min(length, 40):
                return None
            wav = _format(head[at : at + length])
    return None


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = 12
    while at + 8 <= len(head):
        length = int.from_bytes(head[at + 4 : at + 8], "little")
        yield head[at : at + 4], at + 8, length
        at += 8 + length + length % 2


def _format(fmt: bytes) -> WavFormat:
    if len(fmt) < 16:
        raise UnplayableSpeech("short header")
    tag, channels = int.from_bytes(fmt[0:2], "little"), int.from_bytes(fmt[2:4], "little")
    rate, bits = int.from_bytes(fmt[4:8], "little"), int.from_bytes(fmt[14:16], "little")
    if tag == _EXTENSIBLE and len(fmt) >= 26:
        tag = int.from_bytes(fmt[24:26], "little")
    sample_format = _SAMPLE_FORMATS.get((tag, bits))
    if sample_format is None or channels not in (1, 2) or rate not in _RATES:
        raise UnplayableSpeech("unknown sample format")
    return WavFormat(sample_format, channels, rate, bits // 8)
