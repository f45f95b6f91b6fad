"""How the API answers when a verb of this app refuses."""

from typing import Any

from django.utils.translation import gettext as _
from ninja import NinjaAPI

from coach.edge.problems import Problem
from coach.model_use.ceiling import CeilingReached
from practice import audio_links
from practice import sessions as verbs
from practice.catalog import completeness
from practice.limits.capacity import CapacityExceeded
from practice.limits.clock_drift import ClockDrift
from practice.turns import correction
from practice.turns.submission import TurnMalformed, TurnRefused


def install(api: NinjaAPI) -> None:
    """Register handlers for the exceptions that this app's verbs raise."""

    def answer(raised: type[Exception], problem_of: Any) -> None:
        api.add_exception_handler(raised, lambda request, error: problem_of(error).response())

    answer(verbs.SessionUnknown, lambda _error: Problem(404, _("There is no such session.")))
    answer(verbs.NotStartable, _not_startable)
    answer(CapacityExceeded, _full)
    answer(CeilingReached, _too_dear)
    answer(ClockDrift, _drift)
    answer(TurnRefused, _refused)
    answer(TurnMalformed, _malformed)
    answer(correction.NotCorrectable, _not_correctable)
    answer(audio_links.LinkRefused, _link)


def _not_startable(error: verbs.NotStartable) -> Problem:
    return Problem(422, error.detail, errors=_errors(error.problems))


def _full(error: CapacityExceeded) -> Problem:
    return Problem(
        429,
        _("pilot capacity exceeded, retry shortly"),
        code="capacity",
        headers={"Retry-After": str(error.retry_after)},
    )


def _too_dear(error: CeilingReached) -> Problem:
    return Problem(
        429,
        _(
            "Today's budget for conversations is used up. New ones can start from %(time)s on (%(zone)s); those under "
            "way go on. The administrator can raise the limit."
        )
        % {"time": error.until.strftime("%Y-%m-%d %H:%M"), "zone": str(error.until.tzinfo)},
        code="daily_cost_ceiling",
        headers={"Retry-After": str(error.retry_after)},
    )


def _drift(error: ClockDrift) -> Problem:
    return Problem(
        422,
        _("The clock of this device differs from the server's. Correct the times by driftSeconds and send again."),
        code="clock_drift",
        serverTime=error.server_time,
        driftSeconds=error.drift_seconds,
    )


def _refused(error: TurnRefused) -> Problem:
    return Problem(413 if error.code == "too_large" else 422, error.detail, code=error.code, **error.extra)


def _malformed(error: TurnMalformed) -> Problem:
    return Problem(422, _("Correct the fields named and send the turn again."), errors=_errors(error.problems))


def _not_correctable(error: correction.NotCorrectable) -> Problem:
    return Problem(
        409,
        _("Only your own turns can be corrected, once the session has ended and they have been transcribed."),
    )


def _link(error: audio_links.LinkRefused) -> Problem:
    detail = (
        _("This link has expired. Reload the page for a new one.")
        if error.code == "link_expired"
        else _("This link is not valid. Take it from the turn as the API gives it.")
    )
    return Problem(403, detail, code=error.code)


def _errors(problems: list[completeness.FieldProblem]) -> list[dict[str, str]]:
    return [{"field": problem.field, "message": str(problem.message)} for problem in problems]
