"""Ratings over time: a chart and the same as a table."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coach.identity import trainee
from history import progress as measured

CHART_WIDTH, CHART_HEIGHT, CHART_EDGE, CHART_LABELS = 320, 96, 10, 16


@dataclass(frozen=True)
class Point:
    """Where a rating is drawn, in the units of the chart's view box."""

    x: float
    y: float
    rating: measured.Rating


@dataclass(frozen=True)
class Chart:
    skill: measured.SkillProgress
    points: list[Point]

    @property
    def ends(self) -> list[Point]:
        """The first and the last, or the only one."""
        return [self.points[0], self.points[-1]] if len(self.points) > 1 else self.points

    @property
    def line(self) -> str:
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """Sessions and minutes practised, and a small chart for each skill."""
    skills = measured.by_skill(trainee())
    context = {
        "practised": measured.practised(trainee()),
        "charts": [Chart(skill, _points(skill)) for skill in skills],
        "recent": measured.RECENT,
        "steps": [(rating, _height(rating)) for rating in range(1, 6)],
        "width": CHART_WIDTH,
        "labels": CHART_LABELS,
        "height": CHART_HEIGHT,
    }
    return render(request, "history/progress.html", context)


def _points(skill: measured.SkillProgress) -> list[Point]:
    room = CHART_WIDTH - CHART_LABELS - 2 * CHART_EDGE
    last = max(1, len(skill.ratings) - 1)
    return [
        Point(round(CHART_LABELS + CHART_EDGE + room * place / last, 1), _height(one.rating), one)
        for place, one in enumerate(skill.ratings)
    ]


def _height(rating: int) -> float:
    return round(CHART_HEIGHT - CHART_EDGE - (CHART_HEIGHT - 2 * CHART_EDGE) * (rating - 1) / 4, 1)
