"""Reads the labelled talks of `evaluator-*.json` as conversations, for the evaluator benches. Needs Django set up."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evaluations.conversation import Conversation, Said, of_brief

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "seed-data"
SETS = ("fresh", "heldout-2", "heldout", "tuning")


@dataclass
class Talk:
    scenario: str
    kind: str
    conversation: Conversation
    labels: dict[str, dict[str, list[str]]] = field(default_factory=dict)


def read(name: str, only: str = "") -> Iterator[Talk]:
    """The talks of a set; `only`: parts of names with commas between, such as `raise/good,/bad`."""
    skills = {skill["externalId"]: skill for skill in _records("skills")}
    scenarios = {scenario["externalId"]: scenario for scenario in _records("scenarios")}
    for at, entry in enumerate(entries(name)):
        scenario = scenarios[entry["scenario"]]
        for kind, labels in entry.get("labels", {}).items():
            if not any(word in f"{entry['scenario']}/{kind}" for word in only.split(",")):
                continue
            lines = entry["talks"][kind]
            yield Talk(
                f"{at} {entry['scenario']}", kind, _conversation(scenario, entry["skills"], skills, lines), labels
            )


def entries(name: str) -> list[dict]:
    """A set as it is stored: scenario, skills, talks and labels."""
    return json.loads((HERE / f"evaluator-{name}.json").read_text())


def _conversation(scenario: dict, names: list[str], skills: dict, lines: list[str]) -> Conversation:
    summaries = [{"skillId": name, "name": skills[name]["name"], "rubric": skills[name]["rubric"]} for name in names]
    turns = [Said(at, "trainee" if at % 2 else "ai", line) for at, line in enumerate(lines)]
    return of_brief(
        scenario | {"skillSummaries": summaries},
        language=scenario.get("language", "en"),
        turns=turns,
        behaviours={name: skills[name]["behaviours"] for name in names},
        role_brief=scenario["aiPersona"].get("brief"),
    )


def _records(name: str) -> list[dict]:
    return json.loads((SEEDS / f"{name}.json").read_text())


def sloppy(line: str, language: str, chance: random.Random) -> str:
    """The line as recognition may write it: few full stops, few capitals, fillers."""
    if language == "zh":
        return re.sub(r"[。！；？]", lambda _: chance.choice(["，", "，", " "]), line).rstrip("， ")
    ends = [", ", " and ", " um ", " so ", ", "]
    text = re.sub(r"[.!;:]+(\s|$)", lambda _: chance.choice(ends), line)
    if chance.random() < 0.5:
        text = re.sub(r"\?(\s|$)", ", ", text)
    text = re.sub(r"\s+(?:and|um|so)$", "", text.strip(" ,"))
    return chance.choice(["", "um ", "yeah so ", "well ", "okay ", ""]) + text[:1].lower() + text[1:]
