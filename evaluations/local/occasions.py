"""Decides whether there was an occasion for a wanted behaviour: a no cannot be repeated before it was said. Pure.

A behaviour that was not shown becomes `notApplicable`, which no rating counts, if its occasion plainly did not happen:

    repeats-it-calmly, lets-it-land,     the trainee said the no, the news or the claim,
    answers-an-objection                 and spoke again after the other person had answered
    follows-up, lets-it-change-something the trainee spoke again after the other person had answered
    names-their-feeling,                 the other person showed a feeling and the trainee spoke after it, or spoke SOON
    says-what-it-is-about, leaves-room   times: by then there is one, whatever words they have for it
    takes-the-heat, brings-it-back,      the other person showed a feeling and the trainee spoke after it; or one of the
    speaks-for-themselves,               four was shown
    gives-the-other-room
    says-by-when                         what was asked for was not done there and then (“Coming right up.”)

A behaviour to avoid that says “only” or “without” was not shown where the trainee said the rest, then or later:

    only-good-intentions                 who does what, or by when
    asserts-need-or-worth                figures or results, before it or with it
    insults-or-mocks                     a label or an attack on the person, in the same turn

Showing more can never lower a rating this way: saying the no adds one shown behaviour and at most one not shown.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluations.findings.ratings import Answer
from evaluations.findings.results import BehaviourFinding
from evaluations.transcript.conversation import Said

COMES_AFTER: Mapping[str, str] = {
    "repeats-it-calmly": "says-no-plainly",
    "lets-it-land": "says-it-plainly",
    "answers-an-objection": "says-what-they-ask-for",
}
"""Keys of shipped behaviours of the same skill."""
COMES_LATER = frozenset({"follows-up", "lets-it-change-something"})
FEELINGS = frozenset({"names-their-feeling", "says-what-it-is-about", "leaves-room"})
"""The same: they need a feeling of the other person's."""
HEAT = frozenset({"takes-the-heat", "brings-it-back", "speaks-for-themselves", "gives-the-other-room"})
"""The same, of the skill of staying calm: nobody is asked for that in a talk without heat."""
SOON = 3
_FELT = re.compile(
    r"!|\b(?:afraid|angry|ashamed|betray\w*|bear|cr(?:y|ies|ied|ying)|damn|disappoint\w*|embarrass\w*|enough|exhausted|fair"
    r"|fed up|feel\w*|felt|fool|fright\w*|furious|god|guilty|hat(?:e|ed)|heart\w*|hell|hop(?:e|ed|ing)|humiliat\w*"
    r"|hurts?|joking|kidding|lonely|love\w*|mad|nervous|never|overwhelm\w*|panic\w*|proud|ridiculous|sad|scar(?:ed|y)"
    r"|shame\w*|shock\w*|sick|slept|sleep\w*|stress\w*|tears?|tired|unbelievable|unfair|upset|wors[et]|worr\w*|wow)\b"
    r"|\?[^?]*\?|[！气火烦怕哭累恨急愁骂]|委屈|担心|难过|伤心|难受|受不了|凭什么|够了|失望|丢人|丢脸|寒心|不公平|什么意思|心疼|后悔",
    re.IGNORECASE,
)
"""How lines sound in which somebody shows a feeling; two questions in a row are upset."""
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
SAID_ALREADY: Mapping[str, tuple[str, ...]] = {"insults-or-mocks": ("labels-the-person", "attacks-the-person")}
"""The same, where the same turn shows one of the others: “You're just unreliable” is held against nobody twice."""
WITHOUT_EVIDENCE: Mapping[str, tuple[str, ...]] = {"asserts-need-or-worth": ("gives-figures", "gives-results")}
"""The same, where the rest was said before or with it."""


def done_at_once(turns: Sequence[Said]) -> frozenset[int]:
    """The sequences of the other person's lines that say they are doing it there and then."""
    said = (turn for turn in turns if turn.speaker == "ai" and turn.text)
    return frozenset(turn.sequence for turn in said if _AT_ONCE.search((turn.text or "").replace("’", "'")))


def felt(turns: Sequence[Said]) -> frozenset[int]:
    """The sequences of the other person's lines that show a feeling."""
    return frozenset(turn.sequence for turn in turns if turn.speaker == "ai" and _FELT.search(turn.text or ""))


def settled(
    found: Sequence[BehaviourFinding],
    spoke_at: Collection[int],
    done_at: Collection[int] = (),
    felt_at: Collection[int] = (),
) -> tuple[BehaviourFinding, ...]:
    """One skill's findings.

    `spoke_at`: the sequences of the trainee's lines; `done_at` and `felt_at`: see `done_at_once` and `felt`.
    """
    shown_at = {each.behaviour.key: each.quote.sequence for each in found if each.quote}
    not_shown = {each.behaviour.key for each in found if each.answer is Answer.NOT_SHOWN}
    talk = _Talk(shown_at, not_shown, spoke_at, done_at, felt_at)
    return tuple(
        replace(each, answer=Answer.NOT_APPLICABLE, quote=None) if _does_not_count(each, talk) else each
        for each in found
    )


@dataclass(frozen=True)
class _Talk:
    """`shown_at`: where each behaviour was shown, by key; `not_shown`: keys of those that were not."""

    shown_at: Mapping[str, int]
    not_shown: Collection[str]
    spoke_at: Collection[int]
    done_at: Collection[int]
    felt_at: Collection[int]


def _does_not_count(found: BehaviourFinding, talk: _Talk) -> bool:
    if found.quote:
        return _was_more(found.behaviour.key, found.quote.sequence, talk)
    return (
        found.answer is Answer.NOT_SHOWN and found.behaviour.is_wanted and not _had_occasion(found.behaviour.key, talk)
    )


def _had_occasion(key: str, talk: _Talk) -> bool:
    if key in COMES_LATER:
        return len(talk.spoke_at) > 1
    spoke_after_a_feeling = min(talk.felt_at, default=math.inf) < max(talk.spoke_at, default=0)
    if key in FEELINGS:
        return len(talk.spoke_at) >= SOON or spoke_after_a_feeling
    if key in HEAT:
        return spoke_after_a_feeling or not HEAT.isdisjoint(talk.shown_at)
    if asked_at := talk.shown_at.get(DATED.get(key, "")):
        return all(at < asked_at for at in talk.done_at)
    before = COMES_AFTER.get(key, "")
    if before in talk.shown_at:
        return max(talk.spoke_at, default=0) > talk.shown_at[before]
    return before not in talk.not_shown  # if that is unsure, it stays "not shown"


def _was_more(key: str, at: int, talk: _Talk) -> bool:
    """Shown at `at`, but the trainee said the rest too."""
    later = any(talk.shown_at.get(other, -1) >= at for other in ONLY_WITHOUT.get(key, ()))
    before = any(talk.shown_at.get(other, at + 1) <= at for other in WITHOUT_EVIDENCE.get(key, ()))
    already = any(talk.shown_at.get(other, -1) == at for other in SAID_ALREADY.get(key, ()))
    return later or before or already
