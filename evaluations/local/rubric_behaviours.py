"""Derives behaviours for a skill without any: the parts of its best anchor, with the examples given there. Pure."""

import re
from dataclasses import replace

from evaluations.transcript.conversation import Behaviour, RatedSkill
from practice.catalog import rubric
from practice.catalog.behaviours import BehaviourKind

# An example of something to say, in brackets in an anchor.
_EXAMPLE = re.compile(r"\s*[(（]\s*[“\"「]([^()（）]*?)[”\"」][^()（）]*[)）]")
_PART = re.compile(r"[;；]\s*|[，,]\s*(?=(?:and |or |but )?[a-z]+s\b)|[，,](?=[\u4e00-\u9fff])")
_JOINING = re.compile(r"^(?:and|or|but|then)\s+|^(?:并且|而且|并|且)")
PARTS_MAX = 6


def with_behaviours(skill: RatedSkill) -> RatedSkill:
    """Add derived behaviours; a skill that has its own is returned unchanged."""
    if skill.behaviours:
        return skill
    anchors = rubric.parse(skill.rubric).anchors
    best, worst = (anchors[max(anchors)], anchors[min(anchors)]) if anchors else (skill.rubric or skill.name, "")
    not_shown = tuple(_examples(worst))
    parts = [_JOINING.sub("", part.strip()) for part in _PART.split(_EXAMPLE.sub("", best).rstrip(".。 "))]
    named = [part for part in parts if part][:PARTS_MAX]
    return replace(
        skill,
        behaviours=tuple(
            Behaviour(f"part-{number}", part, BehaviourKind.DO, (part, *_examples(best)), not_shown)
            for number, part in enumerate(named, 1)
        ),
    )


def _examples(anchor: str) -> list[str]:
    return [found.strip() for found in _EXAMPLE.findall(anchor) if found.strip()]
