"""The labelled lines and talks that `fit_evaluator` fits the turn encoder's layers and the detectors on."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import labelled_talks
from labelled_talks import Labelled

from coach.providers.ports import TurnPieces
from evaluations.local import segments
from evaluations.transcript import word_matching
from practice import printed_line
from tests.evaluations.near_misses import NEAR_MISSES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OFF_TOPIC = "evaluator-off-topic.txt"
KEYED_LINES = ("evaluator-avoid-lines.txt", "evaluator-avoid-lines-2.txt", "evaluator-do-lines.txt")
AS_WHOLES = ("tuning", "heldout", "heldout-2", "heldout-3")
"""Sets whose talks are labelled as wholes; those of the other sets sentence by sentence."""
NEUTRAL_SKILL = "neutral"
_HAN = re.compile(r"[一-鿿]")

ELSEWHERE = 0.05
"""Weight of a line about another skill: it probably does not show the behaviour, but nobody labelled it."""
ELSEWHERE_KEYED = 0.03
"""The same for a line about one behaviour."""
BESIDE = 0.3
"""Weight of an example line of another behaviour of the same skill."""
NEUTRAL = 0.7
PLACES_OF_A_LINE = 3
"""In so many talks a line about something else is said, each time after another line of somebody."""
OPEN_ANYWHERE: Mapping[str, float] = {"asks-openly": 0.5, "follows-up": 0.5}
"""Weights of what a question shows by its form: about something else it is no open question, but not plainly so."""
HARMLESS, LOOK_ALIKE = 0.3, 0.1
"""Weights of lines that show something to do, or only look like a slip, as lines that show nothing to avoid."""
WHOLE_TURN = 0.5
"""Weight of a whole turn beside its sentences."""

Labels = Mapping[str, tuple[bool, float]]
"""Behaviour key → (shown, weight). What is missing counts for nothing."""


@dataclass(frozen=True)
class Bag:
    """Pieces, as (turn, piece) of `FittingData.turns`, of which at least one shows what the bag is labelled with."""

    pieces: Sequence[tuple[int, int]]
    labels: Labels
    source: str


@dataclass
class FittingData:
    keys: Sequence[str]
    turns: list[TurnPieces] = field(default_factory=list)
    bags: list[Bag] = field(default_factory=list)

    def add_turn(self, text: str, answered: str, language: str) -> int:
        spans = segments.spans(text, language) or [(0, len(text))]
        self.turns.append(TurnPieces(text, answered, tuple(spans)))
        return len(self.turns) - 1

    def add_line(self, line: "Line") -> None:
        text = printed_line.printed(line.text, line.language)
        if text.strip():
            self.add_bag(self.pieces_of(self.add_turn(text, line.answered, line.language)), line.labels, "lines")

    def add_bag(self, pieces: Iterable[tuple[int, int]], labels: Labels, source: str) -> None:
        if found := list(pieces):
            self.bags.append(Bag(found, labels, source))

    def pieces_of(self, turn: int) -> Iterator[tuple[int, int]]:
        return ((turn, at) for at in range(len(self.turns[turn].pieces)))


@dataclass(frozen=True)
class Line:
    text: str
    language: str
    labels: Labels
    answered: str = ""


def collected(without: Sequence[str] = ()) -> FittingData:
    """Everything that is labelled, except the sets that measure it and those named in `without`."""
    without = (*labelled_talks.NEVER_FITTED, *without)
    skills = _records("skills")
    kinds = {each["key"]: each["kind"] for skill in skills for each in skill["behaviours"]}
    data = FittingData(sorted(kinds))
    for line in (*_lines(skills), *_keyed_lines(kinds)):
        data.add_line(line)
    for name in (each for each in AS_WHOLES if each not in without):
        _add_whole_talks(data, name)
    asked = _asked(skills)
    for name in (each for each in labelled_talks.SETS if each not in (*AS_WHOLES, *without)):
        for sentences in labelled_talks.sentences(name):
            _add_talk(data, name, sentences, asked)
    _add_lines_elsewhere(data, skills, asked)
    return data


def _lines(skills: Sequence[dict]) -> Iterator[Line]:
    keys = {skill["externalId"]: [each["key"] for each in skill["behaviours"]] for skill in skills}
    everything = sorted({key for some in keys.values() for key in some})

    def labels(known: Labels) -> Labels:
        return {**dict.fromkeys(everything, (False, ELSEWHERE)), **known}

    codes: dict[str, str] = {}
    skill_id = ""
    for row in (HERE / "evaluator-lines.txt").read_text().splitlines():
        if row.startswith("## "):
            skill_id, *named = row[3:].split()
            codes = dict(each.split("=") for each in named)
        elif "|" in row and not row.startswith("# "):
            marks, said = row.split("|", 1)
            answered, _, text = said.rpartition(">>")
            shown = {codes[mark] for mark in marks.split() if mark != "-"} if skill_id != NEUTRAL_SKILL else set()
            known = {key: (key in shown, 1.0) for key in codes.values()}
            if skill_id == NEUTRAL_SKILL:
                known = dict.fromkeys(everything, (False, NEUTRAL))
            yield Line(text.strip(), _language(text), labels(known), answered.strip())
    for skill_id, misses in NEAR_MISSES.items():
        for text, allowed in misses:
            not_shown = set(keys[skill_id]) - set(allowed.split())
            yield Line(text, _language(text), labels(dict.fromkeys(not_shown, (False, 1.0))))
    for skill in skills:
        beside = dict.fromkeys(keys[skill["externalId"]], (False, BESIDE))
        for each in skill["behaviours"]:
            for text in each["shown"]:
                yield Line(text, _language(text), labels({**beside, each["key"]: (True, 1.0)}))
            for text in each["notShown"]:
                yield Line(text, _language(text), labels({each["key"]: (False, 1.0)}))


def _keyed_lines(kinds: Mapping[str, str]) -> Iterator[Line]:
    """Lines about one behaviour: `+` shows it, `-` only looks like it."""
    to_avoid = [key for key, kind in kinds.items() if kind == "avoid"]
    for name in KEYED_LINES:
        key = ""
        for row in (HERE / name).read_text().splitlines():
            if row.startswith("## "):
                key = row[3:].strip()
            elif row[:2] in ("+ ", "- "):
                shown, text = row[0] == "+", row[2:].rpartition(">>")[2].strip()
                known = dict.fromkeys(kinds, (False, ELSEWHERE_KEYED))
                if shown and kinds[key] == "do":
                    known |= dict.fromkeys(to_avoid, (False, HARMLESS))
                elif not shown and kinds[key] == "avoid":
                    known |= dict.fromkeys(to_avoid, (False, LOOK_ALIKE))
                yield Line(text, _language(text), {**known, key: (shown, 1.0)})


def _add_whole_talks(data: FittingData, name: str) -> None:
    """Talks labelled as wholes: one bag each. Those of `tuning` also in a sloppy spelling."""
    of_skill = {skill["externalId"]: [each["key"] for each in skill["behaviours"]] for skill in _records("skills")}
    languages = {each["externalId"]: each.get("language", "en") for each in _records("scenarios")}
    chance = random.Random(3)
    for entry in labelled_talks.entries(name):
        language = languages[entry["scenario"]]
        for kind, labelled in entry["labels"].items():
            labels = {
                key: (key in marks["shown"], 1.0)
                for skill, marks in labelled.items()
                for key in of_skill[skill]
                if key not in marks["either"]
            }
            lines = entry["talks"][kind]
            sloppy = [
                labelled_talks.sloppy(each, language, chance) if at % 2 else each for at, each in enumerate(lines)
            ]
            for spelling in (lines, sloppy) if name == "tuning" else (lines,):
                turns = [
                    data.add_turn(printed_line.printed(spelling[at], language), spelling[at - 1], language)
                    for at in range(1, len(spelling), 2)
                ]
                data.add_bag((each for turn in turns for each in data.pieces_of(turn)), labels, name)


def _add_talk(
    data: FittingData, name: str, said: Sequence[Labelled], asked: Mapping[str, tuple[str, list[str]]]
) -> None:
    """A talk whose sentences are labelled: a bag for each sentence, and one for each turn."""
    language, keys = asked[said[0].scenario]
    for turn in _turns(said):
        text = printed_line.printed(" ".join(each.text for each in turn), language)
        at = data.add_turn(text, turn[0].answered, language)
        owners = _owners(turn, [text[slice(*span)] for span in data.turns[at].pieces])
        for place, sentence in enumerate(turn):
            labels = {key: (key in sentence.shown, 1.0) for key in keys if key not in sentence.either}
            own = [(at, piece) for piece, owner in enumerate(owners) if owner == {place}]
            if not own:  # a sentence that is too short for a piece of its own
                own = [(at, piece) for piece, owner in enumerate(owners) if place in owner]
                labels = {key: value for key, value in labels.items() if value[0]}
            data.add_bag(own, labels, name)
        shown = frozenset[str]().union(*(each.shown for each in turn))
        either = frozenset[str]().union(*(each.either for each in turn)) - shown
        labels = {key: (key in shown, WHOLE_TURN) for key in keys if key not in either}
        data.add_bag(data.pieces_of(at), labels, name)


def _add_lines_elsewhere(data: FittingData, skills: Sequence[dict], asked: Mapping[str, tuple[str, list[str]]]) -> None:
    """Lines about something else, and near misses, as said in a talk: after a line of the other person."""
    lines_of: dict[str, list[str]] = {}
    for name in labelled_talks.WRITERS:
        for talk in labelled_talks.sentences(name):
            lines_of.setdefault(talk[0].scenario, []).extend(dict.fromkeys(each.answered for each in talk))
    of_skill = {each["externalId"]: set(each["skills"]) for each in _records("scenarios")}
    chance = random.Random(5)
    for text in filter(None, map(str.strip, (HERE / OFF_TOPIC).read_text().splitlines())):
        fitting = [scenario for scenario in sorted(lines_of) if asked[scenario][0] == _language(text)]
        for scenario in chance.sample(fitting, PLACES_OF_A_LINE):
            labels = {key: (False, OPEN_ANYWHERE.get(key, 1.0)) for key in asked[scenario][1]}
            data.add_line(Line(text, _language(text), labels, chance.choice(lines_of[scenario])))
    keys = {skill["externalId"]: [each["key"] for each in skill["behaviours"]] for skill in skills}
    for skill_id, misses in NEAR_MISSES.items():
        fitting = [scenario for scenario in sorted(lines_of) if skill_id in of_skill[scenario]]
        for text, allowed in misses:
            labels = {key: (False, 1.0) for key in keys[skill_id] if key not in allowed.split()}
            answered = chance.choice(lines_of[chance.choice(fitting)])
            data.add_line(Line(text, _language(text), labels, answered))


def _turns(said: Sequence[Labelled]) -> Iterator[list[Labelled]]:
    return (list(turn) for _, turn in groupby(said, key=lambda each: each.turn))


def _owners(turn: Sequence[Labelled], pieces: Sequence[str]) -> list[set[int]]:
    """For each piece the places of the labelled sentences that it has words of."""
    words: list[str] = []
    place_of: list[int] = []
    for place, each in enumerate(turn):
        said = word_matching.tokens(each.text)
        words += said
        place_of += [place] * len(said)
    found = []
    for piece in pieces:
        own = word_matching.tokens(piece)
        start = next((at for at in range(len(words)) if words[at : at + len(own)] == own), None)
        found.append(set() if start is None else set(place_of[start : start + len(own)]))
    return found


def _asked(skills: Sequence[dict]) -> dict[str, tuple[str, list[str]]]:
    """Of each scenario its language and the keys that are looked at."""
    keys = {skill["externalId"]: [each["key"] for each in skill["behaviours"]] for skill in skills}
    return {
        each["externalId"]: (
            each.get("language", "en"),
            sorted({key for skill in each["skills"] for key in keys[skill]}),
        )
        for each in _records("scenarios")
    }


def _language(text: str) -> str:
    return "zh" if _HAN.search(text) else "en"


def _records(name: str) -> list[dict]:
    return json.loads((ROOT / "seed-data" / f"{name}.json").read_text())
