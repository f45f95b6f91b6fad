"""A session's delivery figures and the trainee's usual band, from data stored with each turn."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from practice import delivery
from practice.delivery import SessionDelivery, SpokenTurn
from practice.help import coaching_pauses
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession, Turn

BAND_SESSIONS = 20


def of_session(session_id: str) -> dict[str, Any] | None:
    """Figures, strip and usual band; None if no trainee turn was recorded."""
    turns = _turns([session_id]).get(session_id, [])
    figures = delivery.of_session(turns)
    if figures is None:
        return None
    session = PracticeSession.objects.only("user_id", "language", "sorted_at").get(pk=session_id)
    return figures.shape() | {
        "unit": "characters" if session.language == "zh" else "words",
        "usual": usual_band(session),
        "strip": delivery.strip(turns),
    }


def usual_band(session: PracticeSession) -> dict[str, list[float]] | None:
    """The usual band from the latest earlier sessions in the same language; two queries."""
    earlier = PracticeSession.objects.filter(
        user_id=session.user_id,
        language=session.language,
        status=SessionStatus.ENDED,
        started_at__isnull=False,
        sorted_at__lt=session.sorted_at,
    ).order_by("-sorted_at")
    return delivery.usual_band(by_session(list(earlier.values_list("pk", flat=True)[:BAND_SESSIONS])).values())


def by_session(session_ids: Iterable[str]) -> dict[str, SessionDelivery]:
    """The figures of several sessions, if they have any; one query."""
    found = {session_id: delivery.of_session(turns) for session_id, turns in _turns(session_ids).items()}
    return {session_id: figures for session_id, figures in found.items() if figures}


def _turns(session_ids: Iterable[str]) -> dict[str, list[SpokenTurn]]:
    rows = Turn.objects.said().own().filter(session_id__in=list(session_ids)).order_by("session_id", "sequence")
    columns = ("session_id", "sequence", "speaker", "started_at", "ended_at", "interrupted", "delivery")
    others = ("transcript", "session__language", "session__coaching_pauses", "session__ended_at")
    found: dict[str, list[SpokenTurn]] = {}
    for session_id, *values, text, language, stored, ended_at in rows.values_list(*columns, *others):
        turn = delivery.with_typed_questions(SpokenTurn(*values), text or "", language)
        coached = coaching_pauses.lengths_ms(stored, ended_at=ended_at)
        found.setdefault(session_id, []).append(replace(turn, coached_ms=coached.get(turn.sequence, 0)))
    return found
