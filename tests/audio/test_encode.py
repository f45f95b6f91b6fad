import pytest

from coach.audio import encode, frames, recording_limits
from tests.audio import sounds

SPOKEN = sounds.tone(3.0)


def test_encoded_speech_meets_the_limits_of_an_upload():
    info = recording_limits.check(encode.to_mp3(SPOKEN))
    assert info.duration_seconds == pytest.approx(3.0, abs=0.12)
    assert info.average_kbps <= 24.0


def test_no_sound_gives_no_file():
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
