"""Splits a line into the pieces that may show a behaviour, each verbatim. Pure.

Recognised speech often has few full stops, so a long sentence is also cut where a speaker would breathe.
"""

import re
from collections.abc import Iterator, Sequence

from evaluations.transcript import sentences, word_matching
from practice.lifecycle import Language

FEWEST_WORDS = {Language.ENGLISH: 2, Language.CHINESE: 3}
"""A shorter piece shows nothing on its own (“Yes.”, “嗯。”). A Chinese character counts as a word."""
MOST_WORDS = 60
LONG_SENTENCE = {Language.ENGLISH: 11, Language.CHINESE: 13}
"""From this many words on a sentence is also cut into clauses."""
FEWEST_IN_CLAUSE = {Language.ENGLISH: 3, Language.CHINESE: 4}

_BREATH = {
    Language.ENGLISH: re.compile(
        r"[,;:]\s+|\s+(?=(?:and|but|so|because|then|um|uh|well|or|if|since)\s)", re.IGNORECASE
    ),
    Language.CHINESE: re.compile(r"[，,、；：\s]+"),
}

Span = tuple[int, int]


def of(line: str, language: str) -> list[str]:
    """The texts of `spans`."""
    return [line[start:end] for start, end in spans(line, language)]


def spans(line: str, language: str) -> list[Span]:
    """Sentences, pairs of sentences, and the clauses of long ones; each text once, where it is said first."""
    spoken = Language(language)
    sentence_spans = _sentences(line)
    found = [*sentence_spans, *_pairs(sentence_spans)]
    for span in sentence_spans:
        clauses = _clauses(line, span, spoken)
        found += [*clauses, *(_pairs(clauses) if len(clauses) > 2 else [])]
    first: dict[str, Span] = {}
    for start, end in found:
        first.setdefault(line[start:end], (start, end))
    return [
        span for text, span in first.items() if FEWEST_WORDS[spoken] <= len(word_matching.tokens(text)) <= MOST_WORDS
    ]


def whole_sentences(line: str) -> list[str]:
    return [line[start:end] for start, end in _sentences(line)]


def _sentences(line: str) -> list[Span]:
    found: list[Span] = []
    for sentence in sentences.of(line):
        start = line.index(sentence, found[-1][1] if found else 0)
        found.append((start, start + len(sentence)))
    return found


def _pairs(single: Sequence[Span]) -> Iterator[Span]:
    return ((first[0], second[1]) for first, second in zip(single, single[1:], strict=False))


def _clauses(line: str, span: Span, language: Language) -> list[Span]:
    """No clauses for a short sentence, or one that cannot be cut.

    A fragment of a few words stays with its neighbour.
    """
    sentence = line[slice(*span)]
    if len(word_matching.tokens(sentence)) < LONG_SENTENCE[language]:
        return []
    clauses: list[Span] = []
    start = 0
    for cut in [*_BREATH[language].finditer(sentence), None]:
        end = cut.start() if cut else len(sentence)
        size = len(word_matching.tokens(sentence[start:end]))
        if clauses and (size < FEWEST_IN_CLAUSE[language] or _is_scrap(line, clauses[-1], language)):
            clauses[-1] = (clauses[-1][0], span[0] + end)
        elif size:
            clauses.append((span[0] + start, span[0] + end))
        start = cut.end() if cut else end
    return clauses if len(clauses) > 1 else []


def _is_scrap(line: str, span: Span, language: Language) -> bool:
    return len(word_matching.tokens(line[slice(*span)])) < FEWEST_IN_CLAUSE[language]
