"""Detectors: fitted linear models that decide whether a piece of speech shows one behaviour. Pure.

They look at the piece's vector as the turn encoder reads it, within its turn and after the line that it answers.
`scripts/bench/fit_evaluator` fits them and the encoder's layers together and stores them in `detectors.json`. A
detector is valid only for a behaviour with the example lines it was shipped with; if a curator wrote a behaviour or
changed its lines, those decide (`examples.py`). How the behaviour is worded makes no difference.
"""

import base64
import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path
from typing import Any

from evaluations.local.examples import Vector
from evaluations.transcript.conversation import Behaviour

FILE = Path(__file__).with_name("detectors.json")


@dataclass(frozen=True)
class Detector:
    base: float
    weights: Sequence[float]

    def odds(self, vector: Vector) -> float:
        """Log-odds that the piece shows the behaviour; 0 means undecided."""
        return self.base + sum(map(mul, self.weights, vector))


@cache
def layers() -> str:
    """The fingerprint of the encoder's layers that the detectors were fitted with."""
    return str(_stored()["layers"])


def of(behaviour: Behaviour) -> Detector | None:
    """The behaviour's detector; None if its key, kind and example lines are not as shipped."""
    return _fitted().get(fingerprint(behaviour))


def fingerprint(behaviour: Behaviour) -> str:
    """Identical for behaviours that look for the same thing, however they are worded."""
    known = [behaviour.key, str(behaviour.kind), list(behaviour.shown), list(behaviour.not_shown)]
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()[:16]


@cache
def _fitted() -> Mapping[str, Detector]:
    stored = _stored()
    detectors = {key: _detector(entry) for key, entry in stored["detectors"].items()}
    return {mark: detectors[key] for mark, key in stored["behaviours"].items()}


@cache
def _stored() -> Mapping[str, Any]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def _detector(entry: Mapping[str, Any]) -> Detector:
    """Decode a detector from half-precision numbers."""
    stored = base64.b64decode(entry["weights"])
    return Detector(entry["base"], struct.unpack(f"<{len(stored) // 2}e", stored))
