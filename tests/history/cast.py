"""Past sessions to find again."""

from datetime import datetime, timedelta

from practice import shapes
from practice.lifecycle import Reason, SessionStatus
from practice.models import PracticeSession, Scenario


def past_session(
    scenario: Scenario, *, at: datetime, user: str = "pilot-user", reason: Reason = Reason.MANUAL, minutes: int = 4
) -> PracticeSession:
    """A session that ran for `minutes` from `at`."""
    end = at + timedelta(minutes=minutes)
    return PracticeSession.objects.create(
        user_id=user,
        scenario=scenario,
        scenario_title=scenario.title,
        brief=shapes.json(shapes.scenario(scenario)),
        language=scenario.language,
        status=SessionStatus.ENDED,
        termination_reason=reason,
        client_session_started_at=at,
        created_at=at,
        started_at=at,
        ended_at=end,
        sorted_at=at,
        idle_limit_seconds=8,
        duration_limit_seconds=300,
        duration_deadline=at + timedelta(seconds=300),
    )
