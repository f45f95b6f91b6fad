"""Splits a line into its sentences, verbatim, and joins sentences."""

import re
from collections.abc import Iterable

from evaluations.transcript import word_matching
from practice.lifecycle import Language

_END = re.compile(r"(?<=[.!?…])[”\"’']?\s+|(?<=[。！？；…])[”\"]?|\n+")


def of(text: str) -> list[str]:
    """The sentences of `text` that have words in them."""
    return [sentence.strip() for sentence in _END.split(text) if sentence and word_matching.tokens(sentence)]


def joined(parts: Iterable[str], language: str) -> str:
    """Those of the sentences that are not empty, as one text: Chinese ones without spaces between them."""
    return ("" if language == Language.CHINESE else " ").join(filter(None, parts))
