"""What a row of the history list shows besides the session itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Avg

from evaluations.models import Evaluation
from evaluations.own_view import self_assessment_form
from history import session_outcomes, spoken_words
from practice.catalog import availability
from practice.lifecycle import ObjectiveStatus, SessionStatus
from practice.models import PracticeSession, Turn


@dataclass(frozen=True)
class Row:
    """`rating` is the mean over the session's skills, rounded to whole steps; None if nothing was rated.

    `awaits_own_view`: rated, but the trainee is asked for their own view first. `startable`: the scenario is still
    offered, so the session can be practised again. `attempts`: how many sessions of the same scenario were held.
    `said`: the line that contains the searched words.
    """

    session: PracticeSession
    rating: int | None
    evaluation: str
    awaits_own_view: bool
    startable: bool
    attempts: int
    said: Turn | None

    @property
    def ended(self) -> bool:
        return self.session.status == SessionStatus.ENDED

    @property
    def how(self) -> str:
        return session_outcomes.how(self.session)

    @property
    def reached(self) -> bool:
        return self.session.objective_status == ObjectiveStatus.SUCCEEDED

    @property
    def redone(self) -> bool:
        return self.ended and self.session.continues_from_id is not None and self.session.continues_at is not None


def of(sessions: Sequence[PracticeSession], *, attempts: Mapping[str, int], said: str = "") -> list[Row]:
    """Three queries for any number of sessions, one more for a search of words. `attempts` by scenario."""
    found = Evaluation.objects.filter(session__in=[session.pk for session in sessions])
    marks = {
        session_id: (status, mean)
        for session_id, status, mean in found.annotate(mean=Avg("scores__rating")).values_list(
            "session_id", "status", "mean"
        )
    }
    awaited = set(self_assessment_form.awaited(found).values_list("session_id", flat=True))
    wanted = {session.scenario_id for session in sessions}
    offered = availability.published().filter(pk__in=wanted).prefetch_related(None)
    startable = set(offered.order_by().values_list("pk", flat=True)) if wanted else set()
    lines = spoken_words.lines([session.pk for session in sessions], said) if spoken_words.terms(said) else {}
    rows = []
    for session in sessions:
        status, mean = marks.get(session.pk, ("", None))
        awaits = session.pk in awaited
        rating = round(mean) if mean is not None and not awaits else None
        offered_now, line = session.scenario_id in startable, lines.get(session.pk)
        rows.append(Row(session, rating, status, awaits, offered_now, attempts.get(session.scenario_id, 0), line))
    return rows
