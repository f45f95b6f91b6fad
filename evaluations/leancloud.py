"""Maps evaluations to LeanCloud objects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coach.leancloud.incoming import Incoming, Refs
from coach.leancloud.records import MirroredClass, Source, plain, reference, register, text, time
from coach.leancloud.values import BrokenValue, latest, object_id, stamp
from evaluations import leancloud_own_view
from evaluations.findings.ratings import Answer
from evaluations.lifecycle import TRIES_IN_A_ROW, EvaluationStatus
from evaluations.models import (
    RATED_BY_BEHAVIOURS,
    RATED_BY_RUBRIC,
    BehaviourResult,
    CriterionResult,
    Evaluation,
    Evidence,
    SkillScore,
)
from practice.catalog.behaviours import BehaviourKind
from practice.catalog.rubric import RATINGS

OF_AN_EVALUATION = "(SELECT session_id FROM evaluations_evaluation WHERE id = {row}.evaluation_id)"
SCORE_PARTS = frozenset(
    {
        *("skillId", "name", "rubric", "rating", "note", "tryInstead", "withoutEvidence", "evidence"),
        *("behaviours", "next"),
    }
)
BEHAVIOUR_PARTS = ("key", "text", "kind", "answer", "sequence", "quote")
SEQUENCES = range(2**31)
INTERRUPTED = "It was being scored when it was brought here."


def _outward(evaluation: Evaluation, refs: Refs) -> dict[str, Any]:
    return {
        "scores": [
            {
                "skillId": refs.remote_or_none("Skill", score.skill_id) or score.skill_id,
                "name": score.name,
                "rubric": score.rubric,
                "rating": score.rating,
                "note": score.note,
                "tryInstead": score.try_instead,
                "withoutEvidence": score.without_evidence,
                "evidence": [{"sequence": found.sequence, "quote": found.quote} for found in score.evidence.all()],
                "behaviours": [
                    {name: getattr(each, name) for name in BEHAVIOUR_PARTS} for each in score.behaviours.all()
                ],
                "next": score.next_step,
            }
            for score in evaluation.scores.all()
        ],
        "criteria": [
            {"criterion": result.criterion, "met": result.met, "sequence": result.sequence}
            for result in evaluation.criteria.all()
        ],
    } | leancloud_own_view.outward(evaluation, refs)


def _fill(attributes: dict[str, Any], incoming: Incoming) -> None:
    """An evaluation that was still running becomes failed, so that it can be requested again."""
    if attributes.get("queued_at") is None:
        attributes["queued_at"] = incoming.time("createdAt") or stamp(incoming.body)
    if attributes["queued_at"] is None:
        raise BrokenValue("queuedAt: is missing")
    status = attributes.get("status") or (
        EvaluationStatus.COMPLETED if attributes.get("summary") else EvaluationStatus.FAILED
    )
    if status in (EvaluationStatus.PENDING, EvaluationStatus.RUNNING):
        status, attributes["last_error"] = EvaluationStatus.FAILED, INTERRUPTED
    attributes["status"] = status
    if status == EvaluationStatus.FAILED:
        attributes |= {"last_error": attributes.get("last_error") or INTERRUPTED, "completed_at": None}
    if status == EvaluationStatus.COMPLETED:
        attributes["last_error"] = ""
        completed = attributes.get("completed_at") or stamp(incoming.body)
        attributes["completed_at"] = completed or attributes["queued_at"]
    if "shape" not in attributes:
        scores = incoming.body.get("scores")
        given = [each for each in scores if isinstance(each, Mapping)] if isinstance(scores, list) else []
        has_behaviours = any(each.get("behaviours") for each in given)
        attributes["shape"] = RATED_BY_BEHAVIOURS if has_behaviours else RATED_BY_RUBRIC
    attributes["tries_in_a_row"] = min(
        attributes.get("tries_in_a_row") or 0, attributes.get("attempts") or 0, TRIES_IN_A_ROW
    )


def _changed_at(evaluation: Evaluation) -> datetime:
    return latest(evaluation.completed_at or evaluation.queued_at, *leancloud_own_view.changed_at(evaluation))


def _finish(evaluation: Evaluation, incoming: Incoming) -> None:
    """Store scores and criteria. Fields the object does not have are left unchanged."""
    if "scores" in incoming.body:
        evaluation.scores.all().delete()
        for place, given in enumerate(_scores(incoming.body["scores"], incoming)):
            _store_score(evaluation, place, given, incoming.refs)
    if "criteria" in incoming.body:
        evaluation.criteria.all().delete()
        CriterionResult.objects.bulk_create(
            [
                CriterionResult(evaluation=evaluation, position=place, **given)
                for place, given in enumerate(_criteria(incoming.body["criteria"], incoming))
            ]
        )
    leancloud_own_view.finish(evaluation, incoming)


def _store_score(evaluation: Evaluation, place: int, given: dict[str, Any], refs: Refs) -> None:
    score = SkillScore.objects.create(
        evaluation=evaluation,
        position=place,
        skill_id=_skill(given["skillId"], refs),
        name=given["name"][:120],
        rubric=given["rubric"],
        rating=given["rating"],
        note=given["note"],
        try_instead=given["tryInstead"],
        without_evidence=given["withoutEvidence"],
        next_step=given["next"],
    )
    BehaviourResult.objects.bulk_create(
        [BehaviourResult(score=score, position=number, **found) for number, found in enumerate(given["behaviours"])]
    )
    Evidence.objects.bulk_create(
        [Evidence(score=score, position=number, **found) for number, found in enumerate(given["evidence"])]
    )


def _scores(value: Any, incoming: Incoming) -> list[dict[str, Any]]:
    """Normalise scores. Those without a skill or a valid rating are left out and reported."""
    read: dict[str, dict[str, Any]] = {}
    for given in incoming.objects("scores", value):
        incoming.name_unknown("scores", given, SCORE_PARTS)
        try:
            skill = object_id("scores: skillId", given.get("skillId"))
            score = {
                **given,
                "skillId": skill,
                "name": _words(given.get("name")),
                "rubric": _words(given.get("rubric")),
                "rating": _rating(given),
                "note": _words(given.get("note")) or "—",
                "tryInstead": _words(given.get("tryInstead")),
                "evidence": _evidence(given.get("evidence"), incoming),
                "behaviours": _behaviours(given.get("behaviours"), incoming),
                "next": given.get("next") if isinstance(given.get("next"), Mapping) else None,
            }
        except BrokenValue as error:
            incoming.problem(error)
            continue
        score["withoutEvidence"] = not score["evidence"] and not any(each["quote"] for each in score["behaviours"])
        if skill in read:
            incoming.problem("scores: one skill twice")
        read.setdefault(skill, score)
    return list(read.values())


def _rating(given: Mapping[str, Any]) -> int | None:
    """None only if behaviours were looked for and there was no occasion."""
    if given.get("rating") is None and given.get("behaviours"):
        return None
    return _whole("scores: rating", given.get("rating"), RATINGS)


def _behaviours(value: Any, incoming: Incoming) -> list[dict[str, Any]]:
    read: dict[str, dict[str, Any]] = {}
    for given in incoming.objects("scores: behaviours", value):
        try:
            found = {name: _words(given.get(name)) for name in ("key", "text", "kind", "answer", "quote")}
            shown = found["answer"] == Answer.SHOWN
            sequence = _whole("scores: behaviours", given.get("sequence"), SEQUENCES) if shown else None
        except BrokenValue as error:
            incoming.problem(error)
            continue
        whole = found["key"] and found["kind"] in list(BehaviourKind) and found["answer"] in list(Answer)
        if not whole or bool(found["quote"]) != shown:
            incoming.problem("scores: behaviours: not of the documented shape")
            continue
        read.setdefault(found["key"], found | {"sequence": sequence})
    return list(read.values())


def _evidence(value: Any, incoming: Incoming) -> list[dict[str, Any]]:
    read = []
    for given in incoming.objects("scores: evidence", value):
        try:
            sequence, quote = _whole("scores: evidence", given.get("sequence"), SEQUENCES), _words(given.get("quote"))
        except BrokenValue as error:
            incoming.problem(error)
            continue
        if quote:
            read.append({"sequence": sequence, "quote": quote})
    return read


def _criteria(value: Any, incoming: Incoming) -> list[dict[str, Any]]:
    read = []
    for given in incoming.objects("criteria", value):
        met, sequence = given.get("met"), given.get("sequence")
        if not isinstance(met, bool):
            incoming.problem("criteria: met neither true nor false")
            continue
        try:
            place = None if sequence is None else _whole("criteria: sequence", sequence, SEQUENCES)
        except BrokenValue as error:
            incoming.problem(error)
            place = None
        read.append({"criterion": _words(given.get("criterion")), "met": met, "sequence": place if met else None})
    return read


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BrokenValue("scores: words that are no text")
    return str(value)


def _whole(name: str, value: Any, within: range) -> int:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or number not in within:
        raise BrokenValue(f"{name} out of range, or no whole number")
    return int(number)


def _skill(remote_id: str, refs: Refs) -> str:
    """Local id of a skill; the remote id if the skill no longer exists."""
    try:
        return refs.local("Skill", remote_id)
    except BrokenValue:
        return remote_id[:40]


MIRRORED = (
    MirroredClass(
        name="Evaluation",
        model=Evaluation,
        fields=(
            reference("sessionId", "session_id", "PracticeSession"),
            plain("status", "status"),
            text("summary", "summary"),
            text("evaluatorModel", "evaluator_model"),
            plain("attempts", "attempts"),
            text("lastError", "last_error"),
            time("queuedAt", "queued_at"),
            time("completedAt", "completed_at"),
        ),
        filled=frozenset({"status", "queued_at"}),
        content=frozenset({"strengths", "gaps"}),
        derived={"scores": _scores, "criteria": _criteria} | leancloud_own_view.DERIVED,
        transient=frozenset({"try_counted", "next_attempt_at", "claim", "claimed_until"}),
        sources=(
            Source(
                "evaluations_evaluation",
                record="{row}.id",
                session="{row}.session_id",
                columns=("status", "attempts", "last_error", "completed_at", "summary"),
            ),
            Source("evaluations_skillscore", record="{row}.evaluation_id", session=OF_AN_EVALUATION),
            Source("evaluations_dispute", record="{row}.evaluation_id", session=OF_AN_EVALUATION),
            Source(
                "evaluations_selfassessment",
                record="(SELECT id FROM evaluations_evaluation WHERE session_id = {row}.session_id)",
                session="{row}.session_id",
            ),
        ),
        more_outward=_outward,
        fill=_fill,
        finish=_finish,
        told_again=("PracticeSession", "session_id"),
        changed_at=_changed_at,
        prefetch=("scores__evidence", "scores__behaviours", "criteria", "disputes", "earlier_readings"),
    ),
)


register(MIRRORED)
