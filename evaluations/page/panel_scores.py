"""Scores for the panel: rubric texts, behaviours, and quotes that play from the right moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from evaluations.findings import behaviour_verdicts
from evaluations.findings.behaviour_verdicts import TONES, Tone
from evaluations.models import BehaviourResult, Dispute, Evaluation, SkillScore
from evaluations.own_view import disputes
from evaluations.own_view.self_assessment_form import OwnView
from practice.catalog import rubric
from practice.catalog.behaviours import BehaviourKind
from practice.lifecycle import Speaker
from practice.models import Turn
from practice.views import script
from practice.views.script import LinePiece

RUN_UP_SECONDS = 0.4
"""Playback starts this much before a quote, whose beginning is only estimated from its position in the text."""


@dataclass(frozen=True)
class Shown:
    """A quote, its turn, and where it begins in the turn's recording; `turn_id` if there is one.

    `pieces`: the quote, split where words begin or end that the recogniser was unsure of.
    """

    sequence: int
    quote: str
    turn_id: str
    from_seconds: float
    pieces: Sequence[LinePiece]


@dataclass(frozen=True)
class EarlierDispute:
    """A dispute about an earlier reading: `answer` and, if it was answered, `reviewed` are labels."""

    answer: str
    reason: str
    reviewed: str
    reviewed_reason: str


@dataclass(frozen=True)
class ShownBehaviour:
    """A behaviour with its answer, its quote and label; `tone` chooses the mark.

    `dispute`: that of this answer. `earlier`: those about earlier readings, oldest first. `own`: the trainee's
    self-assessment. `reviewed`: the curator's answer in words.
    """

    skill_id: str
    result: BehaviourResult
    tone: Tone
    label: str
    quote: Shown | None
    dispute: Dispute | None
    earlier: tuple[EarlierDispute, ...]
    own: str
    reviewed: str

    @property
    def id(self) -> str:
        return f"finding-{self.result.pk}"


@dataclass(frozen=True)
class Rated:
    """A score with the rubric's text for its rating (or for the ratings beside it), and all anchors.

    `behaviours`: first what worked, then what did not, then what stays open; `unasked` do not count. `own`: the
    trainee's self-assessment. `reviewed`: the rating with the curators' answers, if (`has_review`) it is another.
    """

    score: SkillScore
    words: str
    between: tuple[tuple[int, str], ...]
    anchors: dict[int, str]
    quotes: tuple[Shown, ...]
    behaviours: tuple[ShownBehaviour, ...]
    next_step: dict[str, Any] | None
    own: str
    has_review: bool
    reviewed: int | None

    @property
    def asked(self) -> list[ShownBehaviour]:
        return [each for each in self.behaviours if each.tone != "none"]

    @property
    def unasked(self) -> list[ShownBehaviour]:
        return [each for each in self.behaviours if each.tone == "none"]

    @property
    def avoided_without_credit(self) -> bool:
        return any(each.result.kind == BehaviourKind.AVOID for each in self.unasked)

    @property
    def next_text(self) -> str:
        """What to do next time: the text of the next step's behaviour, else its reason."""
        key = (self.next_step or {}).get("key")
        text = next((each.result.text for each in self.behaviours if each.result.key == key), "")
        avoid = any(each.result.key == key and each.result.kind == BehaviourKind.AVOID for each in self.behaviours)
        return "" if avoid else text

    @property
    def example_line(self) -> str:
        return (self.next_step or {}).get("line") or self.score.try_instead


def rated(evaluation: Evaluation, turns: Sequence[Turn], own: OwnView) -> list[Rated]:
    """Scores in the scenario's order. `evaluation` must be fully prefetched (`evaluation_schema.WHOLE`)."""
    spoken = {turn.sequence: turn for turn in turns}
    disputed = {(each.skill_id, each.key): each for each in evaluation.disputes.all()}
    if disputed:
        prefetch_related_objects([evaluation], "earlier_readings")
    own_lines = [turn.transcript for turn in turns if turn.speaker == Speaker.TRAINEE and turn.transcript]
    reviewed = disputes.reviewed_ratings(evaluation, own_lines)
    found = []
    for score in evaluation.scores.all():
        parsed = rubric.parse(score.rubric)
        behaviours = [
            behaviour(each, score.skill_id, spoken, disputed.get((score.skill_id, each.key)), own)
            for each in score.behaviours.all()
        ]
        found.append(
            Rated(
                score,
                words=parsed.at(score.rating) if score.rating else "",
                between=parsed.around(score.rating) if score.rating else (),
                anchors=parsed.anchors,
                quotes=tuple(quote_of(each.sequence, each.quote, spoken) for each in score.evidence.all()),
                behaviours=tuple(sorted(behaviours, key=lambda each: TONES.index(each.tone))),
                next_step=score.next_step,
                own=own.of_skill(score.skill_id),
                has_review=reviewed.get(score.skill_id, score.rating) != score.rating,
                reviewed=reviewed.get(score.skill_id),
            )
        )
    return found


def behaviour(
    result: BehaviourResult, skill_id: str, spoken: Mapping[int, Turn], dispute: Dispute | None, own: OwnView
) -> ShownBehaviour:
    """`dispute`: the latest about the behaviour, in whatever reading."""
    verdict = behaviour_verdicts.of(result.kind, result.answer)
    quote = None if result.sequence is None else quote_of(result.sequence, result.quote, spoken)
    earlier = disputes.earlier(dispute, result.answer) if dispute else ()
    present = dispute if dispute and disputes.is_about(dispute, result) else None
    return ShownBehaviour(
        skill_id,
        result,
        verdict.tone,
        verdict.label,
        quote,
        present,
        tuple(_earlier(each, result.kind) for each in earlier),
        own=own.of_behaviour(skill_id, result.key),
        reviewed=_label(result.kind, present.overruled_answer) if present else "",
    )


def _earlier(dispute: Mapping[str, Any], kind: str) -> EarlierDispute:
    overruled = dispute["overruled"] or {"answer": "", "reason": ""}
    return EarlierDispute(
        _label(kind, dispute["answer"]), dispute["reason"], _label(kind, overruled["answer"]), overruled["reason"]
    )


def _label(kind: str, answer: str) -> str:
    return behaviour_verdicts.of(kind, answer).label if answer else ""


def quote_of(sequence: int, quote: str, spoken: Mapping[int, Turn]) -> Shown:
    """A quote with its recording, if its turn is among those `spoken` and has one."""
    turn = spoken.get(sequence)
    marked = script.pieces(quote, _doubtful(quote, turn) if turn else (), ())
    if turn is None or turn.audio_id is None:
        return Shown(sequence, quote, "", 0.0, marked)
    return Shown(sequence, quote, turn.pk, _begins(quote, turn), marked)


def _doubtful(quote: str, turn: Turn) -> list[tuple[int, int]]:
    """The doubtful characters of the turn, counted from the beginning of the quote."""
    at = (turn.transcript or "").find(quote)
    return [(start - at, end - at) for start, end in turn.doubtful if end > at] if at >= 0 else []


def _begins(quote: str, turn: Turn) -> float:
    """Seconds into the recording, estimated from the quote's position in the text."""
    at = (turn.transcript or "").find(quote)
    if at <= 0 or not turn.delivery:
        return 0.0
    share = at / len(turn.transcript or "")
    begins = (turn.delivery["leadMs"] + share * turn.delivery["speakingMs"]) / 1_000
    return round(max(0.0, begins - RUN_UP_SECONDS), 1)
