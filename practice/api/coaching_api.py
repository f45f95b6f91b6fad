"""The JSON API for help during the talk: operations on the same paths as practice's own."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from coach import clock, identity
from coach.config import config
from coach.edge.problems import Problem
from coach.providers import build
from practice.api import api_schemas
from practice.api.api_fields import Flag
from practice.api.session_api import sessions
from practice.help import coaching, hints


class HintRequest(Schema):
    example: Flag = False


class HintAnswer(Schema):
    hint: str
    example: str | None


class CoachingChoice(Schema):
    coaching: Annotated[bool, Field(strict=True)]


@sessions.post("/{session_id}/hints", response=HintAnswer, summary="Get a hint for the next turn")
def give_hint(request: HttpRequest, session_id: str, body: HintRequest | None = None) -> Any:
    """Counted. With `example`, the same hint again, with a line to say aloud."""
    example = body is not None and body.example
    model = None if config.objective_check.local else build.objective_check()
    try:
        given = hints.ask(session_id, user_id=identity.trainee(), example=example, now=clock.now(), model=model)
    except hints.NoHint as none:
        raise Problem(409, none.detail) from None
    return HintAnswer(hint=given.hint, example=(given.example or None) if example else None)


@sessions.put("/{session_id}/coaching", response=api_schemas.PracticeSession, summary="Turn coaching on or off")
def choose_coaching(request: HttpRequest, session_id: str, body: CoachingChoice) -> Any:
    """Takes effect from the next third reply. Switching it off during a pause ends the pause."""
    try:
        chosen = coaching.switch(session_id, user_id=identity.trainee(), on=body.coaching, now=clock.now())
    except coaching.NotCoachable:
        raise Problem(409, _("This conversation has ended. Choose it when you start the next one.")) from None
    return api_schemas.sessions([chosen])[0]


@sessions.post("/{session_id}/go-on", response=api_schemas.PracticeSession, summary="Go on after a coaching pause")
def go_on(request: HttpRequest, session_id: str) -> Any:
    """Restart the clocks. Speaking or sending a turn does the same; without a pause nothing changes."""
    return api_schemas.sessions([coaching.go_on(session_id, user_id=identity.trainee(), now=clock.now())])[0]
