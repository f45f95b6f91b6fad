"""Pages that compare attempts of one scenario, and a redo with its original."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coach.identity import trainee
from history import attempts as found
from history import comparable_attempts, redo_comparison
from practice import end_reason_words
from practice.catalog import availability
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession, Scenario, Turn

REST_MAX = 3
"""At most this many lines of the longer session stand beside an empty column; the rest are folded."""


@never_cache
@require_safe
def attempts(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """What changed from attempt to attempt, the latest on the right."""
    scenario = Scenario.objects.filter(pk=scenario_id).first()
    sessions = comparable_attempts.of_scenario(trainee(), scenario_id)
    page: Page[PracticeSession] = Paginator(sessions, found.ATTEMPTS_A_PAGE).get_page(request.GET.get("page"))
    startable = scenario is not None and availability.startable(scenario)
    if scenario is None or not (startable or page.paginator.count):
        raise Http404
    grid = found.grid(list(page.object_list), newest_number=page.paginator.count - page.start_index() + 1)
    newest_is_rated = bool(grid.columns) and grid.columns[-1] is grid.attempts[-1]
    latest = [(row, row.cells[-1]) for skill in grid.skills for row in skill.behaviours if newest_is_rated]
    context = {
        "scenario": scenario,
        "startable": startable,
        "page": page,
        "grid": grid,
        "gained": [row for row, cell in latest if cell.change == "gained"],
        "lost": [row for row, cell in latest if cell.change == "lost"],
    }
    return render(request, "history/attempts.html", context)


@never_cache
@require_safe
def compare(request: HttpRequest, session_id: str) -> HttpResponse:
    """Compare from the redone moment on; a session that is no redo is shown alone."""
    sessions = PracticeSession.objects.select_related("scenario", "continues_from")
    redone = sessions.filter(pk=session_id, user_id=trainee()).first()
    if redone is None:
        raise Http404
    if redone.status != SessionStatus.ENDED:
        return redirect("practice:room", redone.pk)
    compared = redo_comparison.compare(redone)
    if compared is None:
        return redirect("history:detail", redone.pk)
    return render(request, "history/compare.html", _beside(redone, compared))


def _beside(redone: PracticeSession, compared: redo_comparison.RedoComparison) -> dict[str, Any]:
    pair = [compared.before.session, compared.after.session]
    return {
        "session": redone,
        "person": redone.brief["aiPersona"],
        "compared": compared,
        **_pairs(*compared.lines),
        "endings": [end_reason_words.sentence(one) for one in pair],
        "may_practise_again": availability.startable(redone.scenario),
    }


def _pairs(before: Sequence[Turn], after: Sequence[Turn]) -> dict[str, Any]:
    """`pairs` of both sessions' lines, each with whether they are the same, and the `rest` of the longer one.

    A short rest stays among the pairs.
    """
    both = min(len(before), len(after))
    rest = max(before[both:], after[both:], key=len)
    if len(rest) <= REST_MAX:
        both, rest = max(len(before), len(after)), []
    pairs = [
        (first, second, bool(first and second and first.transcript and first.transcript == second.transcript))
        for first, second in zip_longest(before[:both], after[:both])
    ]
    return {"pairs": pairs, "rest": rest, "rest_is_first": len(before) > len(after)}
