"""What was heard of a reply that was cut short."""

from collections.abc import Sequence


def text_heard(text: str, timing: Sequence[Sequence[int]], total_ms: int, heard_ms: int) -> str:
    """The words heard in the first `heard_ms` of `total_ms`, cut back to the end of a whole word.

    `timing`: how many characters had come before which moment of the audio. Between two such points, and where there
    are none, text runs in proportion to sound.

    >>> text_heard("I know. I am sorry about it.", [], 2000, 1000)
    'I know. I am'
    """
    if heard_ms <= 0 or total_ms <= 0:
        return ""
    if heard_ms >= total_ms:
        return text
    points = [(0, 0), *((chars, at) for chars, at in timing if 0 < at < total_ms), (len(text), total_ms)]
    count = 0
    for (chars, at), (next_chars, next_at) in zip(points, points[1:], strict=False):
        if at <= heard_ms < next_at:
            count = chars + (next_chars - chars) * (heard_ms - at) // (next_at - at)
            break
    return text[: _word_end(text, count)].rstrip()


def _word_end(text: str, count: int) -> int:
    """The last place at or before `count` that does not lie inside a word."""
    while 0 < count < len(text) and _in_one_word(text[count - 1], text[count]):
        count -= 1
    return count


def _in_one_word(left: str, right: str) -> bool:
    """Scripts without spaces (Han, Kana, Hangul, Thai) may be cut between any two characters."""
    return not left.isspace() and not right.isspace() and left < "\u0e00" and right < "\u0e00"
