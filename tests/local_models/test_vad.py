"""Where a recording is cut into stretches for recognition."""

import numpy as np
import pytest

from coach.local_models.speech.audio_input import ASR_RATE
from coach.local_models.speech.vad import LONGEST, PAUSE, cuts, stretches

SPOKEN, SILENT = [0.9], [0.01]


def test_speech_is_cut_at_pauses_and_not_at_breaths() -> None:
    breath, pause = SILENT * (PAUSE - 1), SILENT * PAUSE
    assert cuts(SILENT * 4 + SPOKEN * 20 + breath + SPOKEN * 10 + pause + SPOKEN * 30) == [
        (4, 34 + len(breath)),
        (55, 85),
    ]


def test_an_early_pause_does_not_end_a_stretch_if_recognition_is_slow() -> None:
    assert cuts(SPOKEN * 20 + SILENT * 30 + SPOKEN * 20 + SILENT * 30, least=40) == [(0, 70)]


def test_a_click_is_not_speech() -> None:
    assert cuts(SILENT * 5 + SPOKEN * 2 + SILENT * 40) == []


def test_as_a_recording_grows_only_its_last_stretch_changes() -> None:
    likely = (SPOKEN * 30 + SILENT * 15 + SPOKEN * 60 + SILENT * 5 + SPOKEN * 40 + SILENT * 30) * 3
    whole = cuts(likely)
    for length in range(1, len(likely)):
        assert cuts(likely[:length])[:-1] == whole[: max(0, len(cuts(likely[:length])) - 1)]


def test_speech_without_pauses_is_cut_at_the_quietest_moment() -> None:
    likely = SPOKEN * (LONGEST - 50) + [0.4] + SPOKEN * 200
    assert cuts(likely) == [(0, LONGEST - 50), (LONGEST - 50, LONGEST + 151)]


@pytest.mark.models
@pytest.mark.parametrize("loud", [0.0, 0.01, 0.05])
def test_silence_and_noise_contain_no_speech(loud: float) -> None:
    noise = np.random.default_rng(7).normal(0, loud, 3 * ASR_RATE) if loud else np.zeros(3 * ASR_RATE)
    assert stretches(noise.astype(np.float32)) == []
