"""Parses a rubric's anchors: what ratings of 1, 3 and 5 look like."""

import re
from dataclasses import dataclass

RATINGS = range(1, 6)

# "1: …", "3 - …", "5：…", each on a line of its own or after a full stop, semicolon or bar.
_ANCHOR = re.compile(
    r"(?:^|[\n.;|。；！!?？])\s*(?:[-*•]\s*)?(?:level\s+)?([1-5])\s*(?:[:：.)）=]|[-–—](?=\s))\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Rubric:
    """`anchors` by rating, ascending; empty if the text has none. `preamble` is the text before them."""

    preamble: str
    anchors: dict[int, str]

    def at(self, rating: int) -> str:
        """The text for exactly this rating; empty if it lies between two anchors."""
        return self.anchors.get(rating, "")

    def around(self, rating: int) -> tuple[tuple[int, str], ...]:
        """The nearest anchors below and above a rating that has no text of its own."""
        if rating in self.anchors:
            return ()
        below = [anchor for anchor in self.anchors if anchor < rating]
        above = [anchor for anchor in self.anchors if anchor > rating]
        nearest = [*below[-1:], *above[:1]]
        return tuple((anchor, self.anchors[anchor]) for anchor in nearest)


def parse(text: str) -> Rubric:
    """Find the anchors of a rubric. Never fails: in a text without anchors everything is preamble."""
    found: list[tuple[int, re.Match[str]]] = []
    for match in _ANCHOR.finditer(text):
        rating = int(match.group(1))
        if not found or rating > found[-1][0]:
            found.append((rating, match))
    if len(found) < 2:
        return Rubric(preamble=text.strip(), anchors={})
    anchors = {}
    for index, (rating, match) in enumerate(found):
        following = found[index + 1][1] if index + 1 < len(found) else None
        # The full stop that ends one anchor belongs to it, not to the next anchor's mark.
        end = following.start() + (following.group()[:1] in ".。！!?？") if following else len(text)
        anchors[rating] = text[match.end() : end].strip()
    first = found[0][1]
    return Rubric(preamble=text[: first.start() + (first.group()[:1] in ".。！!?？")].strip(), anchors=anchors)
