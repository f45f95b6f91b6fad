"""The JSON API of the history: operations on the same paths as practice's own."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema, Status
from pydantic import Field

from coach import clock, identity
from coach.edge.problems import Problem
from coach.telemetry import names
from history import detail, erasure, history_telemetry, queries, visits
from practice import sessions as verbs
from practice.api import api_schemas
from practice.api.api_fields import QueryNumber, StepCount, Text
from practice.api.session_api import sessions as router
from practice.lifecycle import Difficulty

PageNumber = Annotated[QueryNumber, Field(ge=1, le=10_000_000)]
PageSize = Annotated[QueryNumber, Field(ge=1, le=queries.PAGE_SIZE_MAX)]


class ListQuery(Schema):
    historyStepCount: StepCount
    page: PageNumber = 1
    pageSize: PageSize = queries.PAGE_SIZE
    scenarioId: Text = ""
    category: Text = ""
    search: Text = ""
    sort: queries.Sort = queries.Sort.NEWEST
    difficulty: Difficulty | None = None


class DetailQuery(Schema):
    historyStepCount: StepCount


class Sessions(Schema):
    items: list[api_schemas.PracticeSession]
    page: int
    pageSize: int
    total: int


@router.get("", response=Sessions, summary="List past and running sessions")
def list_sessions(request: HttpRequest, query: Query[ListQuery]) -> Any:
    filters = queries.HistoryFilters(query.scenarioId, query.category, query.search, query.sort, query.difficulty or "")
    with history_telemetry.listing("list API", filters, size=query.pageSize) as look:
        look.set(names.PAGE, query.page)
        found = queries.find(identity.trainee(), filters)
        begin = (query.page - 1) * query.pageSize
        items = api_schemas.sessions(found[begin : begin + query.pageSize])
        return Sessions(items=items, page=query.page, pageSize=query.pageSize, total=len(found))


@router.get("/{session_id}", response=detail.SessionDetail, summary="Get a session with its turns and evaluation")
def read_session(request: HttpRequest, session_id: str, query: Query[DetailQuery]) -> Any:
    """For following a session: a self-assessment is still accepted afterwards.

    Before showing the scores to the trainee, a client gets `/evaluation`, which opens them.
    """
    now = clock.now()
    session = verbs.get(session_id, user_id=identity.trainee())
    with history_telemetry.opening("detail API", session.pk) as look:
        whole = detail.of(session, now=now)
        if not getattr(request, "is_head", False):
            visits.record(session, step_count=query.historyStepCount, now=now, look=look)
    return whole


@router.delete("/{session_id}", response={204: None}, summary="Delete a session permanently")
def erase_session(request: HttpRequest, session_id: str) -> Any:
    session = verbs.get(session_id, user_id=identity.trainee())
    if erasure.erase(session.pk, user_id=session.user_id, now=clock.now()) is None:
        raise Problem(404, _("There is no such session."))
    return Status(204, None)
