"""Detectors: fitted linear models that decide whether a piece of speech shows one behaviour. Pure.

`scripts/bench/fit_evaluator` fits them on labelled lines and talks and stores them in `detectors.json`. A detector is
valid only for a behaviour with the example lines it was shipped with; if a curator wrote a behaviour or changed its
lines, those decide (`examples.py`). How the behaviour is worded makes no difference.
"""

import base64
import hashlib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path
from typing import Any

from evaluations.local import cues
from evaluations.local.examples import Vector
from evaluations.transcript.conversation import Behaviour

FILE = Path(__file__).with_name("detectors.json")


@dataclass(frozen=True)
class Detector:
    """`cue_weights` in the order of `cues.NAMES`; `vector_weights` for the multilingual encoder."""

    base: float
    vector_weights: Sequence[float]
    cue_weights: Sequence[float]
    surroundings_weights: Sequence[float]

    def odds(self, vector: Vector, found: frozenset[str], surroundings: Sequence[float]) -> float:
        """Log-odds that the piece shows the behaviour; 0 means undecided."""
        by_cues = sum(weight for name, weight in zip(cues.NAMES, self.cue_weights, strict=True) if name in found)
        around = sum(map(mul, self.surroundings_weights, surroundings))
        return self.base + sum(map(mul, self.vector_weights, vector)) + by_cues + around


def of(behaviour: Behaviour) -> Detector | None:
    """The behaviour's detector; None if its key, kind and example lines are not as shipped."""
    return _fitted().get(fingerprint(behaviour))


def fingerprint(behaviour: Behaviour) -> str:
    """Identical for behaviours that look for the same thing, however they are worded."""
    known = [behaviour.key, str(behaviour.kind), list(behaviour.shown), list(behaviour.not_shown)]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()[:16]


@cache
def _fitted() -> Mapping[str, Detector]:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    if stored["cues"] != list(cues.NAMES):
        raise ValueError("The detectors were fitted for other cues: run scripts/bench/fit_evaluator")
    detectors = {key: _detector(entry, len(cues.NAMES)) for key, entry in stored["detectors"].items()}
    return {mark: detectors[key] for mark, key in stored["behaviours"].items()}


def _detector(entry: Mapping[str, Any], cue_count: int) -> Detector:
    """Decode a detector from bytes of -127 to 127 in steps of `step`: vector, cues, surroundings."""
    weights = [each * entry["step"] for each in array("b", base64.b64decode(entry["weights"]))]
    size = entry["vector"]
    return Detector(entry["base"], weights[:size], weights[size : size + cue_count], weights[size + cue_count :])
