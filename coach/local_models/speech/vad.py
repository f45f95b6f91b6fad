"""Finds where somebody speaks in a recording, cut at pauses.

A cut never depends on what comes later: when a recording grows, every stretch but the last stays the same, to the
sample. So its transcript can be cached.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coach.local_models.speech.audio_input import ASR_RATE

WINDOW = 512  # samples per window, as in the detector's training
SPEECH, SILENCE = 0.5, 0.35  # probabilities: speech begins above the first and continues until below the second
PAUSE = 11  # windows without speech that end a stretch: 0.35 s
MARGIN = 5  # windows kept around speech: 0.16 s
SHORTEST = 3  # windows; less is a click
LONGEST = 440  # windows: 14 s, as in the recognisers' training


@dataclass(frozen=True)
class Stretch:
    """Samples `start` to `end`; `over` if silence follows, so these words are complete as far as we can tell."""

    start: int
    end: int
    over: bool


def stretches(sound: NDArray[np.float32], shortest_seconds: float = 0.0) -> list[Stretch]:
    """The stretches of speech in 16 kHz mono samples; empty if nobody speaks.

    A pause ends a stretch only after `shortest_seconds`: some recognisers take as long for a word as for a sentence.
    """
    from faster_whisper.vad import get_vad_model

    if not len(sound):
        return []
    padded = np.pad(sound, (0, -len(sound) % WINDOW))
    likely = np.asarray(get_vad_model()(padded), np.float32).reshape(-1)
    least = round(shortest_seconds * ASR_RATE / WINDOW)
    found = cuts(likely.tolist(), least)
    begun, ended = {begin for begin, _ in found}, {end for _, end in found}
    return [
        Stretch(
            start=(begin if begin in ended else max(0, begin - MARGIN)) * WINDOW,
            end=min(len(sound), (end if end in begun else end + MARGIN) * WINDOW),
            over=(end if end in begun else end + MARGIN) * WINDOW <= len(sound),
        )
        for begin, end in found
    ]


def cuts(likely: Sequence[float], least: int = 0) -> list[tuple[int, int]]:
    """Ranges of windows with speech (end exclusive), given the probability of speech in each window."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    last = 0  # one after the last window with speech
    for at, chance in enumerate(likely):
        if begin is None:
            if chance >= SPEECH:
                begin, last = at, at + 1
        elif chance >= SILENCE:
            last = at + 1
        if begin is None:
            continue
        if at + 1 - last >= PAUSE and (last - begin >= max(least, SHORTEST) or last - begin < SHORTEST):
            if last - begin >= SHORTEST:
                found.append((begin, last))
            begin = None
        elif at + 1 - begin >= LONGEST:
            # Cut at the quietest moment of the second half; the rest begins the next stretch.
            half = begin + LONGEST // 2
            cut = min(range(half, at + 1), key=lambda one: likely[one])
            found.append((begin, cut))
            begin = cut
    if begin is not None and last - begin >= SHORTEST:
        found.append((begin, last))
    return found
