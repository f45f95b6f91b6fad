"""Checks that a better line keeps to the facts: it may drop some, but never make up a number or a name. Pure."""

import re

from evaluations.transcript import word_matching
from evaluations.transcript.conversation import Conversation

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_COUNTED = frozenset(
    [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "thousand",
        "million",
        "half",
        "twice",
        *word_matching.DAYS_AND_MONTHS,
    ]
)
# A capital inside a sentence; the first word of a sentence and "I" are capitalised anyway.
_NAME = re.compile(r"(?<=[a-z,;:’'\-] )[A-Z][a-z’']+")
_HAN_COUNTED = re.compile(
    r"[一二三四五六七八九十百千万两半\d]+(?:点|号|月|日|天|周|年|块|元|次|个|分|小时|人|成|%)|(?:周|星期|礼拜)[一二三四五六日天]"
)


def keeps_facts(line: str, conversation: Conversation) -> bool:
    """Whether every number, day, month and name in `line` was said by someone or is part of the situation."""
    known_text = "\n".join(
        [
            conversation.title,
            conversation.objective,
            conversation.trainee,
            conversation.trainee_role,
            conversation.counterpart,
            conversation.counterpart_role,
            *conversation.end_criteria,
            *(turn.text or "" for turn in conversation.turns),
        ]
    )
    known = set(word_matching.tokens(known_text))
    if any(number not in set(_NUMBER.findall(known_text)) for number in _NUMBER.findall(line)):
        return False
    if any(fact not in known_text for fact in _HAN_COUNTED.findall(line)):
        return False
    told = [word for word in word_matching.tokens(line) if word in _COUNTED]
    named = [word for name in _NAME.findall(line) for word in word_matching.tokens(name)]
    return all(word in known for word in told + named)
