"""Finds where somebody speaks in a recording, by loudness alone: for pace and pauses, not for cutting words. Pure.

Frames of 20 ms count as speech if they are clearly above the quietest part of the recording and not far below its
loudest. Breaths between words (under 0.3 s) count as speech; clicks (under 0.08 s) do not.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

FRAME_MS = 20
BREATH_MS = 300
CLICK_MS = 80
ABOVE_FLOOR_DB = 10.0
BELOW_PEAK_DB = 32.0
FAINTEST_DB = -60.0
"""Decibels of full scale: below this nothing is speech, so an empty recording has none."""


@dataclass(frozen=True)
class SpeechActivity:
    """`spans` are (start, end) in milliseconds from the start of the recording, in order, a breath or more apart."""

    duration_ms: int
    spans: tuple[tuple[int, int], ...]

    @property
    def lead_ms(self) -> int:
        """Silence before the first word; the whole recording if nobody speaks."""
        return self.spans[0][0] if self.spans else self.duration_ms

    @property
    def speaking_ms(self) -> int:
        """From the first word to the last, pauses included."""
        return self.spans[-1][1] - self.spans[0][0] if self.spans else 0

    def pauses(self, least_ms: int) -> list[tuple[int, int]]:
        """Silences of at least `least_ms` between words."""
        gaps = [(end, start) for (_, end), (start, _) in zip(self.spans, self.spans[1:], strict=False)]
        return [(start, end) for start, end in gaps if end - start >= least_ms]


def find(pcm: bytes, rate: int) -> SpeechActivity:
    """`pcm` is s16le mono at `rate` Hz."""
    samples = array("h", pcm[: len(pcm) // 2 * 2])
    size = max(1, rate * FRAME_MS // 1000)
    loudness = [_decibels(samples[at : at + size]) for at in range(0, len(samples) - size + 1, size)]
    duration_ms = round(len(samples) * 1000 / rate) if rate else 0
    if not loudness:
        return SpeechActivity(duration_ms, ())
    threshold = _threshold(loudness)
    runs = _runs([one >= threshold for one in loudness])
    joined = _joined(runs, BREATH_MS // FRAME_MS)
    kept = [(start, end) for start, end in joined if (end - start) * FRAME_MS >= CLICK_MS]
    return SpeechActivity(duration_ms, tuple((start * FRAME_MS, end * FRAME_MS) for start, end in kept))


def _decibels(frame: Sequence[int]) -> float:
    """Loudness in decibels of full scale."""
    power = sum(map(mul, frame, frame)) / len(frame)
    return 10 * math.log10(power / 32768**2) if power else -120.0


def _threshold(loudness: Sequence[float]) -> float:
    ordered = sorted(loudness)
    floor, peak = ordered[len(ordered) // 20], ordered[int(len(ordered) * 0.98)]
    # Without pauses the quietest part is speech itself, so only the distance from the loudest counts.
    above = min(floor + ABOVE_FLOOR_DB, peak - ABOVE_FLOOR_DB)
    return max(FAINTEST_DB, above, peak - BELOW_PEAK_DB)


def _runs(speaks: Sequence[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    begun: int | None = None
    for at, one in enumerate([*speaks, False]):
        if one and begun is None:
            begun = at
        elif not one and begun is not None:
            runs.append((begun, at))
            begun = None
    return runs


def _joined(runs: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
