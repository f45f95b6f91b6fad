"""Sessions and turns over the API. Other apps add their operations to the same router."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from coach import clock, identity
from coach.edge import arrival, openapi
from coach.edge.problems import Problem
from coach.providers import model_health
from practice import audio_links, session_end
from practice import sessions as verbs
from practice.api import api_schemas
from practice.api.api_fields import Flag, Id, Said, Text, ZonedTime, left_out
from practice.lifecycle import Difficulty, Language
from practice.models import Turn
from practice.session_socket import protocol
from practice.turns import accept, correction, transcription

sessions = Router(tags=["Sessions"])

NO_PLACE = openapi.refusals(
    s429="All places are taken and the queue is full, or the day's budget is used up (code daily_cost_ceiling); "
    "retry after Retry-After seconds",
    s503="The local models are still being prepared (code models_loading), or the server is starting or shutting down",
)
loading = model_health.loading


class SessionStart(Schema):
    scenarioId: Id
    clientSessionStartedAt: ZonedTime
    language: Language | None = None
    continuesFrom: Id | None = None
    continuesAt: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = None
    difficulty: Annotated[Difficulty, left_out(Difficulty.REALISTIC)] = Difficulty.REALISTIC
    coaching: Flag = False


class PracticeAgain(Schema):
    clientSessionStartedAt: ZonedTime
    language: Language | None = None


class ManualStop(Schema):
    reason: Text


class TurnCorrection(Schema):
    transcript: Annotated[Said, Field(max_length=correction.CHARACTERS_MAX)]


class TurnSubmission(Schema):
    """`audioBase64` (MP3) or `text`."""

    sequence: int
    startedAt: datetime
    endedAt: datetime
    audioBase64: str | None = None
    text: str | None = None
    context: str | None = None
    clientSentAt: datetime | None = None


@sessions.post("", response={201: api_schemas.PracticeSession}, summary="Start a session", openapi_extra=NO_PLACE)
def start_session(request: HttpRequest, body: SessionStart) -> Any:
    _models_ready()
    wish = verbs.Start(
        scenario_id=body.scenarioId,
        client_started_at=body.clientSessionStartedAt,
        language=body.language,
        continues_from=body.continuesFrom,
        continues_at=body.continuesAt,
        difficulty=body.difficulty,
        coaching=body.coaching,
        arrived_at=arrival.of_request(request),
    )
    session = verbs.start(wish, user_id=identity.trainee(), now=clock.now())
    return Status(201, api_schemas.sessions([session])[0])


@sessions.post(
    "/{session_id}/practice-again",
    response={201: api_schemas.PracticeSession},
    summary="Practise the same scenario again",
    openapi_extra=NO_PLACE,
)
def practice_again(request: HttpRequest, session_id: str, body: PracticeAgain) -> Any:
    earlier = _session(session_id)
    _models_ready()
    session = verbs.practice_again(
        earlier,
        client_started_at=body.clientSessionStartedAt,
        language=body.language,
        arrived_at=arrival.of_request(request),
        now=clock.now(),
    )
    return Status(201, api_schemas.sessions([session])[0])


@sessions.post("/{session_id}/manual-stop", response={202: api_schemas.PracticeSession}, summary="Stop a session")
def manual_stop(request: HttpRequest, session_id: str, body: ManualStop) -> Any:
    session = _session(session_id)
    try:
        reason = protocol.stop_reason(body.reason)
    except protocol.BadMessage as bad:
        raise Problem(422, bad.detail, errors=[{"field": "reason", "message": bad.detail}]) from None
    stopped = session_end.stop(session, reason, now=clock.now())
    return Status(202, api_schemas.sessions([stopped])[0])


@sessions.post(
    "/{session_id}/turns",
    response={202: api_schemas.TurnReceipt},
    summary="Send a turn",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": TurnSubmission.model_json_schema()}},
        }
    },
)
def submit_turn(request: HttpRequest, session_id: str) -> Any:
    """Reads leniently: a client that repeats an accepted turn is told so, whatever else the body contains."""
    now = clock.now()
    fields = getattr(request, "json", None)
    if not isinstance(fields, dict):
        look_up(session_id=session_id)
        raise Problem(400, _("The body is not a JSON object. Send one with sequence, times and audio or text."))
    turn = protocol.submission(fields, arrived_at=arrival.of_request(request), body_bytes=len(request.body))
    receipt = accept.accept(session_id, turn, user_id=identity.trainee(), now=now)
    shape = api_schemas.TurnReceipt(
        sessionId=receipt.session_id, turnId=receipt.turn_id, aiTurnId=receipt.ai_turn_id, status=receipt.status
    )
    return Status(202, shape)


@sessions.post(
    "/{session_id}/turns/{turn_id}/transcription",
    response={202: api_schemas.Turn, 409: api_schemas.Turn},
    summary="Transcribe a turn again",
)
def transcribe_again(request: HttpRequest, session_id: str, turn_id: str) -> Any:
    session = _session(session_id)
    _turn(turn_id, session_id=session.pk)
    moved = transcription.request_again(turn_id, now=clock.now())
    turn = _turn(turn_id, session_id=session.pk)
    links = audio_links.Links(session.user_id, now=clock.now())
    return Status(202 if moved else 409, api_schemas.turn(turn, audio_url=links.to(turn.pk)))


@sessions.patch("/{session_id}/turns/{turn_id}", response=api_schemas.Turn, summary="Correct your own transcript")
def correct_turn(request: HttpRequest, session_id: str, turn_id: str, body: TurnCorrection) -> Any:
    """The recognised text stays in `originalTranscript`; a completed evaluation may then be requested again."""
    session = _session(session_id)
    turn = correction.correct(_turn(turn_id, session_id=session.pk), body.transcript, now=clock.now())
    links = audio_links.Links(session.user_id, now=clock.now())
    return api_schemas.turn(turn, audio_url=links.to(turn.pk))


def look_up(*, session_id: str | None = None, turn_id: str | None = None, **_others: str) -> None:
    """Raise what an operation does if the session or turn in its address is not there."""
    if session_id is not None:
        session = _session(session_id)
        if turn_id is not None:
            _turn(turn_id, session_id=session.pk)


def _models_ready() -> None:
    if behind := loading():
        raise Problem(
            503,
            _("The models on this machine are still being prepared. Try again shortly."),
            code="models_loading",
            headers={"Retry-After": str(behind.retry_after)},
            progress=behind.progress,
        )


def _session(session_id: str) -> Any:
    return verbs.get(session_id, user_id=identity.trainee())


def _turn(turn_id: str, *, session_id: str) -> Turn:
    turn = Turn.objects.filter(pk=turn_id, session_id=session_id).first()
    if turn is None:
        raise Problem(404, _("There is no such turn in this session."))
    return turn
