"""What is judged: a conversation as plain values, free of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from evaluations import wording


@dataclass(frozen=True)
class Said:
    """One turn. `text` is None where it was spoken but is not (or will never be) transcribed."""

    sequence: int
    speaker: Literal["ai", "trainee"]
    text: str | None


@dataclass(frozen=True)
class RatedSkill:
    """A skill as it stands when it is rated."""

    id: str
    name: str
    rubric: str


@dataclass(frozen=True)
class Conversation:
    """`language` is the session's (`en`, `zh`): what is written about the conversation is written in it."""

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

    @property
    def unheard(self) -> int:
        """Turns the trainee spoke of which no words are known."""
        return sum(turn.speaker == "trainee" and turn.text is None for turn in self.turns)

    @property
    def has_trainee_words(self) -> bool:
        return any(wording.tokens(turn.text or "") for turn in self.turns if turn.speaker == "trainee")

    @cached_property
    def trainee_lines(self) -> Mapping[int, str]:
        """What the trainee said, by sequence."""
        return {turn.sequence: turn.text for turn in self.turns if turn.speaker == "trainee" and turn.text}


def of_brief(brief: Mapping[str, Any], *, language: str, turns: Sequence[Said]) -> Conversation:
    """From the scenario as the session keeps it (the API's Scenario shape)."""
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
            RatedSkill(summary["skillId"], summary["name"], summary["rubric"])
            for summary in brief.get("skillSummaries") or ()
        ),
        turns=turns,
    )
