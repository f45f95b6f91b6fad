"""Who appears in the tests: a scenario with Alex, who keeps missing deadlines, and Sam, who has to say so."""

from typing import Any

from coach.ids import new_id
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, ScenarioSkill, Skill

ALEX = {"name": "Alex", "role": "Software developer", "background": "Talented, overworked, fears to be blamed."}
SAM = {"name": "Sam", "role": "Team lead", "background": "Leads the team and has covered for Alex twice."}
OBJECTIVE = "Alex agrees to a concrete date and to raise delays early."
END_CRITERION = "Alex leaves the conversation in anger."


def skill(name: str = "Clarity", **changes: Any) -> Skill:
    given = {
        "external_id": f"skill-{new_id()[:12]}",
        "name": f"{name} {new_id()[:6]}",
        "category": "Speaking",
        "rubric": "1: vague. 3: mostly clear. 5: every request is concrete.",
    }
    return Skill.objects.create(**(given | changes))


def scenario(*, skills: list[Skill] | None = None, **changes: Any) -> Scenario:
    """Published and complete; long limits, so that nothing ends by itself unless a test wants it."""
    given = {
        "external_id": f"scenario-{new_id()[:12]}",
        "category": "Work",
        "title": f"Deadlines keep slipping {new_id()[:6]}",
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
