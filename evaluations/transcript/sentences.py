"""Splits a line into its sentences, verbatim."""

import re

from evaluations.transcript import word_matching

_END = re.compile(r"(?<=[.!?…])[”\"’']?\s+|(?<=[。！？；…])[”\"]?|\n+")


def of(text: str) -> list[str]:
    """The sentences of `text` that have words in them."""
    return [sentence.strip() for sentence in _END.split(text) if sentence and word_matching.tokens(sentence)]
