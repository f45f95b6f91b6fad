"""One past (or running) session with everything that belongs to it."""

from datetime import datetime
from typing import Any

from ninja import Schema

from evaluations.own_view import self_assessment
from evaluations.requeue import earlier
from practice import audio_links
from practice.api import api_schemas
from practice.lifecycle import SessionStatus
from practice.limits import capacity
from practice.models import PracticeSession
from practice.ports import ports


class SessionDetail(Schema):
    session: api_schemas.PracticeSession
    scenario: dict[str, Any]
    turns: list[api_schemas.Turn]
    evaluation: dict[str, Any] | None


def of(session: PracticeSession, *, now: datetime) -> SessionDetail:
    """The session, its scenario snapshot, what was said with freshly signed audio links, and the feedback if any."""
    links = audio_links.Links(session.user_id, now=now)
    briefs = ports.evaluation_briefs([session.pk])
    positions = capacity.positions() if session.status == SessionStatus.PENDING else {}
    return SessionDetail(
        session=api_schemas.session(session, evaluation=briefs.get(session.pk), positions=positions),
        scenario=api_schemas.kept_scenario(session.brief),
        turns=[api_schemas.turn(turn, audio_url=links.to(turn.pk)) for turn in session.turns.said()],
        evaluation=ports.evaluation_shape(session.pk),
    )


def portable(session: PracticeSession) -> dict[str, Any]:
    """A session for export: everything that was said and judged, without links that expire or lead back here."""
    whole = of(session, now=session.sorted_at)
    turns = [api_schemas.json(turn) for turn in whole.turns]
    for turn in turns:
        del turn["audioUrl"]
    return {
        "session": api_schemas.json(whole.session),
        "scenario": whole.scenario,
        "turns": turns,
        "evaluation": whole.evaluation,
        "coachingPauses": session.coaching_pauses,
        "selfAssessment": self_assessment.of_session(session.pk),
        "earlierReadings": earlier(session.pk),
    }
