"""Maps sessions and turns to LeanCloud objects, and registers all classes of this app."""

from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from coach import clock
from coach.identity import owner_of_unowned
from coach.leancloud.incoming import ANYTHING, Incoming, Refs, as_it_is
from coach.leancloud.records import FILE, MirroredClass, Source, plain, reference, register, text, time
from coach.leancloud.values import BrokenValue, file_reference, latest, object_id, stamp
from coach.storage.stores import LEANCLOUD
from practice import signals
from practice.api import api_schemas
from practice.leancloud_catalog import CATALOG
from practice.lifecycle import AsrStatus, Reason, ReplyStatus, SessionStatus, Speaker
from practice.limits.outage_time import CLOCKS
from practice.models import PracticeSession, Scenario, Turn
from practice.ports import ports


def _session_outward(session: PracticeSession, refs: Refs) -> dict[str, Any]:
    brief = ports.evaluation_briefs([session.pk]).get(session.pk)
    return {
        "totalDurationSeconds": session.total_duration_seconds,
        "queuePosition": None,
        "wsChannel": f"/ws/sessions/{session.pk}",
        "evaluationId": refs.remote_or_none("Evaluation", brief.id) if brief else None,
        "evaluationStatus": brief.status if brief else None,
    }


def _session_fill(attributes: dict[str, Any], incoming: Incoming) -> None:
    """Other applications store neither our scenario snapshot nor our deadlines, so fill them in."""
    scenario = Scenario.objects.filter(pk=attributes.get("scenario_id")).first()
    if scenario is None:
        raise BrokenValue("scenarioId: is missing")
    for name in ("scenario_title", "idle_limit_seconds", "duration_limit_seconds", "language"):
        source = "title" if name == "scenario_title" else name
        if attributes.get(name) in (None, ""):
            attributes[name] = getattr(scenario, source)
    attributes["user_id"] = attributes.get("user_id") or owner_of_unowned()
    started = attributes.get("started_at")
    if attributes.get("created_at") is None:
        attributes["created_at"] = incoming.time("createdAt") or started or stamp(incoming.body)
    if attributes["created_at"] is None:
        raise BrokenValue("createdAt: is missing")
    attributes.setdefault("sorted_at", started or attributes["created_at"])
    if attributes.get("client_session_started_at") is None:
        attributes["client_session_started_at"] = started or attributes["created_at"]
    if not _is_brief(attributes.get("brief")):
        attributes["brief"] = api_schemas.json(api_schemas.scenario(scenario))
        attributes["behaviours"] = scenario.skill_behaviours()
    _fill_end(attributes, incoming)
    if attributes["status"] != SessionStatus.ENDED:
        _fill_limit(attributes, incoming)


def _is_brief(value: Any) -> bool:
    try:
        api_schemas.Scenario.model_validate(value)
    except ValidationError:
        return False
    return True


def _fill_end(attributes: dict[str, Any], incoming: Incoming) -> None:
    """Make status, end time and reason consistent; report what had to be assumed."""
    started, ended = attributes.get("started_at"), attributes.get("ended_at")
    if attributes.get("status") is None:
        over = ended or started or incoming.body.get("status")
        attributes["status"] = SessionStatus.ENDED if over else SessionStatus.PENDING
    if attributes["status"] == SessionStatus.ACTIVE and started is None:
        incoming.problem("startedAt: is missing although the session is active")
        attributes["status"] = SessionStatus.ENDED
    if ended and attributes["status"] != SessionStatus.ENDED:
        incoming.problem("status: not ended although endedAt says so")
        attributes["status"] = SessionStatus.ENDED
    if attributes["status"] != SessionStatus.ENDED:
        attributes["termination_reason"] = ""
        return
    if ended is None:
        incoming.problem("endedAt: is missing although the session has ended")
        ended = started or attributes["created_at"]
    if started and ended < started:
        incoming.problem("endedAt: before startedAt")
        ended = started
    attributes["ended_at"] = ended
    if not attributes.get("termination_reason"):
        incoming.problem("terminationReason: is missing although the session has ended")
        attributes["termination_reason"] = Reason.MANUAL


def _fill_limit(attributes: dict[str, Any], incoming: Incoming) -> None:
    """A session that nobody ended has ended at its own limit: the time since is nobody's practice."""
    if attributes["status"] == SessionStatus.PENDING:
        limit, reason = latest(attributes["created_at"], attributes.get("started_at")), Reason.CAPACITY
    else:
        length = timedelta(seconds=attributes["duration_limit_seconds"])
        limit, reason = attributes["started_at"] + length, Reason.DURATION
        if limit > clock.now():
            attributes["duration_deadline"] = limit
            return
    incoming.problem(f"status: {attributes['status']} although its limit has passed")
    attributes["status"] = SessionStatus.ENDED
    attributes |= {"ended_at": limit, "termination_reason": reason}


def _evaluation_id(value: Any, incoming: Incoming) -> Any:
    return object_id("evaluationId", value) if value else ANYTHING


def _evaluation_status(value: Any, incoming: Incoming) -> Any:
    """A pull marks evaluations that were still running as failed."""
    return "failed" if value in ("pending", "running") else value or ANYTHING


def _turn_outward(turn: Turn, refs: Refs) -> dict[str, Any]:
    file_id = None
    if turn.audio is not None:
        settled_there = turn.audio.store == LEANCLOUD
        file_id = turn.audio.key if settled_there else refs.remote_or_none(FILE, turn.audio.pk)
    return {"audioFileId": file_id, "audioUrl": refs.address(file_id) if file_id else None}


def _turn_fill(attributes: dict[str, Any], incoming: Incoming) -> None:
    if attributes.get("created_at") is None:
        times = (incoming.time("createdAt"), attributes.get("started_at"), stamp(incoming.body))
        attributes["created_at"] = next((time for time in times if time), None)
    if attributes["created_at"] is None:
        raise BrokenValue("createdAt: is missing")
    if not isinstance(attributes.get("text_timing"), list | None):
        incoming.problem("coach.text_timing: not a list")
        attributes["text_timing"] = None
    if attributes.get("speaker") == Speaker.AI:
        attributes["reply_status"] = attributes.get("reply_status") or ReplyStatus.COMPLETE
        attributes["asr_status"] = None
    else:
        _fill_transcription(attributes, incoming)


def _fill_transcription(attributes: dict[str, Any], incoming: Incoming) -> None:
    """Nobody transcribes a pulled turn unasked; the trainee can ask once it has failed."""
    status, words = attributes.get("asr_status"), attributes.get("transcript")
    if status == AsrStatus.PENDING or (status is None and not words and _has_audio(incoming)):
        attributes["asr_status"] = AsrStatus.COMPLETED if words else AsrStatus.FAILED


def _has_audio(incoming: Incoming) -> bool:
    try:
        return bool(file_reference(incoming.body))
    except BrokenValue:
        # Reported when the recording is fetched.
        return False


def _announce(turn: Turn) -> None:
    signals.turn_pulled.send(Turn, turn=turn)


MIRRORED = (
    *CATALOG,
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
        filled=frozenset(
            {
                "status",
                "client_session_started_at",
                "scenario_title",
                "user_id",
                "idle_limit_seconds",
                "duration_limit_seconds",
                "language",
            }
        ),
        content=frozenset({"brief", "coaching_pauses"}),
        derived={
            "queuePosition": as_it_is,
            "totalDurationSeconds": as_it_is,
            "wsChannel": as_it_is,
            "evaluationId": _evaluation_id,
            "evaluationStatus": _evaluation_status,
        },
        transient=frozenset(
            {
                *CLOCKS,
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
            plain("originalTranscript", "original_transcript"),
            plain("doubtful", "doubtful"),
        ),
        finish=lambda turn, incoming: _announce(turn),
        content=frozenset({"text_timing"}),
        derived={"audioFileId": as_it_is, "audioUrl": as_it_is},
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
        changed_at=lambda turn: latest(turn.ended_at or turn.created_at, turn.corrected_at),
        audio="audio",
        queryset=lambda: Turn.objects.select_related("audio").defer("audio__content"),
    ),
)


register(MIRRORED)
