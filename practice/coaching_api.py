"""The JSON API of what helps the trainee during the talk: operations beside practice's own on the same paths."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema

from coach import clock, identity
from coach.config import config
from coach.edge.problems import Problem
from coach.providers import build
from practice import hints
from practice.api import sessions


class HintRequest(Schema):
    example: bool = False


class HintAnswer(Schema):
    hint: str
    example: str | None


@sessions.post("/{session_id}/hints", response=HintAnswer, summary="A hint for the next turn")
def give_hint(request: HttpRequest, session_id: str, body: HintRequest) -> Any:
    """Counted. `example` true: the same hint once more, with a line to say aloud."""
    model = None if config.objective_check.local else build.objective_check()
    try:
        given = hints.ask(session_id, user_id=identity.trainee(), example=body.example, now=clock.now(), model=model)
    except hints.NoHint as none:
        raise Problem(409, none.detail) from None
    return HintAnswer(hint=given.hint, example=(given.example or None) if body.example else None)
