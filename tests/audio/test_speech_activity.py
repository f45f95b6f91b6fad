"""Speaking time and pauses are measured in generated recordings, whose true values are known."""

import math
import random
from array import array

import pytest

from coach.audio import encode, recording_limits, speech_activity

RATE = 16_000
WITHIN = 0.05


def silence(seconds: float, noise: float = 30.0) -> list[float]:
    """Room noise without speech."""
    return [random.gauss(0, noise) for _ in range(round(seconds * RATE))]


def speech(seconds: float, loud: float = 6000.0, noise: float = 30.0) -> list[float]:
    """Four syllables a second of changing pitch, with gaps of 60 ms between them."""
    made = []
    for at in range(round(seconds * RATE)):
        moment = at / RATE
        open_mouth = (moment * 4) % 1 < 0.76
        pitch = 120 + 30 * math.sin(moment * 3)
        voice = sum(math.sin(2 * math.pi * pitch * overtone * moment) / overtone for overtone in (1, 2, 3, 5))
        made.append((voice * loud if open_mouth else 0.0) + random.gauss(0, noise))
    return made


def recorded(*parts: list[float]) -> speech_activity.SpeechActivity:
    """The recording after MP3 encoding and decoding, as an upload is measured."""
    samples = array("h", (max(-32768, min(32767, round(one))) for part in parts for one in part))
    sent = encode.to_mp3(samples.tobytes(), RATE)
    pcm, rate = recording_limits.decode(sent)
    return speech_activity.find(pcm, rate)


@pytest.fixture(autouse=True)
def _same_noise_in_every_test() -> None:
    random.seed(7)


@pytest.mark.parametrize("noise", [0.0, 30.0, 250.0], ids=["silent", "quiet room", "noisy room"])
@pytest.mark.parametrize("loud", [1500.0, 8000.0], ids=["soft voice", "loud voice"])
def test_pauses_and_speaking_time_are_right_within_5_percent(noise: float, loud: float) -> None:
    found = recorded(
        silence(0.8, noise),
        speech(3.0, loud, noise),
        silence(1.5, noise),
        speech(2.0, loud, noise),
        silence(0.5, noise),
        speech(2.5, loud, noise),
        silence(2.4, noise),
        speech(1.0, loud, noise),
        silence(1.0, noise),
    )
    pauses = [end - start for start, end in found.pauses(1000)]
    assert len(pauses) == 2
    # A syllable's closing gap of 60 ms belongs to the silence that follows it.
    assert pauses == [pytest.approx(1500 + 60, rel=WITHIN), pytest.approx(2400 + 60, rel=WITHIN)]
    assert found.speaking_ms == pytest.approx(12_900, rel=WITHIN)
    assert found.lead_ms == pytest.approx(800, abs=80)


def test_speech_without_any_pause_is_one_span() -> None:
    found = recorded(speech(6.0))
    assert found.pauses(1000) == []
    assert found.speaking_ms == pytest.approx(6000, rel=WITHIN)


@pytest.mark.parametrize("noise", [0.0, 30.0])
def test_nobody_speaking_is_no_speech(noise: float) -> None:
    found = recorded(silence(3.0, noise))
    assert found.spans == ()
    assert (found.speaking_ms, found.lead_ms) == (0, found.duration_ms)


def test_a_click_is_no_speech() -> None:
    click = [0.0] * 300 + [20_000.0] * 200
    found = recorded(silence(1.0), click, silence(1.0), speech(2.0), silence(0.5))
    assert found.lead_ms == pytest.approx(2030, abs=100)


@pytest.mark.parametrize("pcm", [b"", b"\x00", b"\x00\x01" * 10])
def test_almost_nothing_is_no_speech(pcm: bytes) -> None:
    assert speech_activity.find(pcm, RATE).spans == ()
