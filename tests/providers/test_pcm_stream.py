"""Speech in every form that services send: base64 variants, misplaced WAV headers, other sample formats."""

import base64
import io
import struct
import wave

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.providers.pcm_stream import PcmStream, UnplayableSpeech
from tests.audio import sounds
from tests.fakes.models_answers import tone

SPOKEN = tone(400)


def played(*pieces: str) -> bytes:
    stream = PcmStream()
    return b"".join([stream.feed(piece) for piece in pieces]) + stream.finish()


def cut(data, size: int) -> list:
    return [data[at : at + size] for at in range(0, len(data), size)]


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def wav(pcm: bytes, *, rate: int = 24_000, channels: int = 1, width: int = 2, length: int | None = None) -> bytes:
    """A WAV file; `length` is the data length in its header, true or not."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(channels)
        written.setsampwidth(width)
        written.setframerate(rate)
        written.writeframes(pcm)
    whole = file.getvalue()
    return whole if length is None else whole[:40] + struct.pack("<I", length) + whole[44:]


@pytest.mark.parametrize("pcm", [SPOKEN, bytes(24_001) + b"\0" + SPOKEN], ids=["speech", "silence first"])
@pytest.mark.parametrize("size", [1, 7, 100, 101, 4801, 4802, 4803])
@pytest.mark.parametrize(
    "encode",
    [
        base64_of,
        lambda piece: base64_of(piece).rstrip("="),
        lambda piece: base64.urlsafe_b64encode(piece).decode(),
        lambda piece: base64.urlsafe_b64encode(piece).decode().rstrip("="),
        lambda piece: base64.encodebytes(piece).decode(),
        lambda piece: "data:audio/pcm;base64," + base64_of(piece),
    ],
    ids=["padded", "no padding", "url-safe", "url-safe, no padding", "with newlines", "data URL"],
)
def test_separately_encoded_pieces_are_decoded_completely(pcm, size, encode):
    if size == 1:
        pcm = pcm[:2000]
    assert played(*map(encode, cut(pcm, size))) == pcm


@pytest.mark.parametrize("pcm", [SPOKEN, bytes(24_000) + SPOKEN], ids=["speech", "silence first"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 1001, 1002, 1003, 6402])
def test_one_base64_text_cut_anywhere_is_decoded_completely(pcm, size):
    assert played(*cut(base64_of(pcm), size)) == pcm
    assert played(*cut(base64_of(pcm).rstrip("="), size)) == pcm


@pytest.mark.parametrize(
    "pieces",
    [
        cut(wav(SPOKEN), 4801),
        cut(wav(SPOKEN), 13),
        [wav(piece) for piece in cut(SPOKEN, 4800)],
        [wav(piece) + b"LIST" + struct.pack("<I", 10) + bytes(10) for piece in cut(SPOKEN, 4800)],
        [half for piece in cut(SPOKEN, 4800) for half in (wav(piece)[:20], wav(piece)[20:])],
        cut(wav(SPOKEN[:4800]) + SPOKEN[4800:], 999),
        cut(wav(SPOKEN, length=0), 999),
        cut(wav(SPOKEN, length=0xFFFFFFFF), 1),
        [wav(b""), *cut(SPOKEN, 4800)],
        [wav(piece) + b"\xff\xff\xff\x7f" for piece in cut(SPOKEN, 4800)],
        [wav(SPOKEN).replace(b"data", b"LIST\4\0\0\0abcddata", 1)],
    ],
    ids=[
        "in front", "in pieces", "in every piece", "parts behind the samples", "every header in two",
        "length of the first piece only", "length 0", "length unknown", "a header alone", "a size behind the samples",
        "more parts in front",
    ],
)  # fmt: skip
def test_wav_headers_are_not_played(pieces):
    assert played(*map(base64_of, pieces)) == SPOKEN


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_another_sample_rate_is_resampled(rate):
    whole = played(base64_of(wav(SPOKEN, rate=rate)))
    assert len(whole) / 48_000 == pytest.approx(len(SPOKEN) / 2 / rate, abs=0.002)
    for size in (1, 777):
        assert played(*map(base64_of, cut(wav(SPOKEN, rate=rate), size))) == whole


def test_other_sample_formats_are_converted():
    samples = cut(SPOKEN, 2)
    assert played(base64_of(wav(b"".join(each * 2 for each in samples), channels=2))) == SPOKEN
    assert played(base64_of(wav(b"".join(b"\0" + each for each in samples), width=3))) == SPOKEN
    assert played(base64_of(wav(b"".join(b"\0\0" + each for each in samples), width=4))) == SPOKEN
    eight = played(base64_of(wav(bytes((each[1] + 128) % 256 for each in samples), width=1)))
    assert len(eight) == len(SPOKEN)


@pytest.mark.parametrize(
    "piece",
    ["???", base64_of(sounds.mp3(1)), base64_of(b"OggS" + bytes(60)), base64_of(wav(SPOKEN, channels=6))],
    ids=["no base64", "MP3", "Ogg", "six channels"],
)
def test_unplayable_audio_is_refused(piece):
    with pytest.raises(UnplayableSpeech):
        played(piece)


@given(
    st.binary(max_size=400),
    st.integers(1, 50),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_padded_pieces_are_decoded_completely(data, size, url_safe, header):
    pcm = data[: len(data) // 2 * 2]
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    body = wav(pcm) if header else pcm
    if pcm[:1] != b"R" and not pcm.startswith((b"O", b"f", b"I", b"\x1a", b"\xff")):
        assert played(*(encode(piece).decode() for piece in cut(body, size))) == pcm
