"""Which kind of common talk a sentence is, and whether it hurts. Free of the database."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal

from practice.persona.common_talk import CommonTalk, Hostility, common_talk
from practice.persona.hostility.aimed_words import may_be_aimed
from practice.persona.hostility.meant_to_hurt import by_likeness, by_words
from practice.persona.recognition.common_words import has_words_of
from practice.persona.sentences.asked_for import GROUPS_KEPT
from practice.persona.sentences.dialogue_act import LINES_KEPT, QUESTIONS, act, asks
from practice.persona.sentences.likeness import Likenesses, overall

OTHERWISE_PUT = 0.08  # a sentence is so much less like a reaction none of whose lines has its form
SELDOM_PUT, SELDOM = 0.04, 0.25  # the same where so small a share of the lines has it
MISTAKEN_LEAST = {
    "identity": 0.62,
    "orders": 0.62,
    "feelings": 0.7,
    "closing": 0.66,
    "accused": 0.66,
    "your-turn": 0.66,
    "apology": 0.62,
    "refusal": 0.76,
    "stop": 0.64,
    "again": 0.7,
    "what-now": 0.62,
    "bad-line": 0.6,
    "comfort": 0.68,
    "hospitality": 0.62,
    "serves": 0.7,
    "recording": 0.6,
    "lost-thread": 0.6,
    "which-one": 0.74,
    "where-how-much": 0.62,
    "distraction": 0.58,
    "maybe-later": 0.58,
    "changed-mind": 0.58,
    "partly": 0.66,
    "goodbye": 0.72,
    "not-knowing": 0.68,
    "hurry": 0.68,
    "joke": 0.66,
    "favour": 0.66,
    "evasive": 0.66,
    "what-is-it": 0.66,
    "pace": 0.66,
    "told-by-others": 0.66,
    "deserving": 0.66,
    "memories": 0.66,
    "why-did-you": 0.6,
    "would-mind": 0.62,
    "bad-news": 0.6,
    "agreeing": 0.6,
    "forgiving": 0.68,
    "follows": 0.62,
    "own-news": 0.64,
    "listening": 0.62,
}  # kinds of common talk whose answer is odd if they were not meant
AS_NEAR = 0.05
"""A kind of common talk whose words are missing gives way to one that is less near by at most this much."""
SHORT_WORDS, SHORT_HAN = 3, 4

_TAGGED = re.compile(
    r"(?:\bright|\bokay|\bok|n['’]t (?:it|you(?: think)?|he|she|they|we)|是吧|对吧|好吧|对不对)\s*[?？]*$",
    re.IGNORECASE,
)
_YOU = re.compile(r"\b(?:you|yours|yourself)\b|[你您]", re.IGNORECASE)
_OWN_OFFER = re.compile(
    r"^(?:so |and |but )*(?:i|we)(?: can| could|['’]ll| will|['’]d) (?!.*\byou\b)\w+", re.IGNORECASE
)
"""Somebody says what they will do themselves, and nothing about the other one: "I can show whoever comes." """
_EVER = re.compile(
    r"\bhave you ever (?:had|been|felt|heard|seen|met|known)\b|\b(?:has|did|had) any(?:one|body) ever\b"
    r"|(?:有没有人|有人)[^。？]{0,8}过[你您]|[你您](?:以前|当年|从前)?(?:有没有)?被[^。？]{1,8}过",
    re.IGNORECASE,
)
"""Asks what somebody has lived through: "Have you ever had someone talk to you like that?" """
_GUESSED = re.compile(r"吧[。！？?]*$")
"""Supposes: 你这阵子不好过吧."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def is_question(sentence: str, language: str) -> bool:
    """Whether it asks; a statement with "right?" behind it does not."""
    return asks(sentence, language) and not _TAGGED.search(sentence)


Form = Literal["question", "request", "statement"]
FITS: Mapping[Form, frozenset[Form]] = {
    "question": frozenset({"question"}),
    "request": frozenset({"request", "question"}),
    "statement": frozenset({"statement", "request"}),
}
"""The forms of the lines that a sentence of each form goes with."""


@lru_cache(maxsize=LINES_KEPT)
def form_of(sentence: str, language: str) -> Form:
    """Whether it asks, requests by asking, or tells. "You'll do it, right?" tells."""
    if not is_question(sentence, language):
        return "request" if act(sentence, language) in ("request", "pause") else "statement"
    return "question" if act(sentence, language) in QUESTIONS else "request"


def less_alike(sentence: str, lines: Sequence[str], language: str) -> float:
    """How much less a sentence is like a reaction with these lines because of its form."""
    form = form_of(sentence, language)
    if form == "request" and not is_question(sentence, language):
        form = "statement"
    share = _share_of_form(tuple(lines), form, language)
    if share == 0:
        return OTHERWISE_PUT
    return SELDOM_PUT if share <= SELDOM else 0.0


@lru_cache(maxsize=GROUPS_KEPT)
def _share_of_form(lines: tuple[str, ...], form: Form, language: str) -> float:
    return sum(form_of(line, language) in FITS[form] for line in lines) / len(lines)


def aside_of(sentence: str, alike: Likenesses, talk: CommonTalk, language: str) -> tuple[str, float]:
    """The kind of common talk most like it, and how much; "" if its words are not of that kind.

    A question is less like what is only ever stated.
    """
    put = is_question(sentence, language)
    found = (
        (overall(alike.of(sentence, each.heard)) - (OTHERWISE_PUT if put not in forms else 0.0), kind)
        for (kind, each), forms in zip(talk.asides.items(), _forms(language), strict=True)
    )
    near = sorted((each for each in found if each[0] >= MISTAKEN_LEAST.get(each[1], -1.0)), reverse=True)
    strength = near[0][0]
    worded = (
        kind for alike_to, kind in near if alike_to >= strength - AS_NEAR and has_words_of(sentence, kind, language)
    )
    return next(worded, ""), strength


@cache
def _forms(language: str) -> list[set[bool]]:
    """Of each kind of common talk, whether its lines ask, state or do both."""
    return [{asks(line, language) for line in each.heard} for each in common_talk(language).asides.values()]


def hostility_of(
    sentence: str, alike: Likenesses, talk: CommonTalk, language: str
) -> tuple[Hostility | Literal["calm"] | None, float]:
    """How it is meant, and its similarity to a hurtful line: 1 if its words are hurtful."""
    worded = by_words(sentence, language)
    if worded is not None:
        return worded, 1.0
    if (
        is_short(sentence)
        or _OWN_OFFER.search(sentence)
        or (asks(sentence, language) and not _YOU.search(sentence))
        or _EVER.search(sentence)
    ):
        return None, 0.0
    hostile: dict[Hostility, Sequence[float]] = {
        each: alike.of(sentence, lines) for each, lines in talk.hostile.items()
    }
    guessed = asks(sentence, language) or _GUESSED.search(sentence) is not None
    meant, nearest = by_likeness(hostile, alike.of(sentence, talk.calm), asked=guessed)
    if meant in ("strong", "mild") and not may_be_aimed(sentence, language):
        return None, nearest
    return meant, nearest


def is_short(sentence: str) -> bool:
    """Whether it is too short to tell how it is meant."""
    return len(sentence.split()) < SHORT_WORDS and len(_HAN.findall(sentence)) < SHORT_HAN
