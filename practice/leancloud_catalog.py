"""Maps skills and scenarios to LeanCloud objects."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError

from coach.leancloud.incoming import Incoming, Refs, as_it_is
from coach.leancloud.records import FieldMap, MirroredClass, Source, plain, text
from coach.leancloud.values import BrokenValue, MissingReference, object_id
from practice.catalog import behaviours
from practice.models import Scenario, ScenarioSkill, Skill
from practice.persona.brief.role_brief import RoleBrief

PERSONA_FIELDS = ("name", "role", "background")
PLAYED_FIELDS = ("voice", "portrait", "brief")


def _scenario_outward(scenario: Scenario, refs: Refs) -> dict[str, Any]:
    skills = scenario.ordered_skills()
    return {
        "aiPersona": scenario.ai_persona | {name: getattr(scenario, f"ai_persona_{name}") for name in PLAYED_FIELDS},
        "traineePersona": scenario.trainee_persona,
        "skills": [refs.remote("Skill", skill.pk) for skill in skills],
    }


def _scenario_fill(attributes: dict[str, Any], incoming: Incoming) -> None:
    body = incoming.body
    for whose, remote in (("ai", "aiPersona"), ("trainee", "traineePersona")):
        try:
            persona = _persona(remote, body.get(remote), incoming)
        except BrokenValue as error:
            incoming.problem(error)
            persona = {}
        attributes |= {f"{whose}_persona_{name}": persona.get(name, "") for name in PERSONA_FIELDS}
        if whose == "ai":
            attributes |= _played(persona, incoming)
    _fill_keys(attributes, incoming, name="title", remote="title")


def _criteria_inward(value: Any, refs: Refs) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise BrokenValue("endCriteria: not a list of sentences")
    return value


def _fill_keys(attributes: dict[str, Any], incoming: Incoming, *, name: str, remote: str) -> None:
    """Fill missing identifying fields from the object id."""
    if not attributes.get("external_id"):
        attributes["external_id"] = incoming.body["objectId"]
    if not attributes.get(name):
        incoming.problem(f"{remote}: is missing")
        attributes[name] = incoming.body["objectId"]


def _persona(remote: str, value: Any, incoming: Incoming) -> dict[str, Any]:
    """Normalise the text fields of a persona; keep the others. Raises BrokenValue."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BrokenValue(f"{remote}: not a persona")
    persona = dict(value)
    known = PERSONA_FIELDS + PLAYED_FIELDS if remote == "aiPersona" else PERSONA_FIELDS
    incoming.name_unknown(remote, persona, known)
    for name in PERSONA_FIELDS:
        given = persona.get(name)
        if given is not None and (isinstance(given, bool) or not isinstance(given, str | int | float)):
            incoming.problem(f"{remote}.{name}: not text")
            given = None
        persona[name] = "" if given is None else str(given)
    return persona


def _played(persona: Mapping[str, Any], incoming: Incoming) -> dict[str, Any]:
    """Voice, portrait and role brief; other applications have none."""
    brief, portrait, voice = persona.get("brief"), persona.get("portrait") or {}, persona.get("voice") or ""
    if not isinstance(portrait, Mapping):
        incoming.problem("aiPersona.portrait: not an object")
        portrait = {}
    if not isinstance(voice, str):
        incoming.problem("aiPersona.voice: not text")
        voice = ""
    if brief is not None:
        try:
            brief = RoleBrief.model_validate(brief).stored()
        except ValidationError:
            incoming.problem("aiPersona.brief: not a role brief")
            brief = None
    return {"ai_persona_voice": voice, "ai_persona_portrait": dict(portrait), "ai_persona_brief": brief}


def _skill_ids(value: Any, incoming: Incoming) -> list[str]:
    """Remote ids of the skills that exist here, without duplicates."""
    given = value if isinstance(value, list) else [value] if value else []
    there: list[str] = []
    for each in given:
        try:
            remote = object_id("skills", each)
            incoming.refs.local("Skill", remote)
        except BrokenValue as error:
            incoming.problem(f"skills: {error}" if isinstance(error, MissingReference) else error)
            continue
        if remote not in there:
            there.append(remote)
    return there


def _scenario_finish(scenario: Scenario, incoming: Incoming) -> None:
    if "skills" not in incoming.body:
        return
    there = _skill_ids(incoming.body["skills"], incoming)
    wanted = list(dict.fromkeys(incoming.refs.local("Skill", remote) for remote in there))
    if [link.skill_id for link in ScenarioSkill.objects.filter(scenario=scenario)] == wanted:
        return
    ScenarioSkill.objects.filter(scenario=scenario).delete()
    ScenarioSkill.objects.bulk_create(
        [ScenarioSkill(scenario=scenario, skill_id=skill, position=place) for place, skill in enumerate(wanted)]
    )


def _behaviours_inward(value: Any, refs: Refs) -> list[behaviours.StoredBehaviour]:
    try:
        return behaviours.read(value)
    except ValidationError:
        raise BrokenValue("behaviours: not a list of behaviours") from None


def _skill_fill(attributes: dict[str, Any], incoming: Incoming) -> None:
    _fill_keys(attributes, incoming, name="name", remote="name")


def _updated(record: Any) -> Any:
    return record.updated_at


CATALOG = (
    MirroredClass(
        name="Skill",
        model=Skill,
        fields=(
            plain("externalId", "external_id"),
            plain("name", "name"),
            text("category", "category"),
            text("rubric", "rubric"),
            FieldMap("behaviours", "behaviours", inward=_behaviours_inward),
            text("description", "description"),
        ),
        sources=(Source("practice_skill", record="{row}.id"),),
        fill=_skill_fill,
        filled=frozenset({"name", "external_id"}),
        natural_key=("externalId", "external_id"),
        content=frozenset({"deleted_at"}),
        changed_at=_updated,
    ),
    MirroredClass(
        name="Scenario",
        model=Scenario,
        fields=(
            plain("externalId", "external_id"),
            text("category", "category"),
            plain("title", "title"),
            text("description", "description"),
            text("objective", "objective"),
            text("hardPart", "hard_part"),
            FieldMap("endCriteria", "end_criteria", inward=_criteria_inward),
            plain("idleLimitSeconds", "idle_limit_seconds"),
            plain("durationLimitSeconds", "duration_limit_seconds"),
            text("prompt", "prompt"),
            plain("language", "language"),
            plain("status", "status"),
        ),
        derived={
            "aiPersona": partial(_persona, "aiPersona"),
            "traineePersona": partial(_persona, "traineePersona"),
            "skills": _skill_ids,
            "skillSummaries": as_it_is,
        },
        filled=frozenset({"title", "external_id"}),
        content=frozenset({"deleted_at"}),
        natural_key=("externalId", "external_id"),
        transient=frozenset(f"{whose}_persona_{name}" for whose in ("ai", "trainee") for name in PERSONA_FIELDS)
        | frozenset(f"ai_persona_{name}" for name in PLAYED_FIELDS),
        sources=(
            Source("practice_scenario", record="{row}.id"),
            Source("practice_scenarioskill", record="{row}.scenario_id"),
        ),
        more_outward=_scenario_outward,
        fill=_scenario_fill,
        finish=_scenario_finish,
        changed_at=_updated,
        prefetch=("scenarioskill_set__skill",),
    ),
)
