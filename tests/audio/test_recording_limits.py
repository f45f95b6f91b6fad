import io
import random
import time
import tracemalloc
import wave
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.audio import recording_limits
from tests.audio import sounds
from tests.fixtures import speech

SPOKEN = sounds.mp3(2.0)


def refused(data: bytes) -> recording_limits.RecordingRefused:
    with pytest.raises(recording_limits.RecordingRefused) as refusal:
        recording_limits.check(data)
    return refusal.value


def checked(data: bytes) -> recording_limits.Mp3Info | recording_limits.RecordingRefused:
    try:
        return recording_limits.check(data)
    except recording_limits.RecordingRefused as refusal:
        return refusal


def wav(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as writing:
        writing.setnchannels(1)
        writing.setsampwidth(2)
        writing.setframerate(16_000)
        writing.writeframes(sounds.tone(seconds, 16_000))
    return out.getvalue()


def id3_head(size: int) -> bytes:
    return b"ID3\x04\x00\x00" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(size: int, *, body: bytes = b"") -> bytes:
    return id3_head(size) + body.ljust(size, b"\0")


def test_a_good_recording_is_measured():
    info = recording_limits.check(SPOKEN)
    assert info.duration_seconds == pytest.approx(2.0, abs=0.12)
    assert info.average_kbps == pytest.approx(24.0)
    assert info.size == len(SPOKEN)
    assert info.duration_ms == round(info.duration_seconds * 1000)


def test_the_encoder_delay_named_in_the_file_is_not_counted():
    assert recording_limits.check(sounds.tagged_mp3(1.0)).duration_seconds == pytest.approx(1.0)


def test_tags_do_not_count_towards_the_average():
    info = recording_limits.check(id3(4000) + SPOKEN + b"TAG" + b"\0" * 125)
    assert info.average_kbps == pytest.approx(24.0)


def test_16_kbps_is_enough_even_for_a_truncated_file():
    thin = sounds.mp3(2.0, kbps=16)
    assert recording_limits.check(thin).average_kbps == pytest.approx(16.0)
    assert recording_limits.check(thin[:-60]).average_kbps == pytest.approx(16.0)


def test_a_file_cut_short_is_taken_as_far_as_it_decodes():
    assert recording_limits.check(SPOKEN[: len(SPOKEN) // 2]).duration_seconds == pytest.approx(1.0, abs=0.12)


def test_a_stream_joined_inside_a_frame_is_taken():
    assert recording_limits.check(SPOKEN[50:]).duration_seconds == pytest.approx(2.0, abs=0.12)


def test_damage_in_the_middle_loses_only_that_part():
    at = len(SPOKEN) // 2
    damaged = SPOKEN[:at] + bytes(300) + SPOKEN[at + 300 :]
    assert recording_limits.check(damaged).duration_seconds > 1.5


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("resend_turn", b""),
        ("resend_turn", b"hello " * 400),
        ("resend_turn", bytes(5000)),
        ("resend_turn", b"\xff\xfb" * 4000),
        ("resend_turn", id3(500)),
        ("resend_turn", wav(1.0)),
        ("resend_turn", sounds.tagged_mp3(1.0, codec="mp2", container="mp2")),
        ("resend_turn", sounds.tagged_mp3(1.0, container="wav")),
        ("resend_turn", sounds.tagged_mp3(1.0, container="matroska")),
        ("resend_turn", sounds.tagged_mp3(0.29)),
        ("wrong_format", sounds.mp3(1.0, channels=2)),
        ("wrong_format", sounds.mp3(1.0, rate=24_000)),
        ("wrong_format", sounds.mp3(1.0, rate=44_100, kbps=64)),
        ("wrong_format", sounds.mp3(1.0, kbps=8)),
        ("wrong_format", SPOKEN + sounds.mp3(1.0, rate=24_000)),
        ("too_large", sounds.mp3(1.0, kbps=32)),
        ("too_large", bytes(128 * 1024 + 1)),
    ],
)
def test_each_refusal_says_why(code, data):
    assert refused(data).code == code


def test_three_tenths_of_a_second_are_enough():
    assert recording_limits.check(sounds.tagged_mp3(0.3)).duration_seconds == pytest.approx(0.3)


def test_the_whole_128_kib_are_taken():
    long = sounds.mp3(44.5)
    assert len(long) > 128 * 1024
    assert recording_limits.check(long[: 128 * 1024]).duration_seconds == pytest.approx(43.7, abs=0.1)


def test_size_is_checked_before_decoding_and_channels_before_bitrate_and_length():
    assert refused(b"\0" * 200_000).code == "too_large"
    assert refused(sounds.mp3(0.1, channels=2, kbps=64)).code == "wrong_format"
    assert refused(sounds.mp3(0.1, kbps=32)).code == "too_large"


def test_a_refusal_has_a_translatable_text_with_its_values():
    refusal = refused(sounds.mp3(1.0, rate=24_000))
    assert refusal.detail in recording_limits.DETAILS
    assert refusal.detail % refusal.values == str(refusal)
    assert "24000" in str(refusal)


def test_a_compressed_tag_does_not_blow_up():
    bomb = zlib.compress(bytes(40_000_000), 9)
    body = b"TXXX" + bytes(len(bomb) + 4 >> shift & 0x7F for shift in (21, 14, 7, 0)) + b"\0\x09"
    body += (40_000_000).to_bytes(4, "big") + bomb
    tracemalloc.start()
    info = recording_limits.check(id3(len(body), body=body) + SPOKEN)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert info.average_kbps == pytest.approx(24.0)
    assert peak < 5_000_000


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    flips=st.lists(st.tuples(st.integers(0, len(SPOKEN) - 1), st.integers(0, 255)), max_size=60),
    cut=st.integers(0, len(SPOKEN)),
    front=st.binary(max_size=64),
)
def test_hostile_bytes_neither_crash_nor_take_long(flips, cut, front):
    data = bytearray(SPOKEN[:cut])
    for at, value in flips:
        if at < len(data):
            data[at] = value
    begun = time.process_time()
    outcome = checked(front + bytes(data))
    if isinstance(outcome, recording_limits.RecordingRefused):
        assert outcome.code in ("resend_turn", "wrong_format", "too_large")
    else:
        assert 0.3 <= outcome.duration_seconds < 3
    assert time.process_time() - begun < 2, "seconds of the processor, however busy the machine"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000).map(lambda junk: b"\xff\xf3\x38\xc4" + junk))
def test_junk_behind_a_frame_header_never_crashes(data):
    outcome = checked(data)
    assert isinstance(outcome, recording_limits.Mp3Info) or str(outcome)


def test_decoding_gives_pcm_and_its_rate():
    pcm, rate = recording_limits.decode(SPOKEN)
    assert rate == 16_000
    assert len(pcm) / 2 / rate == pytest.approx(2.0, abs=0.12)
    with pytest.raises(recording_limits.RecordingRefused):
        recording_limits.decode(b"no sound")


@pytest.mark.parametrize("name", speech.WORDS)
def test_recorded_speech_is_taken(name):
    assert recording_limits.check(speech.mp3(name)).average_kbps == pytest.approx(24.0)


@pytest.mark.parametrize(
    "front",
    [
        id3_head(100) + b"\0" * 4000,
        id3_head(4000) + b"\0" * 100,
        id3_head(2**27) + b"\0" * 100,
        id3_head(2_000),
        b"ID3\x04\x00\x00\xff\xff\xff\xff" + b"\0" * 40,
        b"ID3\x04\x00\x10" + bytes(4),
        id3(300) + id3(50) + b"\0" * 7,
        b"\x00" * 5_000,
        b"\xff" * 3_000,
        b"\xff\xfb" * 700,
        b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n" * 40,
        "\ufeff".encode(),
        bytes(range(256)) * 20,
        SPOKEN[100:150],
    ],
    ids=lambda front: repr(front[:14]),
)
def test_a_wrong_tag_size_or_leading_bytes_lose_no_sound(front: bytes) -> None:
    info = recording_limits.check(front + SPOKEN)
    assert info.duration_seconds == pytest.approx(recording_limits.check(SPOKEN).duration_seconds, abs=0.08)


def test_leading_bytes_that_look_like_a_frame_header_are_skipped() -> None:
    picture = SPOKEN[:4] + b"\x89PNG" + bytes(900)
    assert recording_limits.check(id3(1_000, body=picture) + SPOKEN).average_kbps == pytest.approx(24.0)


def test_random_bytes_are_no_mp3() -> None:
    noise = random.Random(1)
    for _ in range(20):
        assert refused(noise.randbytes(120_000)).code == "resend_turn"
