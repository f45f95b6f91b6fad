"""Parses MPEG audio layer III frame headers and skips tags (ISO/IEC 11172-3 and 13818-3; ID3v2.4 section 3.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

_KBPS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MPEG1 = 3
_LAYER_III = 1
_MONO = 3

# This many frames in a row are no coincidence in 128 KiB of any data.
CHAIN = 4
# A stream that was joined in the middle of a frame starts with the rest of it; the longest frame has 1,441 bytes.
LONGEST_FRAME = 1441


@dataclass(frozen=True)
class FrameHeader:
    """`length` in bytes with the header, `samples` per channel."""

    sample_rate: int
    channels: int
    length: int
    samples: int


def parse_header(data: bytes, at: int = 0) -> FrameHeader | None:
    """The layer III header at `at`, or None; free-format frames (without a bit rate) are not accepted."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version = data[at + 1] >> 3 & 3
    rate_index = data[at + 2] >> 2 & 3
    kbps_index = data[at + 2] >> 4
    if version == 1 or data[at + 1] >> 1 & 3 != _LAYER_III or rate_index == 3 or kbps_index in (0, 15):
        return None
    kbps = (_KBPS_MPEG1 if version == _MPEG1 else _KBPS_MPEG2)[kbps_index]
    rate = _RATES[version][rate_index]
    samples = 1152 if version == _MPEG1 else 576
    length = samples // 8 * kbps * 1000 // rate + (data[at + 2] >> 1 & 1)
    return FrameHeader(rate, 1 if data[at + 3] >> 6 == _MONO else 2, length, samples)


def first_frame(data: bytes) -> int | None:
    """Where the first frame begins; None if this is no MP3.

    Normally that is right after the tags. Players also play files with a wrong tag size, or with other bytes in front;
    there it is the first place where several frames follow one another.
    """
    start = _after_tags(data)
    if _chained(data, start, CHAIN):
        return start
    for at in _possible(data, 0):
        if _chained(data, at, CHAIN):
            return at
    near = (at for at in _possible(data, start) if at < start + LONGEST_FRAME)
    return next((at for at in near if _chained(data, at, 1)), None)


def walk(data: bytes) -> Iterator[tuple[int, FrameHeader]]:
    """Every complete frame from the first on, with its position; stops at the first gap."""
    at = first_frame(data)
    while at is not None:
        header = parse_header(data, at)
        if header is None or at + header.length > len(data):
            return
        yield at, header
        at += header.length


def _after_tags(data: bytes) -> int:
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        has_footer = data[at + 5] & 0x10
        at += 10 + size + (10 if has_footer else 0)
    while at < len(data) and data[at] == 0:
        at += 1
    return at


def _possible(data: bytes, start: int) -> Iterator[int]:
    at = data.find(b"\xff", start)
    while at >= 0:
        yield at
        at = data.find(b"\xff", at + 1)


def _chained(data: bytes, at: int, frames: int) -> bool:
    """Whether `frames` of one kind follow the one at `at`, or all the remaining data does."""
    header = first = parse_header(data, at)
    for _ in range(frames):
        if header is None or first is None or header.sample_rate != first.sample_rate:
            return False
        at += header.length
        if at + 4 > len(data):
            return True
        header = parse_header(data, at)
    return header is not None and first is not None and header.sample_rate == first.sample_rate
