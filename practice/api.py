"""The JSON API of catalog, sessions and turns. Other apps add their operations to the same routers."""

from datetime import datetime
from typing import Annotated, Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Query, Router, Schema, Status
from pydantic import AfterValidator, BeforeValidator, Field

from coach import clock, identity
from coach.edge import openapi
from coach.edge.problems import Problem
from coach.providers import model_health
from coach.storage.audio import AudioLost
from practice import api_schemas, audio_links, catalog, catalog_search, protocol
from practice import sessions as verbs
from practice.capacity import CapacityExceeded
from practice.clock_drift import ClockDrift
from practice.lifecycle import Difficulty, Language
from practice.models import Skill, Turn
from practice.turns import accept, correction, transcription
from practice.turns.submission import TurnMalformed, TurnRefused

log = structlog.get_logger(__name__)

scenarios = Router(tags=["Catalog"])
skills = Router(tags=["Catalog"])
sessions = Router(tags=["Sessions"])
sound = Router(tags=["Audio"])

STORE_RETRY_SECONDS = 5
NO_PLACE = openapi.refusals(
    s429="Everybody is practising and the queue is full; come back after Retry-After seconds",
    s503="The local models are still being prepared (code models_loading), or the server starts or drains",
)
RECORDING = openapi.refusals(
    s403="The link has expired (link_expired) or was tampered with (link_invalid)",
    s503="The store that has the recording is down",
)
for _status, _words in (("200", "The recording"), ("206", "The range asked for")):
    RECORDING["responses"][_status] = {
        "description": _words,
        "content": {"audio/mpeg": {"schema": {"type": "string", "format": "binary"}}},
    }
loading = model_health.loading


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else protocol.parse_time(value)
    if moment is None:
        raise ValueError(_("Give a time with zone, for example 2026-03-01T09:30:00Z."))
    return moment


def _plain(value: str) -> str:
    if not protocol.clean(value):
        raise ValueError(_("Give plain text."))
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Text = Annotated[str, AfterValidator(_plain)]
Id = Annotated[str, AfterValidator(_plain), Field(max_length=64)]
StepCount = Annotated[int, Field(ge=1, le=2**31 - 1)]


class SessionStart(Schema):
    scenarioId: Id
    clientSessionStartedAt: Moment
    language: Language | None = None
    continuesFrom: Id | None = None
    continuesAt: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    difficulty: Difficulty = Difficulty.REALISTIC
    coaching: bool = False


class PracticeAgain(Schema):
    clientSessionStartedAt: Moment
    language: Language | None = None


class ManualStop(Schema):
    reason: Text


def _said(value: str) -> str:
    """Text that somebody wrote, without white space around it; blank is refused."""
    said = _plain(value).strip()
    if not said:
        raise ValueError(_("Write at least one word."))
    return said


Said = Annotated[str, AfterValidator(_said)]


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


class ScenarioQuery(Schema):
    category: Text = ""
    skill: Text = ""
    language: Text = ""
    search: Text = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    historyStepCount: StepCount | None = None


class Scenarios(Schema):
    items: list[api_schemas.Scenario]


class Skills(Schema):
    items: list[api_schemas.Skill]


@scenarios.get("", response=Scenarios, summary="Published scenarios")
def list_scenarios(request: HttpRequest, query: Query[ScenarioQuery]) -> Any:
    wishes = {name: getattr(query, name) for name in ("search", "category", "skill", "language")}
    found = catalog_search.search(catalog_search.CatalogFilters.of(wishes)).ids[: query.limit]
    return Scenarios(items=[api_schemas.scenario(one) for one in catalog_search.scenarios(found, with_skills=True)])


@scenarios.get("/{scenario_id}", response=api_schemas.Scenario, summary="One published scenario")
def read_scenario(request: HttpRequest, scenario_id: str) -> Any:
    known = protocol.clean(scenario_id)
    found = catalog.published().filter(pk=scenario_id).first() if known else None
    if found is None:
        raise Problem(404, _("There is no such scenario. Choose one from the list of scenarios."))
    return api_schemas.scenario(found)


@skills.get("", response=Skills, summary="All skills")
def list_skills(request: HttpRequest) -> Any:
    return Skills(items=[api_schemas.skill(one) for one in Skill.objects.filter(deleted_at=None)])


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
    )
    session = verbs.start(wish, user_id=identity.trainee(), now=clock.now())
    return Status(201, api_schemas.sessions([session])[0])


@sessions.post(
    "/{session_id}/practice-again",
    response={201: api_schemas.PracticeSession},
    summary="The same scenario anew",
    openapi_extra=NO_PLACE,
)
def practice_again(request: HttpRequest, session_id: str, body: PracticeAgain) -> Any:
    earlier = _session(session_id)
    _models_ready()
    session = verbs.practice_again(
        earlier, client_started_at=body.clientSessionStartedAt, language=body.language, now=clock.now()
    )
    return Status(201, api_schemas.sessions([session])[0])


@sessions.post("/{session_id}/manual-stop", response={202: api_schemas.PracticeSession}, summary="Stop a session")
def manual_stop(request: HttpRequest, session_id: str, body: ManualStop) -> Any:
    session = _session(session_id)
    try:
        reason = protocol.stop_reason(body.reason)
    except protocol.BadMessage as bad:
        raise Problem(422, bad.detail, errors=[{"field": "reason", "message": bad.detail}]) from None
    stopped = verbs.stop(session, reason, now=clock.now())
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
    """Read leniently: who has sent this turn already learns that, whatever else the body says."""
    now = clock.now()
    fields = getattr(request, "json", None)
    if not isinstance(fields, dict):
        raise Problem(400, _("The body is not a JSON object. Send one with sequence, times and audio or text."))
    turn = protocol.submission(fields, body_bytes=len(request.body))
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


@sessions.patch("/{session_id}/turns/{turn_id}", response=api_schemas.Turn, summary="Correct one's own transcript")
def correct_turn(request: HttpRequest, session_id: str, turn_id: str, body: TurnCorrection) -> Any:
    """What was recognised stays in `originalTranscript`; a completed evaluation may then be asked for anew."""
    session = _session(session_id)
    turn = correction.correct(_turn(turn_id, session_id=session.pk), body.transcript, now=clock.now())
    links = audio_links.Links(session.user_id, now=clock.now())
    return api_schemas.turn(turn, audio_url=links.to(turn.pk))


@sound.get("/{turn_id}", summary="The recording of a turn", openapi_extra=RECORDING)
def listen(request: HttpRequest, turn_id: str, expires: str = "", signature: str = "") -> HttpResponse:
    user_id = identity.trainee()
    expired: audio_links.LinkRefused | None = None
    try:
        audio_links.check(turn_id, user_id=user_id, expires=expires, signature=signature, now=clock.now())
    except audio_links.LinkRefused as refused:
        if refused.code == "link_invalid":
            raise
        expired = refused
    turn = Turn.objects.select_related("audio").filter(pk=turn_id, session__user_id=user_id).first()
    if turn is None or turn.audio is None:
        raise Problem(404, _("This recording does not exist any more."))
    if expired:
        raise expired
    try:
        return audio_links.serve(request, turn)
    except AudioLost:
        raise Problem(404, _("This recording does not exist any more.")) from None
    except Exception as error:  # Whatever a remote store raises while it is down.
        log.warning("recording not at hand", turnId=turn_id, error=type(error).__name__)
        raise Problem(
            503,
            _("The recording cannot be read at the moment. Try again shortly."),
            headers={"Retry-After": str(STORE_RETRY_SECONDS)},
        ) from None


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
    turn = Turn.objects.filter(pk=turn_id, session_id=session_id).first() if protocol.clean(turn_id) else None
    if turn is None:
        raise Problem(404, _("There is no such turn in this session."))
    return turn


def refusals(api: NinjaAPI) -> None:
    """Have `api` answer what the verbs of this app raise."""

    def answer(raised: type[Exception], problem_of: Any) -> None:
        api.add_exception_handler(raised, lambda request, error: problem_of(error).response())

    answer(verbs.SessionUnknown, lambda _error: Problem(404, _("There is no such session.")))
    answer(verbs.NotStartable, _not_startable)
    answer(CapacityExceeded, _full)
    answer(ClockDrift, _drift)
    answer(TurnRefused, _refused)
    answer(TurnMalformed, _malformed)
    answer(correction.NotCorrectable, _not_correctable)
    answer(audio_links.LinkRefused, _link)


def _not_startable(error: verbs.NotStartable) -> Problem:
    return Problem(422, error.detail, errors=_errors(error.problems))


def _full(error: CapacityExceeded) -> Problem:
    return Problem(
        429,
        _("pilot capacity exceeded, retry shortly"),
        code="capacity",
        headers={"Retry-After": str(error.retry_after)},
    )


def _drift(error: ClockDrift) -> Problem:
    return Problem(
        422,
        _("The clock of this device differs from the server's. Correct the times by driftSeconds and send again."),
        code="clock_drift",
        serverTime=error.server_time,
        driftSeconds=error.drift_seconds,
    )


def _refused(error: TurnRefused) -> Problem:
    return Problem(413 if error.code == "too_large" else 422, error.detail, code=error.code, **error.extra)


def _malformed(error: TurnMalformed) -> Problem:
    return Problem(422, _("Correct the fields named and send the turn again."), errors=_errors(error.problems))


def _not_correctable(error: correction.NotCorrectable) -> Problem:
    return Problem(
        409,
        _("Only your own turns can be corrected, once the session has ended and they have been transcribed."),
    )


def _link(error: audio_links.LinkRefused) -> Problem:
    detail = (
        _("This link has expired. Load the page again for a fresh one.")
        if error.code == "link_expired"
        else _("This link is not valid. Take it from the turn as the API gives it.")
    )
    return Problem(403, detail, code=error.code)


def _errors(problems: list[catalog.FieldProblem]) -> list[dict[str, str]]:
    return [{"field": problem.field, "message": str(problem.message)} for problem in problems]
