"""Skills, scenarios, sessions and turns as LeanCloud objects."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from coach.storage.leancloud.records import (
    FILE,
    Broken,
    FieldMap,
    MirroredClass,
    Refs,
    Source,
    moment,
    object_id,
    plain,
    reference,
    register,
    text,
    time,
)
from coach.storage.stores import LEANCLOUD
from practice import api_schemas, behaviours
from practice.lifecycle import AsrStatus, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, ScenarioSkill, Skill, Turn
from practice.ports import ports
from practice.role_brief import RoleBrief

PERSONA_FIELDS = ("name", "role", "background")
PLAYED_FIELDS = ("voice", "portrait", "brief")


def _scenario_outward(scenario: Scenario, refs: Refs) -> dict[str, Any]:
    skills = scenario.ordered_skills()
    return {
        "aiPersona": scenario.ai_persona | {name: getattr(scenario, f"ai_persona_{name}") for name in PLAYED_FIELDS},
        "traineePersona": scenario.trainee_persona,
        "skills": [refs.remote("Skill", skill.pk) for skill in skills],
    }


def _scenario_fill(attributes: dict[str, Any], body: Mapping[str, Any], refs: Refs) -> None:
    for whose, remote in (("ai", "aiPersona"), ("trainee", "traineePersona")):
        persona = body.get(remote) or {}
        if not isinstance(persona, Mapping):
            raise Broken(f"{remote}: not a persona")
        for name in PERSONA_FIELDS:
            attributes[f"{whose}_persona_{name}"] = str(persona.get(name) or "")
        if whose == "ai":
            attributes |= _played(persona)
    criteria = attributes.get("end_criteria")
    if not isinstance(criteria, list) or not all(isinstance(line, str) for line in criteria):
        raise Broken("endCriteria: not a list of sentences")
    attributes.setdefault("external_id", body["objectId"])


def _played(persona: Mapping[str, Any]) -> dict[str, Any]:
    """Voice, portrait and role brief; apps of another make have none. Raises Broken."""
    brief, portrait = persona.get("brief"), persona.get("portrait") or {}
    if not isinstance(portrait, Mapping):
        raise Broken("aiPersona.portrait: not an object")
    if brief is not None:
        try:
            brief = RoleBrief.model_validate(brief).stored()
        except ValidationError:
            raise Broken("aiPersona.brief: not a role brief") from None
    return {
        "ai_persona_voice": str(persona.get("voice") or ""),
        "ai_persona_portrait": dict(portrait),
        "ai_persona_brief": brief,
    }


def _scenario_finish(scenario: Scenario, body: Mapping[str, Any], refs: Refs) -> None:
    skills = body.get("skills") or []
    if not isinstance(skills, list):
        raise Broken("skills: not a list")
    wanted = [refs.local("Skill", object_id("skills", skill)) for skill in skills]
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
        raise Broken("behaviours: not a list of behaviours") from None


def _skill_fill(attributes: dict[str, Any], body: Mapping[str, Any], refs: Refs) -> None:
    attributes.setdefault("external_id", body["objectId"])


def _session_outward(session: PracticeSession, refs: Refs) -> dict[str, Any]:
    brief = ports.evaluation_briefs([session.pk]).get(session.pk)
    return {
        "totalDurationSeconds": session.total_duration_seconds,
        "queuePosition": None,
        "wsChannel": f"/ws/sessions/{session.pk}",
        "evaluationId": refs.remote_or_none("Evaluation", brief.id) if brief else None,
        "evaluationStatus": brief.status if brief else None,
    }


def _session_fill(attributes: dict[str, Any], body: Mapping[str, Any], refs: Refs) -> None:
    """An app of another make has neither our snapshot of the scenario nor our deadlines."""
    created = moment("createdAt", body.get("createdAt"))
    scenario = Scenario.objects.filter(pk=attributes.get("scenario_id")).first()
    if scenario is None:
        raise Broken("scenarioId: is missing")
    for name in ("scenario_title", "idle_limit_seconds", "duration_limit_seconds", "language"):
        source = "title" if name == "scenario_title" else name
        if attributes.get(name) in (None, ""):
            attributes[name] = getattr(scenario, source)
    started = attributes.get("started_at")
    attributes.setdefault("created_at", created or started)
    if attributes["created_at"] is None:
        raise Broken("createdAt: is missing")
    attributes.setdefault("sorted_at", started or attributes["created_at"])
    if attributes.get("client_session_started_at") is None:
        attributes["client_session_started_at"] = started or attributes["created_at"]
    if not attributes.get("brief"):
        attributes["brief"] = api_schemas.json(api_schemas.scenario(scenario))
        attributes["behaviours"] = scenario.skill_behaviours()
    if attributes.get("status") == SessionStatus.ACTIVE:
        if started is None:
            raise Broken("startedAt: is missing although the session is active")
        attributes["duration_deadline"] = started + timedelta(seconds=attributes["duration_limit_seconds"])
    if attributes.get("status") == SessionStatus.PENDING:
        attributes["queue_deadline"] = attributes["created_at"]


def _turn_outward(turn: Turn, refs: Refs) -> dict[str, Any]:
    file_id = None
    if turn.audio is not None:
        settled_there = turn.audio.store == LEANCLOUD
        file_id = turn.audio.key if settled_there else refs.remote_or_none(FILE, turn.audio.pk)
    return {"audioFileId": file_id, "audioUrl": refs.address(file_id) if file_id else None}


def _turn_fill(attributes: dict[str, Any], body: Mapping[str, Any], refs: Refs) -> None:
    if attributes.get("created_at") is None:
        attributes["created_at"] = moment("createdAt", body.get("createdAt"))
    if attributes["created_at"] is None:
        raise Broken("createdAt: is missing")
    if attributes.get("speaker") == Speaker.AI:
        attributes["reply_status"] = attributes.get("reply_status") or ReplyStatus.COMPLETE
        attributes["asr_status"] = None
    elif attributes.get("asr_status") is None and body.get("audioFileId") and not attributes.get("transcript"):
        attributes["asr_status"] = AsrStatus.FAILED


def _updated(record: Any) -> Any:
    return record.updated_at


MIRRORED = (
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
            plain("endCriteria", "end_criteria"),
            plain("idleLimitSeconds", "idle_limit_seconds"),
            plain("durationLimitSeconds", "duration_limit_seconds"),
            text("prompt", "prompt"),
            plain("language", "language"),
            plain("status", "status"),
        ),
        derived=frozenset({"aiPersona", "traineePersona", "skills", "skillSummaries"}),
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
    MirroredClass(
        name="PracticeSession",
        model=PracticeSession,
        fields=(
            reference("scenarioId", "scenario_id", "Scenario"),
            plain("scenarioTitle", "scenario_title"),
            plain("stubUserId", "user_id"),
            plain("status", "status"),
            text("terminationReason", "termination_reason"),
            time("clientSessionStartedAt", "client_session_started_at"),
            time("startedAt", "started_at"),
            time("endedAt", "ended_at"),
            plain("idleLimitSeconds", "idle_limit_seconds"),
            plain("durationLimitSeconds", "duration_limit_seconds"),
            plain("language", "language"),
            plain("objectiveStatus", "objective_status"),
            text("objectiveReason", "objective_reason"),
            reference("continuesFrom", "continues_from_id", "PracticeSession"),
            plain("continuesAt", "continues_at"),
            plain("difficulty", "difficulty"),
            plain("coaching", "coaching"),
            plain("hintsUsed", "hints_used"),
        ),
        derived=frozenset({"queuePosition", "totalDurationSeconds", "wsChannel", "evaluationId", "evaluationStatus"}),
        transient=frozenset(
            {
                "queue_deadline",
                "duration_deadline",
                "idle_deadline",
                "socket_deadline",
                "speech_started_at",
                "had_socket",
                "event_number",
                "traceparent",
            }
        ),
        sources=(
            Source(
                "practice_practicesession",
                record="{row}.id",
                session="{row}.id",
                columns=(
                    "status",
                    "started_at",
                    "ended_at",
                    "objective_status",
                    "termination_reason",
                    "continues_from_id",
                ),
            ),
        ),
        more_outward=_session_outward,
        fill=_session_fill,
        changed_at=lambda session: session.ended_at or session.started_at or session.created_at,
    ),
    MirroredClass(
        name="Turn",
        model=Turn,
        fields=(
            reference("sessionId", "session_id", "PracticeSession"),
            plain("sequence", "sequence"),
            plain("speaker", "speaker"),
            plain("transcript", "transcript"),
            plain("asrStatus", "asr_status"),
            plain("interrupted", "interrupted"),
            time("startedAt", "started_at"),
            time("endedAt", "ended_at"),
            plain("context", "context"),
            plain("latencyMs", "latency_ms"),
        ),
        derived=frozenset({"audioFileId", "audioUrl"}),
        transient=frozenset(
            {
                "audio_id",
                "asr_claimed_until",
                "asr_next_attempt_at",
                "reply_attempts",
                "lease_holder",
                "lease_until",
            }
        ),
        sources=(
            Source(
                "practice_turn",
                record="{row}.id",
                session="{row}.session_id",
                columns=(
                    "transcript",
                    "asr_status",
                    "reply_status",
                    "interrupted",
                    "audio_id",
                    "ended_at",
                    "latency_ms",
                ),
            ),
            Source(
                "storage_audiofile",
                record="(SELECT id FROM practice_turn WHERE audio_id = {row}.id)",
                session="(SELECT session_id FROM practice_turn WHERE audio_id = {row}.id)",
                columns=("store", "key"),
            ),
        ),
        more_outward=_turn_outward,
        fill=_turn_fill,
        changed_at=lambda turn: turn.ended_at or turn.created_at,
        audio="audio",
        queryset=lambda: Turn.objects.select_related("audio").defer("audio__content"),
    ),
)


def plug_in() -> None:
    register(MIRRORED)
