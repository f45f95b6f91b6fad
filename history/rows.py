"""What a line of the history list shows beside the session itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg
from django.utils.functional import Promise

from evaluations.models import Evaluation
from practice import catalog
from practice.lifecycle import Reason, SessionStatus
from practice.models import PracticeSession


@dataclass(frozen=True)
class Row:
    """`rating` is the mean over the session's skills, rounded to whole steps; None where nothing was rated.

    `startable`: the scenario is still offered, so the session can be practised again.
    """

    session: PracticeSession
    rating: int | None
    evaluation: str
    startable: bool

    @property
    def ended(self) -> bool:
        return self.session.status == SessionStatus.ENDED

    @property
    def how(self) -> str | Promise:
        """How it ended, or how it stands."""
        if self.ended:
            return Reason(self.session.termination_reason).label
        return SessionStatus(self.session.status).label


def of(sessions: Sequence[PracticeSession]) -> list[Row]:
    """Two queries for any number of sessions."""
    found = Evaluation.objects.filter(session__in=[session.pk for session in sessions])
    marks = {
        session_id: (status, mean)
        for session_id, status, mean in found.annotate(mean=Avg("scores__rating")).values_list(
            "session_id", "status", "mean"
        )
    }
    wanted = {session.scenario_id for session in sessions}
    offered = catalog.published().filter(pk__in=wanted).prefetch_related(None)
    startable = set(offered.order_by().values_list("pk", flat=True)) if wanted else set()
    rows = []
    for session in sessions:
        status, mean = marks.get(session.pk, ("", None))
        rating = round(mean) if mean is not None else None
        rows.append(Row(session, rating, status, session.scenario_id in startable))
    return rows
