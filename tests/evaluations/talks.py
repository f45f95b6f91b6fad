"""Conversations to judge, and answers to judge them by."""

from collections.abc import Sequence
from typing import Any

from evaluations.conversation import Conversation, RatedSkill, Said

LISTENING = RatedSkill(
    "s-listen", "Listening", "1: Talks past the other. 3: Repeats in part. 5: Says back what was meant."
)
CLARITY = RatedSkill("s-clear", "Clarity", "1: Hints. 3: Says it once, hedged. 5: Names the problem and the wish.")

DEADLINES = (
    "Hi Alex, what did you want to talk about?",
    "I'd like to talk about the deadlines. The last three slipped, and the team had to wait.",
    "It's been busy. Everyone is late sometimes.",
    "So you've had a lot on your plate. I need to know two days before a date is in danger.",
    "Fine, I can do that.",
)


def talk(
    *lines: str | None,
    language: str = "en",
    skills: Sequence[RatedSkill] = (LISTENING, CLARITY),
    end_criteria: Sequence[str] = ("The teammate agrees to warn earlier.", "Someone walks out."),
) -> Conversation:
    """The AI opens; lines alternate from there."""
    return Conversation(
        language=language,
        title="Deadlines keep slipping",
        objective="Agree on an early warning.",
        trainee="Robin",
        trainee_role="Team lead",
        counterpart="Alex",
        counterpart_role="Engineer",
        end_criteria=end_criteria,
        skills=skills,
        turns=[Said(at, "trainee" if at % 2 else "ai", text) for at, text in enumerate(lines)],
    )


def score(skill: RatedSkill, **changed: Any) -> dict[str, Any]:
    return {
        "skillId": skill.id,
        "evidence": [{"sequence": 1, "quote": "The last three slipped"}],
        "note": "You named what happened.",
        "tryInstead": "What would help you to warn me in time?",
        "rating": 3,
    } | changed


def answer(**changed: Any) -> dict[str, Any]:
    return {
        "scores": [score(LISTENING), score(CLARITY, rating=4)],
        "criteria": [
            {"criterionId": "1", "met": True, "sequence": 4},
            {"criterionId": "2", "met": False, "sequence": None},
        ],
        "strengths": "You came to the point.",
        "gaps": "You could ask more.",
        "summary": "A clear request, heard in the end.",
    } | changed
