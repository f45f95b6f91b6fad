"""Which words of a transcript its recogniser doubted. Pages mark them, and feedback does not quote them."""

from collections.abc import Sequence

DOUBTFUL = 0.5
"""A word less probable than this may just as well be another one."""


def doubtful_ranges(text: str, tokens: Sequence[tuple[str, float]]) -> tuple[tuple[int, int], ...]:
    """(start, end) of doubtful characters of `text`; adjacent ranges are joined.

    Empty if the tokens (text, probability) do not make up the text, because then their positions would be guesses.
    """
    said = "".join(token for token, _ in tokens)
    if said.strip() != text:
        return ()
    at = len(said.lstrip()) - len(said)
    ranges: list[tuple[int, int]] = []
    for token, probability in tokens:
        word = token.strip()
        start = at + len(token) - len(token.lstrip())
        if probability < DOUBTFUL and any(map(str.isalnum, word)):
            if ranges and ranges[-1][1] == start:
                start = ranges.pop()[0]
            ranges.append((start, at + len(token.rstrip())))
        at += len(token)
    return tuple(ranges)
