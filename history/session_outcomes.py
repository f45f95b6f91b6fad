"""How a session ended, in the categories that people search by."""

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from practice.lifecycle import ObjectiveStatus, Reason, SessionStatus
from practice.models import PracticeSession


class SessionOutcome(TextChoices):
    REACHED = "reached", _("Goal reached")
    MISSED = "missed", _("Goal not reached")
    STOPPED = "stopped", _("Stopped by you")
    RAN_OUT = "ran_out", _("Time was up or it went quiet")
    BROKEN_OFF = "broken_off", _("Cut off by a technical problem")
    UNDER_WAY = "under_way", _("Still going on")

    @property
    def sessions(self) -> Q:
        """A filter for sessions that ended like this; the goal counts before the reason."""
        if self is SessionOutcome.REACHED:
            return Q(objective_status=ObjectiveStatus.SUCCEEDED)
        if self is SessionOutcome.MISSED:
            return Q(objective_status=ObjectiveStatus.FAILED)
        return Q(objective_status=ObjectiveStatus.UNKNOWN, termination_reason__in=_REASONS[self])


_REASONS = {
    SessionOutcome.STOPPED: [Reason.MANUAL],
    SessionOutcome.RAN_OUT: [Reason.IDLE, Reason.DURATION],
    SessionOutcome.BROKEN_OFF: [Reason.QA_ERROR, Reason.MEDIA_ERROR, Reason.CLIENT_CLOSED, Reason.CAPACITY],
    SessionOutcome.UNDER_WAY: [""],
}


def how(session: PracticeSession) -> str:
    """How a session ended, or its present status; the goal counts before the reason."""
    if session.status != SessionStatus.ENDED:
        return str(SessionStatus(session.status).label)
    match ObjectiveStatus(session.objective_status):
        case ObjectiveStatus.SUCCEEDED:
            return str(SessionOutcome.REACHED.label)
        case ObjectiveStatus.FAILED:
            return str(SessionOutcome.MISSED.label)
    return str(Reason(session.termination_reason).label)
