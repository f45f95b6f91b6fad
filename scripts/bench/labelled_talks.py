"""Reads the labelled talks of `evaluator-*` as conversations, for the evaluator benches. Needs Django set up.

`.json`: whole talks with their labels. `.txt`: talks whose lines are labelled one by one:

    # scenario kind           good, mixed or bad; several talks of one scenario follow each other
    > the other person's line
    a trainee's sentence | keys of the behaviours that it shows, ~key where readers may differ
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evaluations.transcript.conversation import Conversation, Said, of_brief

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "seed-data"
WRITERS = tuple(f"writer-{number}" for number in range(1, 42))
"""Talks written to be fitted on, each set by another writer; some are moments that do not follow from one another."""
NEVER_FITTED = (
    "heldout-13",
    "redo-13",
    "heldout-12",
    "redo-12",
    "heldout-11",
    "redo-11",
    "heldout-10",
    "heldout-9",
    "avoid-2",
    "order",
    "heldout-8",
)
"""Talks that what ships was not trained on. Bounds and words were chosen with all but the first two in view."""
SETS = (
    *NEVER_FITTED,
    "fresh",
    "benign",
    "typed",
    "avoid",
    "heldout-7",
    "heldout-6",
    "heldout-5",
    "heldout-4",
    "heldout-3",
    "heldout-2",
    "heldout",
    "tuning",
    *WRITERS,
)


@dataclass
class Talk:
    scenario: str
    kind: str
    conversation: Conversation
    labels: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    sentences: list["Labelled"] = field(default_factory=list)
    """The trainee's sentences in order, where they are labelled one by one."""


@dataclass(frozen=True)
class Labelled:
    """A trainee's sentence: the behaviours it shows, those it may show, and what the other person said before it.

    Sentences of one `turn`, counted from 1 in each talk, were said in one go.
    """

    scenario: str
    kind: str
    turn: int
    answered: str
    text: str
    shown: frozenset[str]
    either: frozenset[str]


def read(name: str, only: str = "") -> Iterator[Talk]:
    """The talks of a set; `only`: parts of names with commas between, such as `raise/good,/bad`."""
    skills = {skill["externalId"]: skill for skill in _records("skills")}
    scenarios = {scenario["externalId"]: scenario for scenario in _records("scenarios")}
    for at, entry in enumerate(entries(name)):
        scenario = scenarios[entry["scenario"]]
        parts = entry.get("sentences", {})
        for kind, labels in entry.get("labels", {}).items():
            if not any(word in f"{entry['scenario']}/{kind}" for word in only.split(",")):
                continue
            lines = entry["talks"][kind]
            conversation = _conversation(scenario, entry["skills"], skills, lines)
            yield Talk(f"{at} {entry['scenario']}", kind, conversation, labels, parts.get(kind, []))


def entries(name: str) -> list[dict]:
    """A set's scenarios, skills, talks and labels; the good, mixed and bad talk of one scenario together."""
    if (file := HERE / f"evaluator-{name}.json").exists():
        return json.loads(file.read_text())
    known = {scenario["externalId"]: scenario["skills"] for scenario in _records("scenarios")}
    keys = {skill["externalId"]: {each["key"] for each in skill["behaviours"]} for skill in _records("skills")}
    found: list[dict] = []
    for parts in sentences(name):
        entry = _entry(known[parts[0].scenario], keys, parts)
        if (
            found
            and found[-1]["scenario"] == entry["scenario"]
            and not entry["talks"].keys() & found[-1]["talks"].keys()
        ):
            for part in ("talks", "labels", "sentences"):
                found[-1][part] |= entry[part]
        else:
            found.append(entry)
    return found


def sentences(name: str) -> Iterator[list[Labelled]]:
    """The talks of a set whose lines are labelled one by one."""
    for talk in re.split(r"^# ", (HERE / f"evaluator-{name}.txt").read_text(), flags=re.MULTILINE)[1:]:
        head, *lines = talk.strip().splitlines()
        scenario, _, kind = head.strip().partition(" ")
        turn, answered, found = 0, "", []
        for line in filter(None, map(str.strip, lines)):
            if line.startswith(">"):
                turn, answered = turn + 1, line[1:].strip()
                continue
            text, _, marks = line.partition("|")
            shown = frozenset(mark for mark in marks.split() if not mark.startswith("~"))
            either = frozenset(mark[1:] for mark in marks.split() if mark.startswith("~"))
            found.append(Labelled(scenario, kind or "natural", turn, answered, text.strip(), shown, either - shown))
        yield found


def _entry(skills: list[str], keys: dict[str, set[str]], parts: list[Labelled]) -> dict:
    """Join `parts` into one talk, which shows every behaviour that any part shows."""
    turns: list[str] = []
    for at, each in enumerate(parts):
        if at and each.turn == parts[at - 1].turn:
            turns[-1] += f" {each.text}"
        else:
            turns += [each.answered, each.text]
    shown = frozenset[str]().union(*(each.shown for each in parts))
    either = frozenset[str]().union(*(each.either for each in parts)) - shown
    assert shown | either <= set().union(*(keys[skill] for skill in skills)), (parts[0].scenario, shown | either)
    labels = {skill: {"shown": sorted(shown & keys[skill]), "either": sorted(either & keys[skill])} for skill in skills}
    kind = parts[0].kind
    by_kind = {"talks": {kind: turns}, "labels": {kind: labels}, "sentences": {kind: parts}}
    return {"scenario": parts[0].scenario, "skills": skills, **by_kind}


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
    """The line as speech recognition might write it: few full stops and capitals, with fillers."""
    if language == "zh":
        return re.sub(r"[。！；？]", lambda _: chance.choice(["，", "，", " "]), line).rstrip("， ")
    ends = [", ", " and ", " um ", " so ", ", "]
    text = re.sub(r"[.!;:]+(\s|$)", lambda _: chance.choice(ends), line)
    if chance.random() < 0.5:
        text = re.sub(r"\?(\s|$)", ", ", text)
    text = re.sub(r"\s+(?:and|um|so)$", "", text.strip(" ,"))
    return chance.choice(["", "um ", "yeah so ", "well ", "okay ", ""]) + text[:1].lower() + text[1:]
