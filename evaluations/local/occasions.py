"""Decides whether there was an occasion for a wanted behaviour: a no cannot be repeated before it was said. Pure.

A behaviour that was not shown becomes `notApplicable`, which no rating counts, if its occasion plainly did not happen:

    repeats-it-calmly, lets-it-land,     the trainee said the no, the news or the claim,
    answers-an-objection                 and spoke again after the other person had answered
    follows-up, lets-it-change-something the trainee spoke again after the other person had answered
    says-by-when                         what was asked for was not done there and then (“Coming right up.”)

A behaviour to avoid that says “only” or “without” was not shown where the trainee said the rest, then or later:

    only-good-intentions                 who does what, or by when
    asserts-need-or-worth                figures or results, before it or with it

Showing more can never lower a rating this way: saying the no adds one shown behaviour and at most one not shown.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from evaluations.conversation import Said
from evaluations.ratings import Answer
from evaluations.results import BehaviourFinding

COMES_AFTER: Mapping[str, str] = {
    "repeats-it-calmly": "says-no-plainly",
    "lets-it-land": "says-it-plainly",
    "answers-an-objection": "says-what-they-ask-for",
}
"""Keys of shipped behaviours of the same skill."""
COMES_LATER = frozenset({"follows-up", "lets-it-change-something"})
DATED: Mapping[str, str] = {"says-by-when": "says-what-they-want"}
"""The same: a request that is met at once needs no date."""
_AT_ONCE = re.compile(
    r"\bcoming (?:right )?up\b|\bhere you (?:go|are)\b|\bthere you go,|\b(?:yours is|you(?:'re| are)) next\b"
    r"|\bgive me (?:a|one|two) minutes?\b|\bi(?:'m| am) (?:\w+ ){1,5}right now\b|马上(?:给您|给你|做|换)",
    re.IGNORECASE,
)
"""How somebody answers who does what was asked there and then."""

ONLY_WITHOUT: Mapping[str, tuple[str, ...]] = {"only-good-intentions": ("says-who-does-what", "says-by-when")}
"""Keys of shipped behaviours to avoid, and what of the same skill makes more of them."""
WITHOUT_EVIDENCE: Mapping[str, tuple[str, ...]] = {"asserts-need-or-worth": ("gives-figures", "gives-results")}
"""The same, where the rest was said before or with it."""


def done_at_once(turns: Sequence[Said]) -> frozenset[int]:
    """The sequences of the other person's lines that say they are doing it there and then."""
    said = (turn for turn in turns if turn.speaker == "ai" and turn.text)
    return frozenset(turn.sequence for turn in said if _AT_ONCE.search((turn.text or "").replace("’", "'")))


def settled(
    found: Sequence[BehaviourFinding], spoke_at: Collection[int], done_at: Collection[int] = ()
) -> tuple[BehaviourFinding, ...]:
    """One skill's findings. `spoke_at`: the sequences of the trainee's lines; `done_at`: see `done_at_once`."""
    first_shown = {each.behaviour.key: each.quote.sequence for each in found if each.quote}
    given = {each.behaviour.key: each.answer for each in found}
    last = max(spoke_at, default=0)

    def arose(key: str) -> bool:
        if key in COMES_LATER:
            return len(spoke_at) > 1
        if asked_at := first_shown.get(DATED.get(key, "")):
            return all(at < asked_at for at in done_at)
        before = COMES_AFTER.get(key, "")
        if before in first_shown:
            return last > first_shown[before]
        return given.get(before) is not Answer.NOT_SHOWN  # if that is unsure, it stays "not shown"

    def was_more(found: BehaviourFinding) -> bool:
        key, at = found.behaviour.key, found.quote.sequence if found.quote else 0
        later = any(first_shown.get(other, -1) >= at for other in ONLY_WITHOUT.get(key, ()))
        return later or any(first_shown.get(other, at + 1) <= at for other in WITHOUT_EVIDENCE.get(key, ()))

    found = [
        replace(each, answer=Answer.NOT_APPLICABLE, quote=None) if each.quote and was_more(each) else each
        for each in found
    ]
    return tuple(
        replace(each, answer=Answer.NOT_APPLICABLE)
        if each.answer is Answer.NOT_SHOWN and each.behaviour.is_wanted and not arose(each.behaviour.key)
        else each
        for each in found
    )
