"""Cuts a turn into what is compared with the lines of a brief: sentences, clauses, halves, pairs. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

from practice.persona.plain_words import plain

LONG_WORDS, LONG_HAN = 12, 16

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*")
_CLAUSE = re.compile(
    r"[,;:，；：]\s*(?:and |but |so |because )?|\s+(?:but|because|so that|and then)\s+"
    r"|\s+and\s+(?=(?:i|you|he|she|we|they|it|there)\b)",
    re.IGNORECASE,
)
# Where a new thought begins in talk that is typed or recognised without stops: "its over elliot i dont want to go on".
_RUN_ON = re.compile(
    r"[,;:]\s*|\s+(?:but|because|so|and then|and)\s+(?=(?:i|you|he|she|we|they|it|its|there|what|how|could|can)\b)"
    r"|\s+(?=(?:i|im|ive|id|ill|its|thats|youre|we|lets|what|how|why|could|can|would|please|no|yes|sorry)\b)",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of a turn.

    >>> sentences("I know. What is in the way?")
    ['I know.', 'What is in the way?']
    """
    return [sentence for found in _SENTENCE.findall(text) if re.search(r"\w", sentence := found.strip())]


def clauses(sentence: str) -> list[str]:
    """The clauses of a long sentence that could stand alone; none for a short one.

    >>> clauses("The export was late again, and Lena had to build all the figures by hand.")
    ['The export was late again', 'Lena had to build all the figures by hand.']
    >>> clauses("its over elliot i dont want to go on i thought about it for months")
    ['its over elliot i dont want to go on', 'i thought about it for months']
    """
    long = len(re.findall(r"[\u4e00-\u9fff]", sentence)) > LONG_HAN or len(sentence.split()) > LONG_WORDS
    found = [piece.strip() for piece in _CLAUSE.split(sentence)] if long else []
    if long and len(found) == 1:
        found = _thoughts(sentence)
    return [piece for piece in found if len(piece.split()) > 3 or len(re.findall(r"[\u4e00-\u9fff]", piece)) > 4]


def _thoughts(sentence: str) -> list[str]:
    """The parts of a sentence without stops, each of more than three words."""
    found: list[str] = []
    for piece in _RUN_ON.split(sentence):
        if found and len(found[-1].split()) <= 3:
            found[-1] += f" {piece.strip()}"
        else:
            found.append(piece.strip())
    return found


def halves(sentence: str, language: str) -> list[str]:
    """The parts between its commas, as sentences; none without commas."""
    found = [half.strip() for half in re.split(r"[,，;；]", sentence)]
    whole = [half for half in found if " " in half or len(_HAN.findall(half)) > 1 or half.isascii()]
    return [each for half in whole if (each := plain(half, language))] if len(found) > 1 else []


def pairs(said: Sequence[str]) -> list[str]:
    """Every two short sentences in a row: a thought may need both.

    >>> pairs(["It's the money from March.", "I need it back."])
    ["It's the money from March. I need it back."]
    """
    return [f"{first} {second}" for first, second in pairwise(said) if _is_short(first) and _is_short(second)]


def _is_short(sentence: str) -> bool:
    return len(sentence.split()) <= LONG_WORDS and len(_HAN.findall(sentence)) <= LONG_HAN
