"""The JSON API of the history: operations beside practice's own on the same paths."""

import time
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Schema, Status
from pydantic import Field

from coach import clock, identity
from coach.edge.problems import Problem
from coach.telemetry import names
from coach.telemetry.spans import span
from history import detail, erasure, queries, visits
from practice import sessions as verbs
from practice import shapes
from practice.api import StepCount, Text
from practice.api import sessions as router

PageNumber = Annotated[int, Field(ge=1, le=10_000_000)]
PageSize = Annotated[int, Field(ge=1, le=queries.PAGE_SIZE_MAX)]


class ListQuery(Schema):
    historyStepCount: StepCount
    page: PageNumber = 1
    pageSize: PageSize = queries.PAGE_SIZE
    scenarioId: Text = ""
    category: Text = ""
    search: Text = ""
    sort: queries.Sort = queries.Sort.NEWEST


class DetailQuery(Schema):
    historyStepCount: StepCount


class Sessions(Schema):
    items: list[shapes.PracticeSession]
    page: int
    pageSize: int
    total: int


class SessionDetail(Schema):
    session: shapes.PracticeSession
    scenario: dict[str, Any]
    turns: list[shapes.Turn]
    evaluation: dict[str, Any] | None


@router.get("", response=Sessions, summary="Past and running sessions")
def list_sessions(request: HttpRequest, query: Query[ListQuery]) -> Any:
    filters = queries.Filters(query.scenarioId, query.category, query.search, query.sort)
    with span(names.HISTORY_LIST) as listing:
        listing.set(names.PAGE, query.page)
        listing.set(names.PAGE_SIZE, query.pageSize)
        listing.set(names.SORT, query.sort.value)
        listing.set(names.FILTERS, filters.narrowed)
        found = queries.find(identity.trainee(), filters)
        begin = (query.page - 1) * query.pageSize
        items = shapes.sessions(found[begin : begin + query.pageSize])
        return Sessions(items=items, page=query.page, pageSize=query.pageSize, total=len(found))


@router.get("/{session_id}", response=SessionDetail, summary="One session with its turns and evaluation")
def read_session(request: HttpRequest, session_id: str, query: Query[DetailQuery]) -> Any:
    begun = time.perf_counter()
    now = clock.now()
    session = verbs.get(session_id, user_id=identity.trainee())
    with span(names.HISTORY_DETAIL, session_id=session.pk):
        whole = detail.of(session, now=now)
    if not getattr(request, "is_head", False):
        latency_ms = round((time.perf_counter() - begun) * 1000)
        visits.record(session, step_count=query.historyStepCount, now=now, latency_ms=latency_ms)
    return SessionDetail(session=whole.session, scenario=whole.scenario, turns=whole.turns, evaluation=whole.evaluation)


@router.delete("/{session_id}", response={204: None}, summary="Erase a session for good")
def erase_session(request: HttpRequest, session_id: str) -> Any:
    session = verbs.get(session_id, user_id=identity.trainee())
    if erasure.erase(session.pk, user_id=session.user_id, now=clock.now()) is None:
        raise Problem(404, _("There is no such session."))
    return Status(204, None)
