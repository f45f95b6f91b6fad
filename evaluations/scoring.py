"""From a model's answer to scores, or to the reason why it cannot be used. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluations import wording
from evaluations.conversation import Conversation, RatedSkill
from practice.rubric import RATINGS

QUOTES_MAX = 3
TEXT_MAX = 4_000
"""Characters of any one text the model wrote; more is cut."""


@dataclass(frozen=True)
class Quote:
    """Words the trainee said, as the transcript has them."""

    sequence: int
    text: str


@dataclass(frozen=True)
class Score:
    skill: RatedSkill
    rating: int
    note: str
    try_instead: str
    evidence: tuple[Quote, ...]


@dataclass(frozen=True)
class Criterion:
    """`sequence` is the turn that met it."""

    text: str
    met: bool
    sequence: int | None


@dataclass(frozen=True)
class Scoring:
    """One score per skill, in the scenario's order. `dropped_quotes`: evidence that the trainee never said."""

    scores: tuple[Score, ...]
    summary: str
    strengths: str
    gaps: str
    criteria: tuple[Criterion, ...]
    dropped_quotes: int

    @property
    def kept_quotes(self) -> int:
        return sum(len(score.evidence) for score in self.scores)


@dataclass(frozen=True)
class Refusal:
    """`reason` is fed back to the model and shown to people: it repeats nothing the model wrote."""

    reason: str


def read(answer: Mapping[str, Any], conversation: Conversation) -> Scoring | Refusal:
    """Check an `evaluation_result`. Beyond scores and summary everything is optional and checked part by part."""
    faults: list[str] = []
    given = _by_skill(answer.get("scores"), conversation, faults)
    summary = _text(answer.get("summary"))
    if not summary:
        faults.append("summary is missing or empty")
    scores, dropped = [], 0
    for skill in conversation.skills:
        if skill.id not in given:
            continue
        score, unsaid = _score(skill, given[skill.id], conversation, faults)
        dropped += unsaid
        scores.append(score)
    if faults:
        return Refusal("; ".join(faults))
    return Scoring(
        scores=tuple(scores),
        summary=summary,
        strengths=_text(answer.get("strengths")),
        gaps=_text(answer.get("gaps")),
        criteria=_criteria(answer.get("criteria"), conversation),
        dropped_quotes=dropped,
    )


def _by_skill(given: Any, conversation: Conversation, faults: list[str]) -> dict[str, Mapping[str, Any]]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        faults.append("scores is missing or not a list")
        return {}
    known = {skill.id: skill.name for skill in conversation.skills}
    found: dict[str, Mapping[str, Any]] = {}
    unknown, repeated = 0, set()
    for item in given:
        skill_id = item.get("skillId") if isinstance(item, Mapping) else None
        if not isinstance(skill_id, str) or skill_id not in known:
            unknown += 1
        elif skill_id in found:
            repeated.add(skill_id)
        else:
            found[skill_id] = item
    if unknown:
        faults.append(f"{unknown} of the scores name no skill of this scenario")
    faults.extend(f"skill {skill_id} ({known[skill_id]}) is scored more than once" for skill_id in sorted(repeated))
    faults.extend(
        f"skill {skill_id} ({name}) is not scored" for skill_id, name in known.items() if skill_id not in found
    )
    return found


def _score(
    skill: RatedSkill, item: Mapping[str, Any], conversation: Conversation, faults: list[str]
) -> tuple[Score, int]:
    rating = item.get("rating")
    if type(rating) is not int or rating not in RATINGS:
        faults.append(f"the rating of skill {skill.id} ({skill.name}) is not a whole number from 1 to 5")
        rating = RATINGS.start
    note = _text(item.get("note"))
    if not note:
        faults.append(f"the note of skill {skill.id} ({skill.name}) is empty")
    evidence, dropped = _evidence(item.get("evidence"), conversation)
    return Score(skill, rating, note, _try_instead(item.get("tryInstead"), conversation), evidence), dropped


def _evidence(given: Any, conversation: Conversation) -> tuple[tuple[Quote, ...], int]:
    """The quotes the trainee really said, at the turn that says them, and how many were not."""
    items = given if isinstance(given, Sequence) and not isinstance(given, str) else [given] if given else []
    kept: dict[tuple[int, str], Quote] = {}
    dropped = 0
    for item in items:
        quote = _located(item, conversation) if isinstance(item, Mapping) else None
        if quote is None:
            dropped += 1
        else:
            kept.setdefault((quote.sequence, quote.text), quote)
    return tuple(kept.values())[:QUOTES_MAX], dropped


def _located(item: Mapping[str, Any], conversation: Conversation) -> Quote | None:
    wanted, named = item.get("quote"), item.get("sequence")
    if not isinstance(wanted, str):
        return None
    lines = conversation.trainee_lines
    # The turn the model named first; a quote with the wrong number is still what was said.
    for sequence in sorted(lines, key=lambda sequence: (sequence != named, sequence)):
        found = wording.find(wanted, lines[sequence])
        if found:
            return Quote(sequence, found)
    return None


def _try_instead(given: Any, conversation: Conversation) -> str:
    """A better line; empty where it only repeats what was said."""
    line = _text(given)
    words = wording.tokens(line)
    said = any(wording.find(line, spoken) for spoken in conversation.trainee_lines.values())
    return "" if said or not words else line


def _criteria(given: Any, conversation: Conversation) -> tuple[Criterion, ...]:
    """Results for the end criteria the answer names by number (from 1), in the scenario's order."""
    items = given if isinstance(given, Sequence) and not isinstance(given, str) else []
    sequences = {turn.sequence for turn in conversation.turns}
    found: dict[int, Criterion] = {}
    for item in items:
        number = _number(item.get("criterionId")) if isinstance(item, Mapping) else None
        if number is None or not 1 <= number <= len(conversation.end_criteria) or number in found:
            continue
        met, sequence = item.get("met"), item.get("sequence")
        if not isinstance(met, bool):
            continue
        at = sequence if met and type(sequence) is int and sequence in sequences else None
        found[number] = Criterion(conversation.end_criteria[number - 1], met, at)
    return tuple(found[number] for number in sorted(found))


def _number(given: Any) -> int | None:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 4:
        return int(given)
    return given if type(given) is int else None


def _text(given: Any) -> str:
    text = wording.clean(given) if isinstance(given, str) else ""
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1].rstrip() + "…"
