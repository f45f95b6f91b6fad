"""Helpers for the catalog's admin pages: their addresses, forms, errors and messages."""

import re
from html import unescape
from typing import Any

from django.utils import timezone

from practice.models import PracticeSession, Scenario, Skill
from practice.seed_data import seed_format, seeding

ADMIN = "/admin/practice"


def put(skills: list[dict[str, Any]] | None = None, scenarios: list[dict[str, Any]] | None = None) -> None:
    """Import records into the catalog as the importer does."""
    parsed = [
        seed_format.parse(name, seed_format.write(records or []).encode(), shape)
        for name, records, shape in (
            ("skills", skills, seed_format.SkillRecord),
            ("scenarios", scenarios, seed_format.ScenarioRecord),
        )
    ]
    seeding.seed(*parsed)


def page_of(record: Skill | Scenario, view: str = "change") -> str:
    return f"{ADMIN}/{record._meta.model_name}/{record.pk}/{view}/"


def form_of(record: Skill | Scenario, **changes: Any) -> dict[str, Any]:
    """What the browser submits for an unchanged page, with these changes. `skills`: keys in order."""
    record.refresh_from_db()
    if isinstance(record, Skill):
        names = ["name", "category", "description", "rubric"]
        rows: dict[str, Any] = {}
    else:
        names = [
            *("title", "category", "language", "description", "objective", "prompt"),
            *("ai_persona_name", "ai_persona_role", "ai_persona_background"),
            *("trainee_persona_name", "trainee_persona_role", "trainee_persona_background"),
            *("idle_limit_seconds", "duration_limit_seconds"),
        ]
        rows = skill_rows(record, changes.pop("skills", None)) | {"end_criteria": "\n".join(record.end_criteria)}
    values = {name: getattr(record, name) for name in names} | {"opened_version": record.version}
    return values | rows | changes


def skill_rows(scenario: Scenario | None, keys: list[str] | None) -> dict[str, Any]:
    links = list(scenario.scenarioskill_set.all()) if scenario else []
    rows: dict[str, Any] = {}
    wanted = keys if keys is not None else [link.skill.external_id for link in links]
    number = 0
    for link in links:
        key = link.skill.external_id
        place = wanted.index(key) + 1 if key in wanted else link.position
        rows |= {f"{number}-id": link.pk, f"{number}-skill": link.skill_id, f"{number}-position": place}
        if key not in wanted:
            rows[f"{number}-DELETE"] = "on"
        number += 1
    for key in wanted:
        if key not in [link.skill.external_id for link in links]:
            rows |= {
                f"{number}-skill": Skill.objects.get(external_id=key).pk,
                f"{number}-position": wanted.index(key) + 1,
            }
            number += 1
    rows |= {"TOTAL_FORMS": number, "INITIAL_FORMS": len(links), "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return {f"scenarioskill_set-{name}": value for name, value in rows.items()} | (
        {f"scenarioskill_set-{number}-scenario": scenario.pk for number in range(number)} if scenario else {}
    )


def errors(response: Any) -> dict[str, list[str]]:
    """Field → its error messages; "" for the form as a whole, "skills" for the rows of skills."""
    found: dict[str, list[str]] = {}
    form = response.context["adminform"].form
    for name, said in form.errors.items():
        found["" if name == "__all__" else name] = list(said)
    for formset in response.context["inline_admin_formsets"]:
        if formset.formset.non_form_errors():
            found["skills"] = list(formset.formset.non_form_errors())
    return found


def page_messages(response: Any) -> str:
    """The success and error messages at the top of an admin page, as text."""
    html = response.content.decode()
    blocks = re.findall(r'<ul class="messagelist">(.*?)</ul>', html, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", " ".join(blocks))).strip()


def practise(scenario: Scenario, **values: Any) -> PracticeSession:
    """Create a waiting session of this scenario."""
    now = timezone.now()
    fields = {
        "user_id": "pilot-user",
        "scenario": scenario,
        "scenario_title": scenario.title,
        "brief": {},
        "language": "en",
        "client_session_started_at": now,
        "created_at": now,
        "sorted_at": now,
        "idle_limit_seconds": 30,
        "duration_limit_seconds": 300,
    }
    return PracticeSession.objects.create(**(fields | values))
