"""Rubric anchors are found in every form that curators write them."""

import json
from pathlib import Path

import pytest

from practice.catalog import rubric

ANCHORS = {1: "Interrupts.", 3: "Waits.", 5: "Says back what was meant."}


@pytest.mark.parametrize(
    "text",
    [
        "1: Interrupts.\n3: Waits.\n5: Says back what was meant.",
        "1: Interrupts. 3: Waits. 5: Says back what was meant.",
        "1 - Interrupts.\n3 - Waits.\n5 - Says back what was meant.",
        "- 1) Interrupts.\n- 3) Waits.\n- 5) Says back what was meant.",
        "1：Interrupts.\n3：Waits.\n5：Says back what was meant.",
        "Level 1: Interrupts.\nLevel 3: Waits.\nLevel 5: Says back what was meant.",
    ],
)
def test_each_way_of_writing_gives_the_same_anchors(text: str) -> None:
    assert rubric.parse(text).anchors == ANCHORS


def test_chinese_anchors() -> None:
    found = rubric.parse("1：打断对方。3：等对方说完。5：复述对方的意思。")
    assert found.anchors == {1: "打断对方。", 3: "等对方说完。", 5: "复述对方的意思。"}


def test_a_number_inside_an_anchor_does_not_start_another() -> None:
    found = rubric.parse("1: Names 3 faults. Goes on for 5 minutes.\n3: Names one.\n5: Names one and a wish.")
    assert found.anchors[1] == "Names 3 faults. Goes on for 5 minutes."


def test_words_before_the_anchors_are_kept() -> None:
    assert rubric.parse("How well do they listen?\n1: Not.\n5: Fully.").preamble == "How well do they listen?"


@pytest.mark.parametrize("text", ["", "Listens well.", "3: only one anchor", "5: backwards 1: order"])
def test_a_text_without_anchors_is_all_preamble(text: str) -> None:
    found = rubric.parse(text)
    assert (found.preamble, found.anchors) == (text, {})


def test_a_rating_between_two_anchors_names_both() -> None:
    found = rubric.parse("1: Interrupts.\n3: Waits.\n5: Says back.")
    assert found.at(3) == "Waits."
    assert (found.at(4), found.around(4)) == ("", ((3, "Waits."), (5, "Says back.")))


def test_every_rubric_of_the_shipped_library_has_its_three_anchors() -> None:
    skills = json.loads(Path("seed-data/skills.json").read_text())
    records = skills if isinstance(skills, list) else skills["skills"]
    assert all(list(rubric.parse(skill["rubric"]).anchors) == [1, 3, 5] for skill in records)
