"""The scenario of most tests: the AI plays Alex, who keeps missing deadlines; the trainee is Sam, who has to say so."""

from typing import Any

from coach.ids import new_id
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, ScenarioSkill, Skill

ALEX = {"name": "Alex", "role": "Software developer", "background": "Talented, overworked, fears to be blamed."}
SAM = {"name": "Sam", "role": "Team lead", "background": "Leads the team and has covered for Alex twice."}
OBJECTIVE = "Alex agrees to a concrete date and to raise delays early."
END_CRITERION = "Alex leaves the conversation in anger."


def _tag() -> str:
    """Six random consonants for unique names: neither numbers, which a persona may repeat, nor words such as "cafe"."""
    return new_id()[:6].translate(str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst"))


def skill(name: str = "Clarity", **changes: Any) -> Skill:
    given = {
        "external_id": f"skill-{new_id()[:12]}",
        "name": f"{name} {_tag()}",
        "category": "Speaking",
        "rubric": "1: vague. 3: mostly clear. 5: every request is concrete.",
    }
    return Skill.objects.create(**(given | changes))


def scenario(*, skills: list[Skill] | None = None, **changes: Any) -> Scenario:
    """A complete, published scenario, with limits so long that sessions end only if a test wants it."""
    given = {
        "external_id": f"scenario-{new_id()[:12]}",
        "category": "Work",
        "title": f"Deadlines keep slipping {_tag()}",
        "description": "Alex has missed three deadlines. The customer is waiting.",
        "objective": OBJECTIVE,
        "ai_persona_name": ALEX["name"],
        "ai_persona_role": ALEX["role"],
        "ai_persona_background": ALEX["background"],
        "trainee_persona_name": SAM["name"],
        "trainee_persona_role": SAM["role"],
        "trainee_persona_background": SAM["background"],
        "end_criteria": [END_CRITERION],
        "idle_limit_seconds": 120,
        "duration_limit_seconds": 600,
        "status": ScenarioStatus.PUBLISHED,
    }
    made = Scenario.objects.create(**(given | changes))
    chosen = [skill("Clarity"), skill("Empathy")] if skills is None else skills
    for position, one in enumerate(chosen):
        ScenarioSkill.objects.create(scenario=made, skill=one, position=position)
    return made


def role_brief(**changes: Any) -> dict[str, Any]:
    """Alex's brief: owns up to late work, tells the reason only once there is trust, walks out when pushed too far."""
    brief = {
        "manner": "Jokes first, then gets short.",
        "trust": 0,
        "reactions": [
            {
                "key": "late-work",
                "when": "hears plainly which work came late",
                "heard": ["The search page was four days late.", "You handed it in late."],
                "says": ["Okay, that one was on me.", "Yes, I know."],
                "trust": 1,
                "meets": [1],
                "hint": "Name one piece of work and one date.",
            },
            {
                "key": "behind-it",
                "when": "is asked openly what is behind it",
                "heard": ["What is getting in your way?", "What is behind it?"],
                "says": ["I have been taking the support calls."],
                "otherwise": ["It was just a busy month."],
                "needs": {"trust": 1},
                "trust": 1,
                "meets": [2],
                "hint": "Ask what is in the way, then wait.",
            },
            {
                "key": "insult",
                "when": "is insulted",
                "heard": ["You are lazy.", "You are useless."],
                "says": ["If I am that useless, find somebody else.", "Charming."],
                "trust": -2,
            },
            {"key": "leaves", "when": "trust falls to -3", "says": ["No. I am done here."], "ends": "failed"},
        ],
        "holdsOn": ["Everybody is late here.", "It was not only me."],
    }
    return brief | changes


BRIEF_CRITERIA = ["Alex owns up to one late delivery.", "Alex says what gets in the way.", "It fails if Alex leaves."]


def scenario_with_brief(**changes: Any) -> Scenario:
    """Alex with a role brief and the end criteria that it meets."""
    return scenario(**({"ai_persona_brief": role_brief(), "end_criteria": BRIEF_CRITERIA} | changes))
