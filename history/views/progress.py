"""The progress page: what stands out, what to practise next, and each skill over time; and the page of one skill."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from coach import clock
from coach.edge.input_limits import text_fault
from coach.identity import trainee
from evaluations.own_view import disputes
from history import comparable_attempts, goals
from history import progress as measured
from history.practise_next import practise_next
from history.views import rating_chart
from history.views.rating_chart import RatingChart
from practice.catalog.catalog_cards import Card
from practice.catalog.demand import demand
from practice.lifecycle import Language
from practice.models import Scenario

POINTS_AT_A_GLANCE = 20
"""Points of a chart among others; the page of a skill shows all that are kept."""

LEVEL_BELOW = 0.2
"""One of five ratings moved by one step; a smaller change is told as none."""


@dataclass(frozen=True)
class SkillChart:
    """One skill over time."""

    skill: measured.SkillProgress
    chart: RatingChart

    @property
    def trend(self) -> str:
        return trend(self.skill.change)


@dataclass(frozen=True)
class LanguageCharts:
    """The skills of the conversations in one language; `folded` have too few ratings to be shown at once."""

    language: str
    charts: list[SkillChart]
    folded: list[measured.SkillProgress]

    @property
    def label(self) -> str:
        return str(Language(self.language).label)


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The overview, what to practise next, the chosen rhythm, and the skills."""
    skills = measured.by_skill(trainee())
    charts = [SkillChart(one, rating_chart.of(one.ratings, latest=POINTS_AT_A_GLANCE)) for one in skills]
    language = (get_language() or "en").split("-")[0]
    overview = measured.overview(skills, language=language)
    practice = practise_next(trainee(), skills, language=language)
    context = {
        "practised": measured.practised(trainee()),
        "overview": overview,
        "overall_trend": trend(overview.change),
        "overall": rating_chart.of(overview.sessions, latest=measured.POINTS_MAX) if overview.has_trend else None,
        "next": practice,
        "next_cards": _cards(practice.scenarios) if practice else [],
        "by_language": _by_language(charts, first=language),
        "repeated": comparable_attempts.repeated(trainee()),
        "unopened": measured.unopened_feedback(trainee()),
        **_rhythm(),
        **rating_chart.MEASURES,
    }
    return render(request, "history/progress.html", context)


@require_safe
def one_skill(request: HttpRequest, skill_id: str) -> HttpResponse:
    """One skill: its chart, its behaviours, and its ratings, the latest first, with what reviewers make of them."""
    skill = next((one for one in measured.by_skill(trainee()) if one.skill_id == skill_id), None)
    if skill is None:
        raise Http404
    reviewed = disputes.changed_ratings(skill_id, [one.session_id for one in skill.ratings])
    context = {
        "skill": skill,
        "chart": rating_chart.of(skill.ratings, latest=measured.POINTS_MAX),
        "trend": trend(skill.change),
        "behaviours": measured.by_behaviour(trainee()).get(skill_id, []),
        "ratings": [(one, one.session_id in reviewed, reviewed.get(one.session_id)) for one in skill.ratings[::-1]],
        **rating_chart.MEASURES,
    }
    return render(request, "history/progress_one.html", context)


@require_POST
def set_goal(request: HttpRequest) -> HttpResponse:
    """Set, change or (with `drop`) remove a goal. Invalid input changes nothing."""
    if "drop" in request.POST:
        goals.drop(trainee())
        return redirect("history:progress")
    wish = " ".join(request.POST.get("wish", "").split())[: goals.WISH_MAX]
    asked = request.POST.get("per_week", "")
    if asked.isascii() and asked.isdigit() and int(asked[:3]) in goals.PER_WEEK and not text_fault(wish):
        goals.choose(trainee(), per_week=int(asked[:3]), wish=wish, now=clock.now())
    return redirect("history:progress")


def trend(change: float | None) -> str:
    """The trend in words, as shown beside a skill."""
    if change is None:
        return _("no trend yet")
    if abs(change) < LEVEL_BELOW:
        return _("Level with your previous five")
    if change > 0:
        return _("Up %(by)s on your previous five") % {"by": f"{change:.1f}"}
    return _("Down %(by)s on your previous five") % {"by": f"{-change:.1f}"}


def _by_language(charts: Sequence[SkillChart], *, first: str) -> list[LanguageCharts]:
    """Each language alone, the reader's first: not everyone can read the names of the other's skills."""
    languages = sorted({chart.skill.language for chart in charts}, key=lambda language: (language != first, language))
    found = []
    for language in languages:
        own = [chart for chart in charts if chart.skill.language == language]
        unfolded = [chart for chart in own if not chart.skill.folded]
        found.append(LanguageCharts(language, unfolded, [chart.skill for chart in own if chart.skill.folded]))
    return found


def _cards(scenarios: Sequence[Scenario]) -> list[Card]:
    return [Card(each, (), demand(each.ai_persona_brief, each.end_criteria), None) for each in scenarios]


def _rhythm() -> dict[str, Any]:
    return {"rhythm": goals.rhythm(trainee(), now=clock.now()), "per_week": goals.PER_WEEK, "wish_max": goals.WISH_MAX}
