"""What an operator should know at once: a part that fails, a target that is missed, an end that comes near."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach import health
from coach.database import collation
from coach.pages.tags import colon
from coach.translatable_sentence import translated
from history.operator_reports.cost_report import Costs
from history.operator_reports.jobs_report import JobCount
from history.operator_reports.success_reports import CriterionReport
from history.operator_reports.system_report import AnnouncedEnd, Workers

CHECKS: dict[str, tuple[str | Promise, str | Promise]] = {
    "redis": (
        _("Redis isn't responding or takes no writes"),
        _("Nothing is lost: waiting work is in the database. Restart Redis, or check REDIS_URL."),
    ),
    "worker": (
        _("A worker or the scheduler takes no jobs"),
        _("Conversations go on without transcripts, and evaluations wait. Start that part again."),
    ),
    "models": (
        _("A model can't be used"),
        _("Change the variable that is named, or wait if the model is still being loaded."),
    ),
    "storage": (
        _("The disk is almost full"),
        _("Free some space under VAR_DIR: recordings that can't be stored are refused."),
    ),
}
"""By the name of a check of /readyz; the database is not among them, because this page cannot be shown without it."""


@dataclass(frozen=True)
class Alert:
    """`detail` names the place, in the words of whoever reports it; `help` says what to do."""

    name: str
    title: str | Promise
    detail: str
    help: str | Promise


def alerts(
    *,
    workers: Workers,
    ends: Sequence[AnnouncedEnd],
    costs: Costs,
    jobs: Sequence[JobCount],
    criteria: Iterable[CriterionReport],
) -> list[Alert]:
    """All that apply now. May wait some seconds for a part that does not answer."""
    return [
        *_failing_checks(),
        *_wrong_clocks(workers),
        *_collation(),
        *_ceiling(costs),
        *_late(jobs),
        *_missed(criteria),
        *_ends(ends),
    ]


def _failing_checks() -> Iterator[Alert]:
    checks = health.recent_checks()
    for name, (title, help_) in CHECKS.items():
        # Without Redis nobody can say whether there are workers.
        if not checks[name].ok and not (name == "worker" and not checks["redis"].ok):
            yield Alert(name, title, translated(checks[name].detail), help_)


def _wrong_clocks(workers: Workers) -> Iterator[Alert]:
    wrong = [f"{each.whose}{colon()}{each.ahead:+.0f} s" for each in workers.clocks if each.is_wrong]
    if wrong:
        yield Alert(
            "clocks", _("A clock is wrong"), "; ".join(wrong), _("Set it (NTP). Until then its times are corrected.")
        )


def _collation() -> Iterator[Alert]:
    if versions := collation.changed():
        yield Alert(
            "collation",
            _("The database sorts text differently since its system was upgraded"),
            versions,
            _("Indexes may miss records. Run REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION."),
        )


def _ceiling(costs: Costs) -> Iterator[Alert]:
    if costs.is_reached:
        yield Alert(
            "ceiling",
            _("The ceiling is reached: no new session starts today."),
            f"{costs.today} / {costs.ceiling}",
            _("To let people start before tomorrow, raise DAILY_COST_CEILING and restart."),
        )


def _late(jobs: Sequence[JobCount]) -> Iterator[Alert]:
    late = [f"{each.title}{colon()}{each.late}" for each in jobs if each.late]
    if late:
        yield Alert("late", _("Jobs are late"), "; ".join(late), _("Check the workers under System status."))


def _missed(criteria: Iterable[CriterionReport]) -> Iterator[Alert]:
    missed = [each.chosen.code for each in criteria if each.chosen.is_met is False and not each.chosen.is_few]
    if missed:
        yield Alert(
            "targets",
            _("Targets were missed"),
            ", ".join(missed),
            _("The sessions that missed them are listed under Service targets."),
        )


def _ends(ends: Sequence[AnnouncedEnd]) -> Iterator[Alert]:
    soon = [f"{each.name}{colon()}{date_format(each.on, 'DATE_FORMAT')}" for each in ends if each.is_soon and each.on]
    if soon:
        yield Alert(
            "ends",
            _("Something in use is about to end, or has ended"),
            "; ".join(soon),
            _("What to change is listed under Models."),
        )
