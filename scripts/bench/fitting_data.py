"""The labelled lines and talks that `fit_evaluator` fits the detectors on."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import labelled_talks

from evaluations.transcript import word_matching
from practice import printed_line
from tests.evaluations.near_misses import NEAR_MISSES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEYED_LINES = ("evaluator-avoid-lines.txt", "evaluator-avoid-lines-2.txt", "evaluator-do-lines.txt")
WEIGHT_HARMLESS = 0.3
"""Weight of a line that shows something to do, as one that shows nothing to avoid."""
GROUPS = (
    ("avoid-2",),
    ("avoid", "order"),
    ("heldout-8", "heldout-7", "benign"),
    ("heldout-4", "heldout-5", "heldout-6"),
    ("fresh", "typed", "heldout-2"),
    ("heldout", "heldout-3"),
)
"""Sets that were held out once and have been looked at since; a group is left out together."""
AS_WHOLES = ("heldout", "heldout-2", "heldout-3")
"""Of these, the sets whose talks are labelled as wholes."""
FITTED_SETS = tuple(name for group in GROUPS for name in group if name not in AS_WHOLES)
NEUTRAL_SKILL = "neutral"
_HAN = re.compile(r"[一-鿿]")
WEIGHT_BESIDE = 0.3
"""Weight of an example line of another behaviour of the same skill."""
WEIGHT_NEUTRAL = 0.7


@dataclass
class Sample:
    """A piece with its labels: `known` maps a behaviour key to (shown, weight)."""

    text: str
    language: str
    known: Mapping[str, tuple[bool, float]]
    answered: str = ""


@dataclass
class Talk:
    scenario: str
    language: str
    counterpart: str
    lines: Sequence[str]
    labels: Mapping[str, tuple[bool, str]]
    """Behaviour key → (shown, kind), without those that readers may see differently."""
    sentences: Sequence[labelled_talks.Labelled] = ()
    """The trainee's sentences in order, where they are labelled one by one."""
    texts: list[str] = field(default_factory=list)
    features: Any = None
    parts: list[frozenset[int]] = field(default_factory=list)
    """The sentences, by place, that each text has words of."""

    def parts_of(self, text: str, at: int) -> frozenset[int]:
        """The places in `sentences` of those that a piece of the line `at` has words of."""
        first = 0
        line: list[int] = []
        words: list[str] = []
        for place, part in enumerate(self.sentences):
            first += bool(place and part.answered != self.sentences[place - 1].answered)
            if first == (at - 1) // 2:
                said = word_matching.tokens(part.text)
                words += said
                line += [place] * len(said)
        piece = word_matching.tokens(text)
        start = next((n for n in range(len(words)) if words[n : n + len(piece)] == piece), None)
        assert start is not None, (text, words)
        return frozenset(line[start : start + len(piece)])


def samples_of(skills: list[dict]) -> Iterator[Sample]:
    keys = {skill["externalId"]: [each["key"] for each in skill["behaviours"]] for skill in skills}
    everything = sorted({key for some in keys.values() for key in some})
    codes: dict[str, str] = {}
    skill_id = ""
    for line in (HERE / "evaluator-lines.txt").read_text().splitlines():
        if line.startswith("## "):
            skill_id, *named = line[3:].split()
            codes = dict(each.split("=") for each in named)
        elif "|" in line and not line.startswith("# "):
            marks, said = line.split("|", 1)
            answered, _, text = said.rpartition(">>")
            language = "zh" if skill_id.startswith("zh-") or "\u4e00" <= text.strip()[0] <= "\u9fff" else "en"
            if skill_id == NEUTRAL_SKILL:
                yield Sample(text.strip(), language, dict.fromkeys(everything, (False, WEIGHT_NEUTRAL)))
            else:
                shown = {codes[mark] for mark in marks.split() if mark != "-"}
                yield Sample(
                    text.strip(), language, {key: (key in shown, 1.0) for key in codes.values()}, answered.strip()
                )
    for skill_id, lines in NEAR_MISSES.items():
        language = "zh" if skill_id.startswith("zh-") else "en"
        for line, allowed in lines:
            yield Sample(line, language, dict.fromkeys(set(keys[skill_id]) - set(allowed.split()), (False, 1.0)))
    for skill in skills:
        language = "zh" if skill["externalId"].startswith("zh-") else "en"
        for each in skill["behaviours"]:
            beside = dict.fromkeys(keys[skill["externalId"]], (False, WEIGHT_BESIDE))
            yield from (Sample(line, language, beside | {each["key"]: (True, 1.0)}) for line in each["shown"])
            yield from (Sample(line, language, {each["key"]: (False, 1.0)}) for line in each["notShown"])


@dataclass(frozen=True)
class KeyedLine:
    """A line about one behaviour: one that shows it, or one that only looks like it."""

    key: str
    shown: bool
    text: str


def keyed_lines() -> Iterator[KeyedLine]:
    """The lines of `evaluator-avoid-lines*.txt` and `evaluator-do-lines.txt`."""
    for name in KEYED_LINES:
        key = ""
        for line in (HERE / name).read_text().splitlines():
            if line.startswith("## "):
                key = line[3:].strip()
            elif line[:2] in ("+ ", "- "):
                yield KeyedLine(key, line[0] == "+", line[2:].rpartition(">>")[2].strip())


def harmless_samples_of(skills: list[dict]) -> Iterator[Sample]:
    """Lines that show something to do: they show nothing to avoid."""
    kinds = {each["key"]: each["kind"] for skill in skills for each in skill["behaviours"]}
    known = {key: (False, WEIGHT_HARMLESS if kind == "avoid" else 0.0) for key, kind in kinds.items()}
    for line in keyed_lines():
        if line.shown and kinds[line.key] == "do":
            yield Sample(line.text, "zh" if _HAN.search(line.text) else "en", known)


def talks_of(skills: list[dict], names: Sequence[str] = ("tuning",)) -> Iterator[tuple[str, Talk]]:
    """The talks of sets labelled as wholes, with their set's name; those of `tuning` also in a sloppy spelling."""
    kinds = {(skill["externalId"], each["key"]): each["kind"] for skill in skills for each in skill["behaviours"]}
    scenarios = {each["externalId"]: each for each in json.loads((ROOT / "seed-data" / "scenarios.json").read_text())}
    chance = random.Random(3)
    for name, entry in ((each, entry) for each in names for entry in labelled_talks.entries(each)):
        scenario = scenarios[entry["scenario"]]
        language = scenario.get("language", "en")
        for kind, labelled in entry["labels"].items():
            labels = {
                key: (key in labelled[skill]["shown"], wanted)
                for (skill, key), wanted in kinds.items()
                if skill in labelled and key not in labelled[skill]["either"]
            }
            lines = entry["talks"][kind]
            sloppy = [
                labelled_talks.sloppy(line, language, chance) if at % 2 else line for at, line in enumerate(lines)
            ]
            counterpart = scenario["aiPersona"]["name"]
            for spelling in (lines, sloppy) if name == "tuning" else (lines,):
                yield name, Talk(entry["scenario"], language, counterpart, _read(spelling, language), labels)


def labelled_sentences_of(skills: list[dict], names: Sequence[str]) -> Iterator[Talk]:
    """The talks of sets whose sentences are labelled one by one."""
    keys = {skill["externalId"]: [each["key"] for each in skill["behaviours"]] for skill in skills}
    kinds = {each["key"]: each["kind"] for skill in skills for each in skill["behaviours"]}
    scenarios = {each["externalId"]: each for each in json.loads((ROOT / "seed-data" / "scenarios.json").read_text())}
    for name in names:
        for parts in labelled_talks.sentences(name):
            scenario = scenarios[parts[0].scenario]
            language = scenario.get("language", "en")
            asked = {key for skill in scenario["skills"] for key in keys[skill]}
            lines: list[str] = []
            for at, part in enumerate(parts):
                if at and part.answered == parts[at - 1].answered:
                    lines[-1] += f" {part.text}"
                else:
                    lines += [part.answered, part.text]
            shown = frozenset[str]().union(*(each.shown for each in parts))
            either = frozenset[str]().union(*(each.either for each in parts)) - shown
            labels = {key: (key in shown, kinds[key]) for key in asked - either}
            counterpart = scenario["aiPersona"]["name"]
            yield Talk(parts[0].scenario, language, counterpart, _read(lines, language), labels, parts)


def _read(lines: Sequence[str], language: str) -> list[str]:
    """The lines as the evaluator reads them: the trainee's are the odd ones."""
    return [printed_line.printed(line, language) if at % 2 else line for at, line in enumerate(lines)]
