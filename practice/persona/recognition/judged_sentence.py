"""A sentence of a trainee's turn with everything it is judged by, and what it may show. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from practice.persona.brief.role_brief import Fact, RoleBrief
from practice.persona.common_talk import Hostility
from practice.persona.recognition.known_facts import FactAsked
from practice.persona.recognition.understood import Recognised
from practice.persona.sentences.dialogue_act import DialogueAct

CERTAIN = 0.8  # a sentence this much like a line of the brief counts as that line, however it sounds


@dataclass(frozen=True)
class RoleContext:
    """What a sentence is judged against. `lines`: what each reaction is compared by; `stated`: reactions none of whose
    `heard` asks, `asked` those all of whose do; `harmless`: those that cost, unlock and end nothing; `happened`: those
    of earlier turns; `told`: the facts that may be told."""

    brief: RoleBrief
    lines: Mapping[str, Sequence[str]]
    language: str
    happened: Collection[str]
    stated: Collection[str]
    asked: Collection[str]
    harmless: Collection[str]
    told: Collection[Fact]


@dataclass(frozen=True)
class SentencePart:
    """A sentence of the turn (`whole`) or a part of one, in plain words.

    `least`: the likeness that it needs to call for a reaction. `only_asked`: whether it is part of a question for what
    or how much. `likeness`: to each reaction, from -1 to 1; `clauses`: the same for each of its clauses. `fact`: the
    nearest fact of the brief, if it asks for something. `aside`: the nearest kind of common talk and how near;
    `asides`: the same for its halves, the last one first. `meant`: how it is meant, `hurtful` its likeness to a hurtful
    line, `calm` whether it is meant well.
    """

    text: str
    whole: bool
    least: float
    question: bool
    only_asked: bool
    act: DialogueAct
    likeness: Mapping[str, float]
    clauses: Sequence[Mapping[str, float]]
    fact: FactAsked | None
    aside: tuple[str, float]
    asides: Sequence[tuple[str, float]]
    calm: bool
    meant: Hostility | Literal["calm"] | None
    hurtful: float

    @property
    def nearest(self) -> str:
        return max(self.likeness, key=lambda key: self.likeness[key])

    @property
    def strength(self) -> float:
        return self.likeness[self.nearest]

    @property
    def certain(self) -> bool:
        return self.strength >= CERTAIN


@dataclass(frozen=True)
class SentenceEvidence:
    """A reaction that the sentence calls for, or a fact that it asks for, and what it says about the aside of the turn:
    None leaves that as it is, "" is none. `weak`: any other evidence for the reaction counts more; the fact is told
    only where nothing else is said."""

    reaction: Recognised | None = None
    aside: str | None = None
    weak: bool = False
    fact: FactAsked | None = None
