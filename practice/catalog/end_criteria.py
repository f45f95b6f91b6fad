"""The endings a scenario wants, as questions that a small local model can answer. Independent of the database.

Such a model says yes to almost every question about how a conversation fails, so we never ask one
(scripts/bench/evaluator.md).
"""

import re
from collections.abc import Sequence

from practice.lifecycle import Language

_HAPPENED: dict[str, str] = {
    Language.ENGLISH: "Did this happen in the conversation: {ending}? Answer Yes or No.",
    Language.CHINESE: "对话中发生了这件事吗：{ending}？回答“是”或“否”。",
}
# The wording that curators are told to use (“It fails if Sam leaves”).
_FAILS = re.compile(r"^(?:it )?fails\b|^失败", re.IGNORECASE)
_FAILS_IF = re.compile(r"^(?:it )?fails(?: if| when|:)\s*|^失败[：:，]?(?:如果)?\s*", re.IGNORECASE)
_TRAINEE = re.compile(r"\bthe trainee\b|练习者", re.IGNORECASE)
_QUOTED_OR_YOU = re.compile(
    r"“[^”]*”|\"[^\"]*\"|‘[^’]*’|「[^」]*」"
    r"|\byou(?P<verb> have| are| were|['’]ve|['’]re)\b|\b(?P<own>your)s?\b|\b(?P<self>yourself)\b|\byou\b|你",
    re.IGNORECASE,
)
_THIRD = {" have": " has", "'ve": " has", "’ve": " has", " are": " is", "'re": " is", "’re": " is", " were": " was"}


def failing(criteria: Sequence[str]) -> list[int]:
    """The numbers, from 1, of the end criteria that describe a failure."""
    return [number for number, criterion in enumerate(criteria, 1) if _FAILS.search(" ".join(criterion.split()))]


def wanted(criteria: Sequence[str]) -> list[int]:
    """The numbers, from 1, of the end criteria that should be met."""
    return [number for number in range(1, len(criteria) + 1) if number not in failing(criteria)]


def what_fails(criterion: str) -> str:
    """The failure that an end criterion names, beside words that say whether it happened.

    >>> what_fails("It fails if Sam leaves.")
    'Sam leaves.'
    """
    named = _FAILS_IF.sub("", " ".join(criterion.split()))
    return named[:1].upper() + named[1:]


def about(criterion: str, trainee: str) -> str:
    """An end criterion for a model: pages call the trainee “you”, models need the name.

    >>> about("You have named the sum, and it was “for you”.", "Kim")
    'Kim has named the sum, and it was “for you”.'
    """

    def named(found: re.Match[str]) -> str:
        if found["self"]:
            return "themselves"
        if found["own"]:
            return f"{trainee}'s"
        if verb := found["verb"]:
            return trainee + _THIRD[verb.lower()]
        return trainee if found[0].lower() in ("you", "你") else found[0]

    return _QUOTED_OR_YOU.sub(named, _TRAINEE.sub(lambda _: trainee, criterion))


def questions(criteria: Sequence[str], language: str, trainee: str) -> dict[int, str]:
    """By number of the end criterion, from 1; those that describe a failure are left out."""
    form = _HAPPENED.get(language, _HAPPENED[Language.ENGLISH])
    endings = {number: " ".join(criteria[number - 1].split()) for number in wanted(criteria)}
    return {number: form.format(ending=about(ending.rstrip(".。"), trainee)) for number, ending in endings.items()}
