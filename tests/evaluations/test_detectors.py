"""Shipped behaviours have fitted detectors; those that a curator wrote or changed are judged by their example lines."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from evaluations.local import detectors
from evaluations.transcript.conversation import Behaviour
from tests.evaluations.talks import FEEDBACK

ROOT = Path(__file__).parents[2]
SKILLS = json.loads((ROOT / "seed-data" / "skills.json").read_text(encoding="utf-8"))
SHIPPED = [
    Behaviour(each["key"], each["text"], each["kind"], tuple(each["shown"]), tuple(each["notShown"]))
    for skill in SKILLS
    for each in skill["behaviours"]
]


def test_every_shipped_behaviour_has_a_detector() -> None:
    missing = [each.key for each in SHIPPED if detectors.of(each) is None]
    assert not missing, "seed-data/skills.json changed: run scripts/bench/fit_evaluator"


@pytest.mark.parametrize(
    "changed",
    [
        replace(SHIPPED[0], shown=(*SHIPPED[0].shown, "It was on Monday.")),
        replace(SHIPPED[0], not_shown=()),
        replace(SHIPPED[0], kind="avoid"),
        *FEEDBACK.behaviours,
    ],
)
def test_a_behaviour_whose_lines_a_curator_wrote_or_changed_has_none(changed: Behaviour) -> None:
    assert detectors.of(changed) is None


def test_a_behaviour_that_a_curator_only_rewords_keeps_its_detector() -> None:
    assert detectors.of(replace(SHIPPED[0], text="Name the day and the event")) is detectors.of(SHIPPED[0])


def test_a_detector_weighs_the_vector_of_a_piece_in_its_turn() -> None:
    detector = detectors.of(SHIPPED[0])
    assert detector is not None
    assert len(detector.weights) == 768
    assert detector.odds([0.0] * 768) == detector.base
    assert detector.odds([1.0] + [0.0] * 767) == pytest.approx(detector.base + detector.weights[0])


def test_the_detectors_were_fitted_with_the_layers_that_ship() -> None:
    shipped = hashlib.sha256((ROOT / "coach/local_models/sentence_vectors/turn_layers.npz").read_bytes()).hexdigest()
    assert detectors.layers() == shipped[:16]
