"""Finds the words that were heard of a reply that was cut short."""

from itertools import accumulate

import regex

# Unicode's default word boundaries (UAX 29): “I’d” and “người” are one word each; Chinese and Thai may be cut between
# any two visible characters.
_WORD_BOUNDARY = regex.compile(r"\b", regex.WORD | regex.V1)
_SPOKEN_WHOLE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
MS_PER_LETTER = 62
"""About 16 letters and spaces a second, a brisk 190 English words a minute."""
MS_PER_SYLLABLE_SIGN = 210
"""A Chinese character, a kana or a Korean syllable: a brisk 285 a minute."""


def truncate_transcript(text: str, *, heard_ms: int, total_ms: int, whole: bool) -> str:
    """The start of `text` that was spoken in the first `heard_ms`, up to the end of a word.

    `total_ms`: the length of the sound. If the reply is `whole`, words are cut in proportion to the sound. If
    generation was cut off, the text may be far ahead of the sound: then we assume that `text` takes at least as long as
    a brisk speaker needs.

    >>> truncate_transcript("I know. I’d be sorry about it.", heard_ms=1_000, total_ms=2_000, whole=True)
    'I know. I’d be'
    """
    if heard_ms <= 0 or total_ms <= 0 or not text:
        return ""
    weights = list(accumulate(MS_PER_SYLLABLE_SIGN if _SPOKEN_WHOLE.match(sign) else MS_PER_LETTER for sign in text))
    lasts_ms = total_ms if whole else max(total_ms, weights[-1])
    if heard_ms >= lasts_ms:
        return text
    reached = weights[-1] * heard_ms / lasts_ms
    count = sum(weight <= reached for weight in weights)
    ends = (match.start() for match in _WORD_BOUNDARY.finditer(text, 0, len(text)))
    return text[: max((end for end in ends if end <= count), default=0)].rstrip()
