"""What the trainee said, in pieces short enough to be quoted."""

import re

from evaluations import wording
from evaluations.conversation import Conversation, Said

LONGEST = 200  # characters
LONGEST_HAN = 70
FEWEST_WORDS = 3
MOST = 5

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？；])|\n+")


def of(conversation: Conversation) -> list[Said]:
    """Whole sentences as they stand, next to each other where they fit; of many the wordiest, in order."""
    longest = LONGEST_HAN if conversation.language == "zh" else LONGEST
    found = [
        Said(sequence, "trainee", passage)
        for sequence, text in conversation.trainee_lines.items()
        for passage in _passages(text, longest)
    ]
    telling = [each for each in found if len(wording.tokens(each.text or "")) >= FEWEST_WORDS] or found
    wordiest = sorted(telling, key=lambda each: -len(each.text or ""))[:MOST]
    return [each for each in telling if each in wordiest]


def sentences(text: str) -> list[str]:
    """As they stand."""
    return [sentence for sentence in _SENTENCE_END.split(text) if wording.tokens(sentence)]


def _passages(text: str, longest: int) -> list[str]:
    """Sentences of `text`, joined up to `longest`; one that is longer is cut."""
    begins = [0, *(mark.end() for mark in _SENTENCE_END.finditer(text))]
    ends = [*(mark.start() for mark in _SENTENCE_END.finditer(text)), len(text)]
    found: list[tuple[int, int]] = []
    for begin, end in zip(begins, ends, strict=True):
        if found and end - found[-1][0] <= longest:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    passages = [text[begin:end][:longest].strip() for begin, end in found]
    return [passage for passage in passages if wording.tokens(passage)]
