"""The feedback panel: in the room, in the history, and as a page of its own."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from coach import clock
from coach.identity import trainee
from coach.pages.requests import PageRequest
from evaluations import panel, rereading, self_assessment
from evaluations.models import Evaluation
from evaluations.requeue import requeue
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession

STOP_POLLING = 286


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation(request: PageRequest, session_id: str) -> HttpResponse:
    """Show it; POST asks for a failed one again, or for a new reading after a correction. 404 until the session ended.

    Whoever is shown the scores has opened them.
    """
    session = get_object_or_404(PracticeSession, pk=session_id, user_id=trainee(), status=SessionStatus.ENDED)
    if request.method == "POST":
        evaluation = get_object_or_404(Evaluation, session=session)
        if not requeue(evaluation, now=clock.now()):
            rereading.read_again(evaluation, now=clock.now())
        if not request.htmx:
            return redirect("evaluations:panel", session.pk)
    shown = panel.of(session, now=clock.now())
    if shown.evaluation and shown.phase == "completed" and request.method != "HEAD":
        self_assessment.scores_opened(shown.evaluation, now=clock.now())
    partial = bool(request.htmx) and not request.htmx.history_restore_request
    response = render(
        request,
        "evaluations/panel.html#panel" if partial else "evaluations/panel.html",
        {
            "panel": shown,
            "session": session,
            "evaluation": shown.evaluation,
            "alone": not partial,
            # The button that was pressed is gone: the keyboard goes on from the heading, which every state has.
            "asked_again": request.method == "POST",
        },
        status=STOP_POLLING if partial and shown.settled else 200,
    )
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response
