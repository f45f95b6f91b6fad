"""A small catalog: five scenarios that trainees see, and some that they must not see."""

from typing import Any

from django.utils import timezone

from practice.models import Scenario, ScenarioSkill, Skill

RUBRIC = "1: Talks past it.\n3: Says it once.\n5: Says it, and checks that it arrived."


def skill(key: str, name: str, **fields: Any) -> Skill:
    return Skill.objects.create(external_id=key, name=name, category="Talking", rubric=RUBRIC, **fields)


def scenario(key: str, title: str, *, skills: list[Skill], **fields: Any) -> Scenario:
    """A complete scenario; `fields` change it."""
    made = Scenario.objects.create(
        **{
            "external_id": key,
            "title": title,
            "category": "Work",
            "description": "Sam has been **late** three times.\n\nYou asked for ten minutes.",
            "objective": "Agree on one change.",
            "ai_persona_name": "Sam Okafor",
            "ai_persona_role": "Developer",
            "ai_persona_background": "You joke when it gets close.",
            "trainee_persona_name": "Jordan",
            "trainee_persona_role": "Team lead",
            "trainee_persona_background": "You avoid conflict.",
            "end_criteria": ["Both said yes to one change.", "It fails if Sam leaves."],
            "idle_limit_seconds": 25,
            "duration_limit_seconds": 360,
            "status": "published",
        }
        | fields
    )
    for position, each in enumerate(skills):
        ScenarioSkill.objects.create(scenario=made, skill=each, position=position)
    return made


def stock() -> dict[str, Scenario]:
    listening = skill("listening", "Listening")
    limits = skill("limits", "Setting limits")
    gone = skill("gone", "Withdrawn", deleted_at=timezone.now())
    return {
        "late": scenario("late", "The deadline that slipped again", skills=[listening, limits]),
        "boss": scenario("boss", "Disagree with your boss", skills=[limits], objective="Get a later launch date."),
        "rent": scenario("rent", "Asking for the rent", skills=[limits], category="Home"),
        "cafe": scenario("cafe", "The CAFÉ that never pays", skills=[listening], category="Home"),
        "family": scenario("family", "妈妈又提起结婚的事", skills=[listening], category="家庭", language="zh"),
        "draft": scenario("draft", "Not ready yet", skills=[listening], status="draft"),
        "deleted": scenario("deleted", "Taken off the shelf", skills=[listening], deleted_at=timezone.now()),
        "nobody": scenario("nobody", "Nobody to talk to", skills=[listening], ai_persona_name=" "),
        "endless": scenario("endless", "No way to end", skills=[listening], end_criteria=[]),
        "unskilled": scenario("unskilled", "Nothing to look at", skills=[]),
        "withdrawn": scenario("withdrawn", "With a deleted skill", skills=[gone]),
    }
