"""Shipped behaviours have fitted detectors; those that a curator wrote or changed are judged by their example lines."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evaluations.local import cues, detectors, surroundings
from evaluations.local.surroundings import Surroundings
from evaluations.transcript.conversation import Behaviour
from tests.evaluations.talks import FEEDBACK

SKILLS = json.loads((Path(__file__).parents[2] / "seed-data" / "skills.json").read_text(encoding="utf-8"))
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


def test_a_detector_weighs_vector_cues_and_surroundings() -> None:
    detector = detectors.of(SHIPPED[0])
    assert detector is not None
    assert len(detector.vector_weights) == 384
    assert len(detector.cue_weights) == len(cues.NAMES)
    assert len(detector.surroundings_weights) == surroundings.COUNT
    nothing = detector.odds([0.0] * 384, frozenset(), surroundings.UNKNOWN)
    assert nothing == detector.base
    first = detector.odds([1.0] + [0.0] * 383, frozenset(cues.NAMES[:1]), surroundings.UNKNOWN)
    assert first == pytest.approx(detector.base + detector.vector_weights[0] + detector.cue_weights[0])


def test_surroundings_say_what_a_piece_answers_and_repeats() -> None:
    here = Surroundings("What about your knee?", [1.0, 0.0], [[0.0, 1.0]], first=True, last=False, language="en")
    answers = here.of("My knee hurts.", [1.0, 0.0])
    repeats = here.of("No, thanks.", [0.0, 1.0])
    assert len(answers) == surroundings.COUNT
    assert answers[0] > repeats[0], "more like what was asked"
    assert answers[1] > repeats[1], "in its words"
    assert repeats[2] > answers[2], "like what was said before"
    assert (answers[3], answers[4], answers[5]) == (0.6, -0.3, 0.5)
