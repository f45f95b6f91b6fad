"""The conversation to be judged, as plain values. Independent of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from evaluations.transcript import word_matching
from practice.catalog.behaviours import BehaviourKind

DOUBTFUL_MOST = 0.5
"""Words of which the recogniser was unsure of more than this share show nothing."""


@dataclass(frozen=True)
class Said:
    """One turn. `text` is None if it was spoken but is not (or will never be) transcribed.

    `doubtful`: (start, end) of the characters that the recogniser was unsure of; of English without a key it never
    says so (`coach/local_models/speech/asr_models.py`).
    """

    sequence: int
    speaker: Literal["ai", "trainee"]
    text: str | None
    doubtful: Sequence[Sequence[int]] = ()

    def misheard(self, words: str) -> float:
        """The share of these words' characters, 0 to 1, that the recogniser was unsure of."""
        start = (self.text or "").find(words)
        if start < 0 or not words:
            return 0.0
        counted = [at for at in range(start, start + len(words)) if (self.text or "")[at].isalnum()]
        unsure = sum(any(low <= at < high for low, high in self.doubtful) for at in counted)
        return unsure / max(1, len(counted))

    def is_doubtful(self, words: str) -> bool:
        """Whether the recogniser was unsure of so much of these words that they prove nothing."""
        return self.misheard(words) > DOUBTFUL_MOST


@dataclass(frozen=True)
class Behaviour:
    """One observable thing that a skill looks for, with lines that show it and lines that only seem to."""

    key: str
    text: str
    kind: str
    shown: tuple[str, ...] = ()
    not_shown: tuple[str, ...] = ()

    @property
    def is_wanted(self) -> bool:
        """Whether it should be done rather than avoided."""
        return self.kind == BehaviourKind.DO


@dataclass(frozen=True)
class RatedSkill:
    """A skill as it is at the time of rating; without behaviours it is rated by its rubric alone."""

    id: str
    name: str
    rubric: str
    behaviours: tuple[Behaviour, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """`language` is the session's (`en`, `zh`); feedback is written in it.

    `has_role_brief`: the other person's state shows which end criteria were met. `example_lines`: what a trainee might
    say in this very scenario, as its role brief has it.
    """

    language: str
    title: str
    objective: str
    trainee: str
    trainee_role: str
    counterpart: str
    counterpart_role: str
    end_criteria: Sequence[str]
    skills: Sequence[RatedSkill]
    turns: Sequence[Said]
    has_role_brief: bool = False
    example_lines: Sequence[str] = ()

    @property
    def has_behaviours(self) -> bool:
        return any(skill.behaviours for skill in self.skills)

    @property
    def unheard(self) -> int:
        """The number of spoken trainee turns without a transcript."""
        return sum(turn.speaker == "trainee" and turn.text is None for turn in self.turns)

    def has_trainee_words_from(self, sequence: int) -> bool:
        """Whether the trainee said anything from this turn on; a redo begins with lines of the original."""
        own = (turn for turn in self.turns if turn.speaker == "trainee" and turn.sequence >= sequence)
        return any(word_matching.tokens(turn.text or "") for turn in own)

    @cached_property
    def trainee_lines(self) -> Mapping[int, str]:
        """The trainee's words, by sequence."""
        return {turn.sequence: turn.text for turn in self.turns if turn.speaker == "trainee" and turn.text}


def of_brief(
    brief: Mapping[str, Any],
    *,
    language: str,
    turns: Sequence[Said],
    behaviours: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    has_role_brief: bool = False,
    role_brief: Mapping[str, Any] | None = None,
) -> Conversation:
    """Build it from the session's scenario snapshot (the API's Scenario), and its skills' behaviours by skill id."""
    known = behaviours or {}
    ai, trainee = brief.get("aiPersona") or {}, brief.get("traineePersona") or {}
    return Conversation(
        language=language,
        title=brief.get("title", ""),
        objective=brief.get("objective", ""),
        trainee=trainee.get("name", ""),
        trainee_role=trainee.get("role", ""),
        counterpart=ai.get("name", ""),
        counterpart_role=ai.get("role", ""),
        end_criteria=tuple(brief.get("endCriteria") or ()),
        skills=tuple(
            RatedSkill(
                summary["skillId"],
                summary["name"],
                summary["rubric"],
                tuple(map(_behaviour, known.get(summary["skillId"]) or ())),
            )
            for summary in brief.get("skillSummaries") or ()
        ),
        turns=turns,
        has_role_brief=has_role_brief,
        example_lines=_helpful_lines(role_brief or {}),
    )


def _helpful_lines(role_brief: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines of the trainee that help, from a stored role brief: those that gain trust or meet an end criterion."""
    helpful = (
        one
        for one in role_brief.get("reactions") or ()
        if not one.get("ends") and (one.get("trust", 0) > 0 or (one.get("meets") and one.get("trust", 0) >= 0))
    )
    return tuple(line for one in helpful for line in one.get("heard") or ())


def _behaviour(stored: Mapping[str, Any]) -> Behaviour:
    return Behaviour(
        stored["key"], stored["text"], stored["kind"], tuple(stored["shown"]), tuple(stored.get("notShown") or ())
    )
