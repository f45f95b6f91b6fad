"""Lines that people say in any talk, whatever it is about, and what any persona answers. Independent of Django.

A role brief covers only its own subject. "Are you a robot?", a platitude, an unforeseen insult: these come up in every
scenario and are answered from here, unless the brief has something closer. The lines are data, one file per language,
so that a native speaker can improve them without reading code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from practice.lifecycle import Language

Hostility = Literal["strong", "mild"]


@dataclass(frozen=True)
class CommonLine:
    """`heard`: what a trainee says. `says`: answers, with `{name}` for the persona and `{last}` for their last line.

    `later`: answers once an end criterion is met, when "So that's it?" no longer fits a goodbye.
    """

    heard: Sequence[str]
    says: Sequence[str]
    later: Sequence[str] = ()


@dataclass(frozen=True)
class CommonTalk:
    """`hostile`: hurtful lines, by severity. `calm`: lines that resemble them but hurt nobody.

    The others are answers. `inaudible`, `foreign`, `repeated`: to a turn without words, in another script, or identical
    to the one before. `told`: the persona has already said everything about that; `asked`: the same for a question;
    `settled`: the same where that met an end criterion. `bridges`: before an answer to what was said earlier.
    `unforeseen`: to a line that neither the brief nor any aside covers, by `DialogueAct` or `LineKind`; "back" and
    "backYou" go on after a short question, `{back}`.
    """

    asides: Mapping[str, CommonLine]
    hostile: Mapping[Hostility, Sequence[str]]
    calm: Sequence[str]
    inaudible: Sequence[str]
    foreign: Sequence[str]
    repeated: Sequence[str]
    told: Sequence[str]
    asked: Sequence[str]
    settled: Sequence[str]
    bridges: Sequence[str]
    unforeseen: Mapping[str, Sequence[str]]

    def lines(self) -> list[str]:
        """Every line that a sentence is compared with."""
        heard = [line for aside in self.asides.values() for line in aside.heard]
        return [*heard, *(line for lines in self.hostile.values() for line in lines), *self.calm]


def common_talk(language: str) -> CommonTalk:
    """The common talk of a language, English if it has none."""
    return _read(language if language in Language.values else Language.ENGLISH)


@cache
def _read(language: str) -> CommonTalk:
    told = json.loads((files(__package__) / f"{language}.json").read_text("utf-8"))
    return CommonTalk(**{**told, "asides": {kind: CommonLine(**lines) for kind, lines in told["asides"].items()}})
