"""Checks a model's own words while it plays a role: the text so far is judged before it is heard. Pure.

A small model sometimes repeats the trainee, makes up numbers, tells what the persona must keep back, answers in
another language, or turns into an assistant. A plain rule rejects each of these, preferring to reject a good line over
letting a bad one through. `own_words` cuts the reply off there: the whole sentences before it are spoken, and if there
are none the model is asked once more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Fault = Literal["echo", "number", "locked", "role", "language"]

ECHO_WORDS, ECHO_HAN = 6, 9
"""This many words (Chinese: characters) in a row from the trainee's line are an echo."""
LOCKED_SHARE, LOCKED_WORDS = 0.6, 2
"""A locked line counts as given away if this share of its content words was said, and at least this many."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?|\d+|[\u4e00-\u9fff]", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_FROM_TWO = """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty
"""
_NAMED = {
    **{name: number for number, name in enumerate(_FROM_TWO.split(), 2)},
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "thousand": 1000,
}
_HAN_NUMBER = re.compile(r"([一两二三四五六七八九十百千万]+)(?=[天个周年月次点分小块元人岁])")
_HAN_DIGITS = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_LIGHT_WORDS = """
a an and are as at be been but by did do does for from had has have he her him his how i i'm i've if in is it it's its
just me my no not of on or our out she so that that's the their them then there they this to up us was we were what when
who will with would you you're your 的 了 我 你 他 她 是 在 不 也 就 都 很 有 这 那 吗 吧 呢 啊 们 和
"""
_LIGHT = frozenset(_LIGHT_WORDS.split())
_OUT_OF_ROLE = re.compile(
    r"\b(?:as an? (?:ai|assistant|language model)|language model|ai assistant|chatbot|"
    r"how (?:can|may) i (?:help|assist)|i(?:'m| am) here to (?:help|assist)|"
    r"the trainee|role-?play|this scenario)\b"
    r"|人工智能|语言模型|AI助手|我是(?:一个)?助手|(?:可以|能)(?:帮助|为)您|角色扮演|练习者",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ReplyGuard:
    """What a reply is checked against.

    `heard`: what the trainee just said. `known`: everything that may be mentioned (both sides of the talk, the
    situation, what the persona may tell). `locked`: lines that must not be told yet.
    """

    heard: str
    known: Sequence[str]
    locked: Sequence[str]
    language: str = "en"
    names: Sequence[str] = ()

    @cached_property
    def _numbers(self) -> frozenset[int]:
        return frozenset(number for text in (*self.known, self.heard) for number in numbers(text))

    def fault(self, reply: str) -> Fault | None:
        """Why this reply, or its beginning, must not be said; None if it may."""
        if _OUT_OF_ROLE.search(reply) or any(
            reply.lstrip().startswith((f"{name}:", f"{name}：")) for name in self.names
        ):
            return "role"
        if self.language == "en" and _HAN.search(reply):
            return "language"
        if self.language == "zh" and len(re.findall(r"[a-zA-Z]{2,}", reply)) > max(2, len(_HAN.findall(reply)) // 4):
            return "language"
        if _echoes(reply, self.heard, self.language):
            return "echo"
        if not set(numbers(reply)) <= self._numbers:
            return "number"
        if any(gives_away(reply, line, self.heard) for line in self.locked):
            return "locked"
        return None


def numbers(text: str) -> list[int]:
    """Numbers from two on, in figures and words; "one" is rarely a number.

    >>> numbers("Four days, and 12 calls. 两个月")
    [12, 4, 2]
    """
    found = [int(each) for each in _NUMBER.findall(text) if len(each) < 9]
    found += [_NAMED[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _NAMED]
    found += [_han_number(each) for each in _HAN_NUMBER.findall(text)]
    return [number for number in found if number > 1]


def _han_number(text: str) -> int:
    total = digit = 0
    for sign in text:
        if sign in _HAN_DIGITS:
            digit = _HAN_DIGITS[sign]
        else:
            unit = {"十": 10, "百": 100, "千": 1000, "万": 10000}[sign]
            total, digit = total + (digit or 1) * unit, 0
    return total + digit


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def _echoes(reply: str, heard: str, language: str) -> bool:
    length = ECHO_HAN if language == "zh" else ECHO_WORDS
    said, before = _words(reply), _words(heard)
    if said and said == before and len(said) > 2:
        return True
    runs = {tuple(before[at : at + length]) for at in range(len(before) - length + 1)}
    return any(tuple(said[at : at + length]) in runs for at in range(len(said) - length + 1))


def gives_away(reply: str, line: str, heard: str) -> bool:
    """Whether the reply gives the line away by its content words, except those that the trainee brought up."""
    brought_up = set(_words(heard))
    weighty = {word for word in _words(line) if word not in _LIGHT} - brought_up
    told = weighty & set(_words(reply))
    return len(told) >= min(LOCKED_WORDS, len(weighty) or LOCKED_WORDS) and len(told) >= LOCKED_SHARE * len(weighty)
