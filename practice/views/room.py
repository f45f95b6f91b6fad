"""The practice room, and its page after the conversation has ended."""

import json
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coach import clock
from coach.config import config
from coach.identity import trainee
from coach.providers import model_health
from practice import audio_links, end_reason_words, sessions
from practice.api import api_schemas
from practice.catalog import availability
from practice.lifecycle import Reason, SessionStatus
from practice.limits import outage_time
from practice.models import PracticeSession, Turn
from practice.persona.rules.difficulty import hints_given
from practice.turns import idle_clock
from practice.views import room_words, script


@never_cache
@require_safe
def room(request: HttpRequest, session_id: str) -> HttpResponse:
    """The stage while the session is pending or active; afterwards how it ended, the feedback and the script."""
    session = _session(session_id)
    if session.status == SessionStatus.ENDED:
        return render(request, "practice/after.html", _after(session))
    return render(request, "practice/room.html", _stage(session))


@never_cache
@require_safe
def turn_audio(request: HttpRequest, session_id: str, turn_id: str) -> HttpResponse:
    """Redirect to a newly signed URL of one turn's recording, so that a page never holds one that expires."""
    turn = _said(_session(session_id)).filter(pk=turn_id).exclude(audio=None).first()
    if turn is None:
        raise Http404
    return HttpResponseRedirect(audio_links.Links(trainee(), now=clock.now()).to(turn.pk))


def _session(session_id: str) -> PracticeSession:
    session = PracticeSession.objects.select_related("scenario").filter(pk=session_id, user_id=trainee()).first()
    if session is None:
        raise Http404
    return session


def _said(session: PracticeSession) -> QuerySet[Turn]:
    return Turn.objects.said().filter(session=session).order_by("sequence")


def _common(session: PracticeSession) -> dict[str, Any]:
    return {
        "session": session,
        "brief": session.brief,
        "person": session.brief["aiPersona"],
        "short_name": end_reason_words.short_name(session.brief["aiPersona"]["name"]),
        "you": session.brief["traineePersona"],
        "turns": list(_said(session)),
        "room_url": reverse("practice:room", args=["ID"]),
        "local_roleplay": config.roleplay.local,
        "end_of_turn": config.asr.local or config.roleplay.local,
        "local_llm": model_health.local_llm() if config.roleplay.local else None,
    }


def _stage(session: PracticeSession) -> dict[str, Any]:
    common = _common(session)
    snapshot = {
        "session": api_schemas.json(api_schemas.sessions([session])[0]),
        "turns": [api_schemas.json(api_schemas.turn(turn)) for turn in common["turns"]],
        "pausedMs": outage_time.stood_still_ms(session),
        "slowPace": idle_clock.SLOWEST_PACE,
    }
    return common | {
        "words": room_words.words(),
        "snapshot": snapshot,
        "hints_given": hints_given(session.difficulty),
    }


def _after(session: PracticeSession) -> dict[str, Any]:
    common = _common(session)
    return common | {
        **script.context(script.lines(session, common["turns"], startable=availability.startable(session.scenario))),
        "ending": end_reason_words.sentence(session),
        "aftercare": end_reason_words.aftercare(session),
        "has_others": sessions.has_other_attempts(session),
        "may_retry": session.termination_reason == Reason.QA_ERROR,
        "retry_body": json.dumps(
            {
                "scenarioId": session.scenario_id,
                "continuesFrom": session.pk,
                "difficulty": session.difficulty,
                "coaching": session.coaching,
            }
        ),
    }
