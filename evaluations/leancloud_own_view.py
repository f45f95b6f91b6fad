"""The trainee's own view in an evaluation's LeanCloud object: self-assessment, disputes, earlier readings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coach.leancloud.incoming import Incoming, Normal, Refs, as_it_is
from coach.leancloud.values import BrokenValue, iso, moment
from evaluations.models import REASON_MAX, Dispute, EarlierReading, Evaluation, SelfAssessment
from practice.catalog.behaviours import KEY_MAX

DERIVED: dict[str, Normal] = dict.fromkeys(
    ("doors", "agreement", "disputes", "selfAssessment", "earlierReadings"), as_it_is
)


def outward(evaluation: Evaluation, refs: Refs) -> dict[str, Any]:
    agreed = evaluation.agreed_of and {"agreed": evaluation.agreed, "of": evaluation.agreed_of}
    kept = SelfAssessment.objects.filter(session_id=evaluation.session_id).first()
    return {
        "doors": [{"hint": hint} for hint in evaluation.doors],
        "agreement": agreed or None,
        "disputes": [_dispute(each, refs) for each in evaluation.disputes.all()],
        "selfAssessment": kept
        and {
            "answers": [each | {"skillId": _remote(each["skillId"], refs)} for each in kept.answers],
            "note": kept.note,
            "createdAt": iso(kept.created_at),
            "updatedAt": iso(kept.updated_at),
        },
        "earlierReadings": [
            {"version": each.version, "replacedAt": iso(each.replaced_at), "result": each.result}
            for each in evaluation.earlier_readings.all()
        ],
    }


def changed_at(evaluation: Evaluation) -> list[datetime]:
    """When the trainee assessed themself or disputed, and when disputes were answered."""
    assessed = SelfAssessment.objects.filter(session_id=evaluation.session_id).values_list("updated_at", flat=True)
    disputed = [time for each in evaluation.disputes.all() for time in (each.created_at, each.overruled_at) if time]
    return [*assessed, *disputed]


def finish(evaluation: Evaluation, incoming: Incoming) -> None:
    """Store the fields that are present; malformed ones are left out and reported."""
    body = incoming.body
    if "disputes" in body:
        evaluation.disputes.all().delete()
        for given in incoming.objects("disputes", body["disputes"]):
            _store("disputes", incoming, lambda given=given: _store_dispute(evaluation, given, incoming.refs))
    if "earlierReadings" in body:
        evaluation.earlier_readings.all().delete()
        for given in incoming.objects("earlierReadings", body["earlierReadings"]):
            _store("earlierReadings", incoming, lambda given=given: _store_reading(evaluation, given))
    seen = body.get("selfAssessment")
    if isinstance(seen, Mapping):
        _store("selfAssessment", incoming, lambda: _store_assessment(evaluation, seen, incoming.refs))


def _store(name: str, incoming: Incoming, store: Any) -> None:
    try:
        store()
    except BrokenValue as error:
        incoming.problem(error)
    except (KeyError, TypeError, ValueError, AttributeError):
        incoming.problem(f"{name}: not of the documented shape")


def _dispute(dispute: Dispute, refs: Refs) -> dict[str, Any]:
    return {
        "skillId": _remote(dispute.skill_id, refs),
        "key": dispute.key,
        "answer": dispute.answer,
        "reason": dispute.reason,
        "createdAt": iso(dispute.created_at),
        "overruledAnswer": dispute.overruled_answer,
        "overruledReason": dispute.overruled_reason,
        "overruledBy": dispute.overruled_by,
        "overruledAt": iso(dispute.overruled_at),
    }


def _store_dispute(evaluation: Evaluation, given: Mapping[str, Any], refs: Refs) -> None:
    overruled = bool(given.get("overruledAnswer"))
    Dispute.objects.create(
        evaluation=evaluation,
        skill_id=_local(given["skillId"], refs),
        key=str(given["key"])[:KEY_MAX],
        answer=str(given["answer"])[:16],
        reason=str(given["reason"])[:REASON_MAX] or "—",
        created_at=_time("disputes", given["createdAt"]),
        overruled_answer=str(given["overruledAnswer"])[:16] if overruled else "",
        overruled_reason=(str(given.get("overruledReason") or "—")[:REASON_MAX]) if overruled else "",
        overruled_by=str(given.get("overruledBy") or "")[:150],
        overruled_at=_time("disputes", given.get("overruledAt")) if overruled else None,
    )


def _store_reading(evaluation: Evaluation, given: Mapping[str, Any]) -> None:
    EarlierReading.objects.create(
        evaluation=evaluation,
        version=int(given["version"]),
        replaced_at=_time("earlierReadings", given["replacedAt"]),
        result=given["result"],
    )


def _store_assessment(evaluation: Evaluation, given: Mapping[str, Any], refs: Refs) -> None:
    answers = [
        {"skillId": _local(each["skillId"], refs), "key": str(each["key"]), "answer": str(each["answer"])}
        for each in given["answers"]
    ]
    SelfAssessment.objects.update_or_create(
        session_id=evaluation.session_id,
        defaults={
            "answers": answers,
            "note": str(given.get("note") or "")[:REASON_MAX],
            "created_at": _time("selfAssessment", given["createdAt"]),
            "updated_at": _time("selfAssessment", given["updatedAt"]),
        },
    )


def _time(name: str, value: Any) -> datetime:
    found = moment(name, value)
    if found is None:
        raise BrokenValue(f"{name}: without its time")
    return found


def _remote(skill_id: str, refs: Refs) -> str:
    return refs.remote_or_none("Skill", skill_id) or skill_id


def _local(remote_id: Any, refs: Refs) -> str:
    """The local skill id; if the skill is gone, the remote id is kept."""
    try:
        return refs.local("Skill", str(remote_id))
    except BrokenValue:
        return str(remote_id)[:40]
