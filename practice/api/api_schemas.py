"""The API's records, shared by HTTP, socket, history and mirrors."""

from collections.abc import Iterable, Mapping
from typing import Any

from ninja import Schema

from coach.edge.timestamps import Moment
from practice import models
from practice.catalog import behaviours
from practice.lifecycle import SessionStatus, Speaker
from practice.limits import capacity
from practice.ports import EvaluationBrief, ports


class Skill(Schema):
    id: str
    externalId: str
    name: str
    category: str
    rubric: str
    description: str


class Persona(Schema):
    name: str
    role: str
    background: str


class Behaviour(Schema):
    key: str
    text: str
    kind: str


class SkillSummary(Schema):
    skillId: str
    name: str
    rubric: str
    behaviours: list[Behaviour]


class Scenario(Schema):
    """What a trainee may know: not the role brief, the settings of voice and portrait, or the behaviours' examples."""

    id: str
    externalId: str
    category: str
    title: str
    description: str
    objective: str
    hardPart: str
    aiPersona: Persona
    traineePersona: Persona
    endCriteria: list[str]
    skills: list[str]
    skillSummaries: list[SkillSummary]
    idleLimitSeconds: int
    durationLimitSeconds: int
    prompt: str | None
    language: str


class PracticeSession(Schema):
    id: str
    scenarioId: str
    scenarioTitle: str
    stubUserId: str
    status: str
    queuePosition: int | None
    terminationReason: str | None
    clientSessionStartedAt: Moment
    startedAt: Moment | None
    endedAt: Moment | None
    totalDurationSeconds: int | None
    idleLimitSeconds: int
    durationLimitSeconds: int
    language: str
    wsChannel: str
    objectiveStatus: str
    objectiveReason: str | None
    evaluationId: str | None
    evaluationStatus: str | None
    continuesFrom: str | None
    continuesAt: int | None
    difficulty: str
    coaching: bool
    hintsUsed: int


class Turn(Schema):
    id: str
    sessionId: str
    sequence: int
    speaker: str
    transcript: str | None
    audioFileId: str | None
    audioUrl: str | None
    asrStatus: str | None
    interrupted: bool
    createdAt: Moment
    startedAt: Moment | None
    endedAt: Moment | None
    context: str | None
    latencyMs: int | None
    originalTranscript: str | None
    doubtful: list[list[int]]


class TurnReceipt(Schema):
    sessionId: str
    turnId: str | None
    aiTurnId: str | None
    status: str


def skill(record: models.Skill) -> Skill:
    return Skill(
        id=record.pk,
        externalId=record.external_id,
        name=record.name,
        category=record.category,
        rubric=record.rubric,
        description=record.description,
    )


def scenario(record: models.Scenario) -> Scenario:
    """For several scenarios, prefetch `scenarioskill_set__skill`."""
    skills = [one for one in record.ordered_skills() if one.deleted_at is None]
    return Scenario(
        id=record.pk,
        externalId=record.external_id,
        category=record.category,
        title=record.title,
        description=record.description,
        objective=record.objective,
        hardPart=record.hard_part,
        aiPersona=Persona(**record.ai_persona),
        traineePersona=Persona(**record.trainee_persona),
        endCriteria=list(record.end_criteria),
        skills=[one.pk for one in skills],
        skillSummaries=[
            SkillSummary(
                skillId=one.pk,
                name=one.name,
                rubric=one.rubric,
                behaviours=[Behaviour(**outline) for outline in behaviours.outlines(one.behaviours)],
            )
            for one in skills
        ],
        idleLimitSeconds=record.idle_limit_seconds,
        durationLimitSeconds=record.duration_limit_seconds,
        prompt=record.prompt or None,
        language=record.language,
    )


def kept_scenario(brief: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario snapshot of a session; older sessions stored no behaviours, so empty lists are filled in."""
    summaries = [{"behaviours": []} | each for each in brief.get("skillSummaries") or ()]
    return {**brief, "skillSummaries": summaries}


def session(
    record: models.PracticeSession,
    *,
    evaluation: EvaluationBrief | None = None,
    positions: Mapping[str, int] | None = None,
) -> PracticeSession:
    """`positions` in the queue (`capacity.positions`): needed if the session is pending."""
    return PracticeSession(
        id=record.pk,
        scenarioId=record.scenario_id,
        scenarioTitle=record.scenario_title,
        stubUserId=record.user_id,
        status=record.status,
        queuePosition=(positions or {}).get(record.pk),
        terminationReason=record.termination_reason or None,
        clientSessionStartedAt=record.client_session_started_at,
        startedAt=record.started_at,
        endedAt=record.ended_at,
        totalDurationSeconds=record.total_duration_seconds,
        idleLimitSeconds=record.idle_limit_seconds,
        durationLimitSeconds=record.duration_limit_seconds,
        language=record.language,
        wsChannel=f"/ws/sessions/{record.pk}",
        objectiveStatus=record.objective_status,
        objectiveReason=record.objective_reason or None,
        evaluationId=evaluation.id if evaluation else None,
        evaluationStatus=evaluation.status if evaluation else None,
        continuesFrom=record.continues_from_id,
        continuesAt=record.continues_at,
        difficulty=record.difficulty,
        coaching=record.coaching,
        hintsUsed=record.hints_used,
    )


def sessions(records: Iterable[models.PracticeSession]) -> list[PracticeSession]:
    """Several at once: one query for the evaluations if any session has ended, one for the queue if any is waiting."""

    found = list(records)
    ended = [one.pk for one in found if one.status == SessionStatus.ENDED]
    briefs: Mapping[str, EvaluationBrief] = ports.evaluation_briefs(ended) if ended else {}
    waits = any(one.status == SessionStatus.PENDING for one in found)
    positions = capacity.positions() if waits else {}
    return [session(one, evaluation=briefs.get(one.pk), positions=positions) for one in found]


def turn(record: models.Turn, *, audio_url: str | None = None) -> Turn:
    return Turn(
        id=record.pk,
        sessionId=record.session_id,
        sequence=record.sequence,
        speaker=Speaker(record.speaker).value,
        transcript=record.transcript,
        audioFileId=record.audio_id,
        audioUrl=audio_url if record.audio_id else None,
        asrStatus=record.asr_status,
        interrupted=record.interrupted,
        createdAt=record.created_at,
        startedAt=record.started_at,
        endedAt=record.ended_at,
        context=record.context,
        latencyMs=record.latency_ms,
        originalTranscript=record.original_transcript,
        doubtful=record.doubtful,
    )


def json(shape: Schema) -> dict[str, Any]:
    return shape.model_dump(mode="json")
