"""Finds the words of an example line that belong to another story than this conversation. Pure.

“Then we've got two things, the test on Monday and no driving until then” sums up well, and in a talk about late reports
only confuses. `plain_words.json`: words of any talk (for Chinese: characters), found in most shipped scenarios, without
the things, people, places, figures and times among them. Every other word must be of this conversation.
"""

import json
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from evaluations.transcript import word_matching

FILE = Path(__file__).with_name("plain_words.json")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|e|d)$")


def foreign_words(line: str, known: Collection[str], language: str) -> list[str]:
    """The words of `line` that are neither plain nor `known`, as `word_matching.tokens` gives them."""
    plain = _plain().get(language, frozenset()) | _stems(known)
    return [word for word in dict.fromkeys(word_matching.tokens(line)) if _stem(word) not in plain]


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


def _stems(words: Collection[str]) -> frozenset[str]:
    return frozenset(map(_stem, words))


@cache
def _plain() -> dict[str, frozenset[str]]:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    return {language: _stems(word_matching.tokens(" ".join(words))) for language, words in stored.items()}
