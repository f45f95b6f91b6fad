"""Conversations to evaluate, and the model's answers about them."""

from collections.abc import Sequence
from typing import Any

from evaluations.transcript.conversation import Behaviour, Conversation, RatedSkill, Said

LISTENING = RatedSkill(
    "s-listen", "Listening", "1: Talks past the other. 3: Repeats in part. 5: Says back what was meant."
)
CLARITY = RatedSkill("s-clear", "Clarity", "1: Hints. 3: Says it once, hedged. 5: Names the problem and the wish.")

NAMES = Behaviour(
    "names-it",
    "Names when it happened and what happened",
    "do",
    ("The last three releases slipped.",),
    ("You are always late.",),
)
COSTS = Behaviour(
    "says-what-it-cost", "Says what it led to for whom", "do", ("The team had to wait.",), ("It is bad.",)
)
ASKS = Behaviour("asks", "Asks what is behind it", "do", ("What got in the way?",), ("Why are you like this?",))
LABELS = Behaviour("labels", "Labels the person", "avoid", ("You are lazy.",), ("The date was missed.",))
FEEDBACK = RatedSkill(
    "s-feedback", "Specific feedback", "1: Judges. 3: One event. 5: Event and cost.", (NAMES, COSTS, ASKS, LABELS)
)

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


def finding(behaviour: Behaviour, answer: str = "notShown", quote: str = "", sequence: int | None = None) -> Any:
    return {"behaviourId": behaviour.key, "answer": answer, "quote": quote, "sequence": sequence}


SHOWS_NAMES = finding(NAMES, "shown", "The last three slipped", 1)
SHOWS_COSTS = finding(COSTS, "shown", "the team had to wait", 1)


def looked_at(*findings: dict[str, Any], skill: RatedSkill = FEEDBACK, **changed: Any) -> dict[str, Any]:
    """An answer about one skill's behaviours; those not given are notShown."""
    given = {each["behaviourId"]: each for each in findings}
    return {
        "scores": [
            {
                "skillId": skill.id,
                "behaviours": [given.get(each.key, finding(each)) for each in skill.behaviours],
                "note": "You named what happened.",
                "next": {
                    "behaviourId": ASKS.key,
                    "sequence": 3,
                    "why": "It shows what is in the way.",
                    "line": "What has been getting in the way of the deadlines?",
                },
            }
        ],
        "strengths": "You came to the point.",
        "gaps": "You could ask more.",
        "summary": "A clear request.",
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
