import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.audio import encode, frames, mp3
from tests.audio import sounds

SPOKEN = sounds.tone(3.0)
RIFF = (
    b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 24_000, 48_000, 2, 16) + b"data\xff\xff\xff\xff"
)
RIFF_WITH_LIST = RIFF[:36] + b"LIST\x05\0\0\0abcde\0" + RIFF[36:]


def test_what_is_kept_is_what_an_upload_must_be():
    info = mp3.check(encode.to_mp3(SPOKEN))
    assert info.duration_seconds == pytest.approx(3.0, abs=0.12)
    assert info.average_kbps <= 24.0


def test_encoding_in_pieces_gives_the_same_bytes():
    writer = encode.Mp3Writer()
    for at in range(0, len(SPOKEN), 1111):
        writer.write(SPOKEN[at : at + 1111])
    kept = writer.finish()
    assert kept == encode.to_mp3(SPOKEN)
    assert writer.finish() == kept


def test_no_sound_is_no_file():
    assert encode.to_mp3(b"") == b""


def test_duration_counts_whole_samples():
    assert encode.duration_ms(SPOKEN) == 3000
    assert encode.duration_ms(SPOKEN[:4801]) == 100


def test_cutting_keeps_what_was_heard():
    assert encode.duration_ms(encode.cut(SPOKEN, 1234)) == 1234
    assert encode.cut(SPOKEN, -5) == b""
    assert encode.cut(SPOKEN, 99_999) == SPOKEN


def test_a_stored_reply_is_cut_to_the_frame():
    kept = encode.cut_mp3(encode.to_mp3(SPOKEN), 1500)
    assert encode.to_mp3(SPOKEN).startswith(kept)
    played = sum(header.samples for _, header in frames.walk(kept)) - 1105
    assert played / 16_000 == pytest.approx(1.5, abs=0.02)
    assert encode.cut_mp3(encode.to_mp3(SPOKEN), 60_000) == encode.to_mp3(SPOKEN)
    assert encode.cut_mp3(encode.to_mp3(SPOKEN), 0) == b""


@pytest.mark.parametrize("header", [b"", RIFF, RIFF_WITH_LIST])
@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=30))
def test_pieces_of_any_size_come_out_as_the_same_whole_samples(header, sizes):
    stream, samples, out = header + SPOKEN[:600], encode.SampleSplitter(), []
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        out.append(samples.feed(stream[at : at + size]))
        at, turn = at + size, turn + 1
    assert all(len(piece) % 2 == 0 for piece in out)
    assert b"".join(out) == SPOKEN[:600]


def test_sound_that_merely_begins_like_a_header_is_kept():
    samples = encode.SampleSplitter()
    assert samples.feed(b"RIFFrrrrSOMEsound!") == b"RIFFrrrrSOMEsound!"
