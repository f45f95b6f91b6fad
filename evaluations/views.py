"""The feedback panel, shown in the room, in the history and on its own page."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from coach import clock
from coach.identity import trainee
from coach.pages.fields import WordsField
from coach.pages.requests import PageRequest
from evaluations.models import REASON_MAX, BehaviourResult, Evaluation
from evaluations.own_view import disputes, self_assessment, self_assessment_form
from evaluations.page import panel, panel_scores
from evaluations.page.panel import Panel
from evaluations.requeue import read_again, requeue
from practice import end_reason_words
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession
from practice.sessions import SessionUnknown

STOP_POLLING = 286


@require_http_methods(["GET", "HEAD", "POST"])
def evaluation(request: PageRequest, session_id: str) -> HttpResponse:
    """Show the panel; 404 until the session ended.

    POST stores (or skips) the self-assessment, requests a failed evaluation again, or a new reading if one is offered.
    Showing the scores opens them; before that the trainee is asked for a self-assessment.
    """
    session = _ended(session_id)
    if request.method == "POST":
        _do(request, session)
        if not request.htmx:
            return redirect("evaluations:panel", session.pk)
    shown = panel.of(session, now=clock.now())
    part = request.GET.get("part")
    if part == "status" and shown.asked and request.htmx:
        return _status(request, shown)
    if part == "progress" and not shown.settled and not shown.asked and request.htmx:
        return _progress(request, shown)
    if shown.evaluation and shown.rated and request.method != "HEAD":
        self_assessment.scores_opened(shown.evaluation, now=clock.now())
    response = _panel(request, shown)
    if part:
        # Nothing is left to ask or to wait for: a request for a part gets the whole panel.
        response["HX-Retarget"], response["HX-Reswap"] = "closest .evaluation", "outerHTML"
    return response


def _panel(request: PageRequest, shown: Panel) -> HttpResponse:
    """The panel alone for htmx, otherwise on a page of its own."""
    session = shown.session
    whole_page = not request.htmx or request.htmx.history_restore_request
    own_page = reverse("evaluations:panel", args=[session.pk])
    alone = whole_page or (request.htmx.current_url_abs_path or "").partition("?")[0] == own_page
    context = {
        "panel": shown,
        "session": session,
        "evaluation": shown.evaluation,
        "alone": alone,
        "person": session.brief["aiPersona"],
        "choices": self_assessment_form.choices(),
        "ending": end_reason_words.sentence(session),
        "room_url": reverse("practice:room", args=["ID"]),
        # The pressed button is gone: focus continues at the heading, which every state has.
        "asked_again": request.method == "POST",
    }
    if whole_page:
        return _rendered(request, "evaluations/panel.html", context)
    return _rendered(request, "evaluations/panel.html#panel", context, status=_polling(shown))


class DisputeForm(forms.Form):
    """The form of “I see it differently”, about one behaviour."""

    skill = forms.CharField()
    key = forms.CharField()
    reason = WordsField(max_length=REASON_MAX)


@never_cache
@require_POST
def dispute(request: PageRequest, session_id: str) -> HttpResponse:
    """Store the trainee's view of one behaviour.

    htmx gets only the behaviour back; otherwise this redirects to the panel.
    """
    session = _ended(session_id)
    evaluation = get_object_or_404(Evaluation, session=session)
    asked = {name: request.POST.get(name, "").replace("\0", "") for name in ("skill", "key")}
    about = BehaviourResult.objects.filter(
        score__evaluation=evaluation, score__skill_id=asked["skill"], key=asked["key"]
    ).first()
    if about is None:
        raise Http404
    problem = _raise_dispute(evaluation, about, asked["skill"], DisputeForm(request.POST))
    if not request.htmx:
        return redirect("evaluations:panel", session.pk)
    found = evaluation.disputes.filter(skill_id=asked["skill"], key=about.key).first()
    spoken = {turn.sequence: turn for turn in session.turns.said()}
    own = self_assessment_form.of(session)
    context = {
        "session": session,
        "behaviour": panel_scores.behaviour(about, asked["skill"], spoken, found, own),
        "problem": problem,
        "said": session.language,
        "asked_again": True,
    }
    return _rendered(request, "evaluations/finding.html", context)


def _raise_dispute(evaluation: Evaluation, about: BehaviourResult, skill_id: str, form: DisputeForm) -> str:
    """What the trainee has to be told about it; nothing if it was stored."""
    if not form.is_valid():
        return _("Say in a sentence what you see differently, in at most 500 characters.")
    reason = form.cleaned_data["reason"]
    try:
        disputes.raise_dispute(evaluation, skill_id=skill_id, key=about.key, reason=reason, now=clock.now())
    except SessionUnknown:
        raise Http404 from None
    except disputes.AlreadyAnswered:
        pass  # The reviewer's answer takes the form's place.
    except disputes.NotDisputable:
        return _("Your feedback is to be redone. Come back to this when that's done.")
    return ""


def _ended(session_id: str) -> PracticeSession:
    sessions = PracticeSession.objects.select_related("scenario")
    return get_object_or_404(sessions, pk=session_id, user_id=trainee(), status=SessionStatus.ENDED)


def _do(request: PageRequest, session: PracticeSession) -> None:
    evaluation = get_object_or_404(Evaluation, session=session)
    if "own" in request.POST:
        given = {} if request.POST["own"] == "skip" else request.POST.dict()
        try:
            self_assessment_form.keep(session, {name: str(value) for name, value in given.items()}, now=clock.now())
        except SessionUnknown:
            raise Http404 from None
    elif not requeue(evaluation, now=clock.now()):
        read_again(evaluation, now=clock.now())


def _status(request: PageRequest, shown: Panel) -> HttpResponse:
    """The evaluation's progress, while the self-assessment is being filled in."""
    context = {"panel": shown, "session": shown.session, "evaluation": shown.evaluation}
    return _rendered(request, "evaluations/own_view_status.html", context, status=_polling(shown))


def _progress(request: PageRequest, shown: Panel) -> HttpResponse:
    """How far the evaluation is, and what it does if that is another phase than the page shows."""
    news = request.GET.get("phase") != shown.phase
    context = {"panel": shown, "session": shown.session, "evaluation": shown.evaluation, "news": news}
    return _rendered(request, "evaluations/progress.html#now", context)


def _polling(shown: Panel) -> int:
    """The status that lets htmx go on asking, or ends it."""
    return STOP_POLLING if shown.settled else 200


def _rendered(request: PageRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response
