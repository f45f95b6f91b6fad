"""One past session: read it, listen to it, continue, download or erase it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coach import clock
from coach.identity import trainee
from evaluations.models import Evaluation
from evaluations.own_view import self_assessment
from history import detail, erasure, history_telemetry, navigation_steps, session_outcomes, visits
from practice import end_reason_words, sessions
from practice.catalog import availability
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession
from practice.turns import transcription
from practice.views import script

SPEEDS = ("0.75", "1", "1.25", "1.5", "2")


@never_cache
@require_safe
def session(request: HttpRequest, session_id: str) -> HttpResponse:
    """The script of a conversation with its feedback; a running one redirects to its room."""
    found = _session(session_id)
    if found.status != SessionStatus.ENDED:
        return redirect("practice:room", found.pk)
    with history_telemetry.opening("detail page", found.pk) as look:
        response = render(request, "history/session.html", _whole(found))
        if request.method == "GET":
            visits.record(found, step_count=navigation_steps.at_session(request), now=clock.now(), look=look)
    return response


def _whole(found: PracticeSession) -> dict[str, Any]:
    turns = list(found.turns.said().select_related("audio").defer("audio__content"))
    startable = availability.startable(found.scenario)
    return {
        **script.context(script.lines(found, turns, startable=startable)),
        "session": found,
        "brief": found.brief,
        "person": found.brief["aiPersona"],
        "recordings": sum(turn.audio_id is not None for turn in turns),
        "ending": end_reason_words.sentence(found),
        "how": session_outcomes.how(found),
        "has_others": sessions.has_other_attempts(found),
        "may_practise_again": startable,
        "speeds": SPEEDS,
        "room_url": reverse("practice:room", args=["ID"]),
    }


@never_cache
@require_safe
def download(request: HttpRequest, session_id: str) -> HttpResponse:
    """Transcript and evaluation as JSON, without links that expire. This opens the scores."""
    found = _session(session_id)
    if request.method == "GET" and (evaluation := Evaluation.objects.filter(session=found).first()):
        self_assessment.scores_opened(evaluation, now=clock.now())
    response = JsonResponse(detail.portable(found), json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = slugify(found.scenario_title, allow_unicode=True) or "session"
    day = timezone.localdate(found.sorted_at)
    response["Content-Disposition"] = content_disposition_header(True, f"{day:%Y-%m-%d}-{name}.json")
    return response


@require_POST
def transcribe_again(request: HttpRequest, session_id: str, turn_id: str) -> HttpResponse:
    """Retry the transcription of a turn that failed."""
    turn = _session(session_id).turns.filter(pk=turn_id).first()
    if turn is None:
        raise Http404
    if not transcription.request_again(turn.pk, now=clock.now()):
        messages.info(request, _("This turn is already being transcribed."))
    return HttpResponseRedirect(f"{reverse('history:detail', args=[session_id])}#turn-{turn.sequence}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, session_id: str) -> HttpResponse:
    """Say what will be erased; POST erases it."""
    found = _session(session_id)
    if request.method == "POST":
        erasure.erase(found.pk, user_id=trainee(), now=clock.now())
        messages.success(request, _("The session was deleted."))
        return redirect("history:list")
    turns = found.turns.said()
    context = {"session": found, "turns": turns.count(), "recordings": turns.exclude(audio=None).count()}
    return render(request, "history/erase.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase_all(request: HttpRequest) -> HttpResponse:
    """The same for all of the trainee's data."""
    if request.method == "POST":
        count = erasure.erase_all(user_id=trainee(), now=clock.now())
        said = ngettext(
            "Everything was deleted: %(count)s session.",
            "Everything was deleted: %(count)s sessions.",
            count,
        )
        messages.success(request, said % {"count": count})
        return redirect("history:list")
    count = PracticeSession.objects.filter(user_id=trainee()).count()
    return render(request, "history/erase_all.html", {"count": count})


def _session(session_id: str) -> PracticeSession:
    found = PracticeSession.objects.select_related("scenario").filter(pk=session_id, user_id=trainee()).first()
    if found is None:
        raise Http404
    return found
