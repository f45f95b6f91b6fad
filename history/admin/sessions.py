"""Past and running sessions: find one, read and listen to it, queue its evaluation again, erase it."""

from collections.abc import Callable
from typing import Any

import structlog
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coach import clock
from coach.edge.try_later import try_later
from coach.pages.admin_search import FoldedSearch
from coach.signin import trainee_names
from coach.storage import stores
from coach.storage.audio import AudioLost
from evaluations.evaluation_schema import WHOLE
from evaluations.findings.ratings import Answer
from evaluations.models import Dispute, Evaluation
from evaluations.own_view.disputes import overrule
from evaluations.page import panel
from evaluations.requeue import requeue
from history import erasure
from history.admin import disputes, trust
from history.admin.operations import act_view, operations_view
from history.admin.session_filters import BegunFilter, EvaluationFilter, ReasonFilter, ScenarioFilter
from practice import audio_links
from practice.end_reason_words import ADMIN_LABELS
from practice.models import PracticeSession, Turn

log = structlog.get_logger(__name__)

NOTHING = mark_safe('<span class="nothing">–</span>')
UNLISTED = ("brief", "role_brief", "behaviours", "last_hint")
"""Long columns that the list does not show."""


class SessionAdmin(FoldedSearch):
    """Read only, except for requeueing and erasing. Nobody writes a session by hand."""

    list_display = ("begun", "titled", "trainee", "shown_status", "ended", "lasted", "evaluated")
    list_display_links = ("begun", "titled")
    list_filter = (
        ("sorted_at", BegunFilter),
        "status",
        ReasonFilter,
        EvaluationFilter,
        disputes.DisputeFilter,
        ScenarioFilter,
    )
    search_fields = ("id", "scenario_title", "user_id")
    key_fields = frozenset({"id"})
    search_help_text = gettext_lazy("Scenario title, trainee or session id")
    ordering = ("-sorted_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    actions = ("requeue_all",)
    delete_confirmation_template = "admin/history/erase.html"
    delete_selected_confirmation_template = "admin/history/erase_selected.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PracticeSession | None = None) -> bool:
        return False

    def has_requeue_permission(self, request: HttpRequest, obj: PracticeSession | None = None) -> bool:
        return bool(request.user.has_perm("evaluations.change_evaluation"))  # type: ignore[union-attr]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PracticeSession]:
        return super().get_queryset(request).select_related("evaluation").defer(*UNLISTED)

    def get_urls(self) -> list[URLPattern]:
        views: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("operations/", operations_view, "operations"),
            ("operations/act/", act_view, "operations_act"),
            ("<path:object_id>/audio/<str:turn_id>/", self.audio_view, "practicesession_audio"),
            ("<path:object_id>/requeue/", self.requeue_view, "practicesession_requeue"),
            ("<path:object_id>/disputes/<int:dispute_id>/", self.overrule_view, "practicesession_overrule"),
        ]
        own = [path(route, self.admin_site.admin_view(view), name=f"practice_{name}") for route, view, name in views]
        return [*own, *super().get_urls()]

    # The list

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        named = trainee_names.of_trainees(session.user_id for session in changes.result_list)
        for session in changes.result_list:
            session.trainee_name = named[session.user_id]
        return changes

    def _matching(self, queryset: QuerySet[Any], field: str, wanted: str) -> Q:
        found = super()._matching(queryset, field, wanted)
        return found | Q(user_id__in=trainee_names.ids_of(wanted)) if field == "user_id" else found

    @admin.display(description=gettext_lazy("started"), ordering="sorted_at")
    def begun(self, session: PracticeSession) -> str:
        return date_format(timezone.localtime(session.sorted_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("scenario"), ordering="scenario_title")
    def titled(self, session: PracticeSession) -> str:
        return session.scenario_title

    @admin.display(description=gettext_lazy("trainee"), ordering="user_id")
    def trainee(self, session: PracticeSession) -> str:
        return getattr(session, "trainee_name", None) or trainee_names.of_trainees([session.user_id])[session.user_id]

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def shown_status(self, session: PracticeSession) -> str:
        return format_html('<span class="badge badge-{}">{}</span>', session.status, session.get_status_display())

    @admin.display(description=gettext_lazy("how it ended"), ordering="termination_reason")
    def ended(self, session: PracticeSession) -> str:
        return str(ADMIN_LABELS.get(session.termination_reason, NOTHING))

    @admin.display(description=gettext_lazy("length"))
    def lasted(self, session: PracticeSession) -> str:
        seconds = session.total_duration_seconds
        return NOTHING if seconds is None else f"{seconds // 60}:{seconds % 60:02d}"

    @admin.display(description=gettext_lazy("evaluation"), ordering="evaluation__status")
    def evaluated(self, session: PracticeSession) -> str:
        evaluation = _evaluation(session)
        if evaluation is None:
            return NOTHING
        badge = '<span class="badge badge-{}">{}</span>'
        return format_html(badge, evaluation.status, evaluation.get_status_display())

    @admin.action(description=gettext_lazy("Queue failed evaluations again"), permissions=["requeue"])
    def requeue_all(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> None:
        evaluations = [found for session in queryset if (found := _evaluation(session)) is not None]
        moved = sum(requeue(evaluation, now=clock.now()) for evaluation in evaluations)
        words = ngettext("%d evaluation is queued again.", "%d evaluations are queued again.", moved) % moved
        left = len(queryset) - moved
        if left:
            words += (
                " "
                + ngettext(
                    "%d was left alone: only failed ones are queued again.",
                    "%d were left alone: only failed ones are queued again.",
                    left,
                )
                % left
            )
        self.message_user(request, words, messages.SUCCESS if moved else messages.WARNING)

    # One session

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self._found(request, object_id))

    def _page(
        self, request: HttpRequest, session: PracticeSession, refused: disputes.OverruleForm | None = None
    ) -> HttpResponse:
        """The conversation as a script, with recordings, evaluation and times; `refused`: see `with_forms`."""
        evaluation = Evaluation.objects.filter(session=session).prefetch_related(*WHOLE, "earlier_readings").first()
        turns = list(Turn.objects.filter(session=session).select_related("audio").defer("audio__content"))
        criteria = list(evaluation.criteria.all()) if evaluation else []
        pitfalls = {each.result.pk: each for each in panel.pitfalls_of(session, criteria, turns)}
        context = {
            **self.admin_site.each_context(request),
            "title": session.scenario_title,
            "opts": self.opts,
            "session": session,
            "trainee": self.trainee(session),
            "reason": ADMIN_LABELS.get(session.termination_reason, ""),
            "turns": _timed(turns),
            "trust": trust.course(session, turns),
            "has_audio": any(turn.audio_id for turn in turns),
            "criteria": [(each, pitfalls.get(each.pk)) for each in criteria],
            "people": {
                "ai": session.brief.get("aiPersona", {}).get("name") or _("AI"),
                "trainee": session.brief.get("traineePersona", {}).get("name") or _("Trainee"),
            },
            "evaluation": evaluation,
            "disputes": disputes.with_forms(evaluation, refused) if evaluation else [],
            "answers": disputes.ANSWER_WORDS,
            "may_answer": disputes.may_answer(request.user),
            "may_requeue": self.has_requeue_permission(request, session),
            "may_erase": self.has_delete_permission(request, session),
        }
        return TemplateResponse(request, "admin/history/session.html", context)

    def audio_view(self, request: HttpRequest, object_id: str, turn_id: str) -> HttpResponseBase:
        """A turn's recording, for anyone who may review the session."""
        session = self._found(request, object_id)
        turn = Turn.objects.select_related("audio").filter(session=session, pk=turn_id, audio__isnull=False).first()
        if turn is None:
            raise Http404
        try:
            return audio_links.serve(request, turn)
        except AudioLost:
            raise Http404 from None
        except Exception as error:  # A remote store is down: each kind raises its own, without a common base.
            log.warning("recording not at hand", turnId=turn.pk, error=stores.fault(error))
            words = _("The recording cannot be read at the moment. Try again shortly.")
            return try_later(request, words, stores.RETRY_AFTER_SECONDS)

    def requeue_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        session = self._found(request, object_id)
        if not self.has_requeue_permission(request, session):
            raise PermissionDenied
        evaluation = _evaluation(session)
        if evaluation is not None and requeue(evaluation, now=clock.now()):
            self.log_change(request, session, _("Evaluation queued again."))
            self.message_user(request, _("The evaluation is queued again."), messages.SUCCESS)
        else:
            words = _("Only a failed evaluation can be queued again; this one is not, or is no longer.")
            self.message_user(request, words, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:practice_practicesession_change", args=[session.pk]))

    def overrule_view(self, request: HttpRequest, object_id: str, dispute_id: int) -> HttpResponse:
        """Store a curator's answer beside the evaluator's, with a reason; no rating changes."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        session = self._found(request, object_id)
        if not disputes.may_answer(request.user):
            raise PermissionDenied
        dispute = Dispute.objects.filter(pk=dispute_id, evaluation__session=session).first()
        if dispute is None:
            raise Http404
        form = disputes.form_for(dispute, request.POST)
        if not form.is_valid():
            self.message_user(request, _("Choose an answer and give a reason."), messages.ERROR)
            return self._page(request, session, form)
        answer, reason = Answer(form.cleaned_data["answer"]), form.cleaned_data["reason"]
        was_read = form.cleaned_data["about"] == disputes.mark_of(dispute)
        if not was_read or not overrule(dispute, answer, reason, by=str(request.user), now=clock.now()):
            words = _("The trainee has written something else in the meantime. Read it, then answer again.")
            self.message_user(request, words, messages.ERROR)
            dispute.refresh_from_db()
            return self._page(request, session, disputes.form_for(dispute, answer=answer, reason=reason))
        self.log_change(request, session, _("Dispute answered."))
        self.message_user(request, _("The trainee sees your answer and reason now."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:practice_practicesession_change", args=[session.pk]))

    def _found(self, request: HttpRequest, object_id: str) -> PracticeSession:
        session = PracticeSession.objects.filter(pk=unquote(object_id)).first()
        if session is None:
            raise Http404
        if not self.has_view_permission(request, session):
            raise PermissionDenied
        return session

    # Erasing

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What will be erased, in words; the page says the rest."""
        named = [f"{self.begun(session)}, {session.scenario_title} ({self.trainee(session)})" for session in objs]
        return named, {}, set(), []

    def delete_model(self, request: HttpRequest, obj: PracticeSession) -> None:
        erasure.erase(obj.pk, user_id=obj.user_id, now=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> None:
        for session in queryset:
            self.delete_model(request, session)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        self.message_user(request, _("The session was deleted."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:practice_practicesession_changelist"))


def _timed(turns: list[Turn]) -> list[tuple[Turn, float | None]]:
    """Each turn with the seconds since the first one began, None if unknown."""
    begun = min((turn.started_at for turn in turns if turn.started_at), default=None)
    return [(turn, (turn.started_at - begun).total_seconds() if begun and turn.started_at else None) for turn in turns]


def _evaluation(session: PracticeSession) -> Evaluation | None:
    return getattr(session, "evaluation", None)
