"""How a session ended, in words: one sentence for its trainee, a label for lists, a label for the admin."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coach.pages.time_words import clock_face
from practice.lifecycle import ObjectiveStatus, Reason
from practice.models import PracticeSession

ADMIN_LABELS = {
    **dict(Reason.choices),  # the choices address the trainee ("Stopped by you"); the admin has other readers
    Reason.MANUAL: gettext_lazy("Stopped by the trainee"),
}
_NOBODYS_WISH = frozenset({Reason.QA_ERROR, Reason.MEDIA_ERROR, Reason.CAPACITY})
_DECIDED = {
    ObjectiveStatus.SUCCEEDED: Reason.OBJECTIVE_MET,
    ObjectiveStatus.FAILED: Reason.OBJECTIVE_FAILED,
}


def sentence(session: PracticeSession) -> str:
    """How a session ended, in one sentence. Reaching the goal matters more than who stopped."""
    name = short_name(session.brief["aiPersona"]["name"])
    length = clock_face(session.total_duration_seconds)
    sentences = {
        Reason.MANUAL: _("You ended the conversation with {name} after {length}."),
        Reason.IDLE: _("It went quiet, so the conversation with {name} ended after {length}."),
        Reason.DURATION: _("Time's up: you talked with {name} for {length}."),
        Reason.OBJECTIVE_MET: _("You reached your goal with {name} in {length}."),
        Reason.OBJECTIVE_FAILED: _("You didn't reach your goal with {name} this time; it ended after {length}."),
        Reason.QA_ERROR: _("We lost the connection to {name} after {length}."),
        Reason.MEDIA_ERROR: _("The sound failed, so the conversation with {name} ended after {length}."),
        Reason.CLIENT_CLOSED: _("The page was closed for too long: the talk with {name} ended after {length}."),
        Reason.CAPACITY: _("No place became free in time, so the conversation with {name} never started."),
    }
    if session.started_at is None and session.termination_reason != Reason.CAPACITY:
        return _("The conversation with {name} ended before it started.").format(name=name)
    return sentences[_telling_reason(session)].format(name=name, length=length)


_ADDRESSED_WHOLE = re.compile(
    r"^(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|aunt|uncle|officer|nurse|coach|captain|the|your|my)\b", re.I
)


def short_name(name: str) -> str:
    """The first name, or the full name if it begins with a title or has no spaces."""
    return name if _ADDRESSED_WHOLE.match(name) else name.partition(" ")[0]


def aftercare(session: PracticeSession) -> str:
    """What was kept and what to do next, if nobody wanted the session to end; otherwise empty."""
    sentences = {
        Reason.QA_ERROR: _("Everything said so far is kept. Retry continues from here in a new session."),
        Reason.MEDIA_ERROR: _(
            "Everything said so far is kept. Check your microphone and speakers, then practise again."
        ),
        Reason.CLIENT_CLOSED: _("Everything said so far is kept."),
        Reason.CAPACITY: _("Many people are practising right now. Try again in a minute."),
        Reason.IDLE: _("That happens. Pauses are fine in real life; here a long silence ends the rehearsal."),
    }
    return sentences.get(_telling_reason(session), "")


def _telling_reason(session: PracticeSession) -> Reason:
    reason = Reason(session.termination_reason)
    if session.started_at is None or reason in _NOBODYS_WISH:
        return reason
    return _DECIDED.get(ObjectiveStatus(session.objective_status), reason)
