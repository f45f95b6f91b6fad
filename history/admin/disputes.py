"""Disputes in the admin: a curator reads the trainee's reason and answers with a reason of their own."""

import hashlib
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from coach.pages.fields import WordsField
from evaluations.findings.ratings import Answer
from evaluations.models import REASON_MAX, BehaviourResult, Dispute, Evaluation
from evaluations.own_view.disputes import earlier, is_about, waiting
from practice.models import PracticeSession

ANSWER_WORDS = {
    Answer.SHOWN: _("shown"),
    Answer.NOT_SHOWN: _("not shown"),
    Answer.NOT_APPLICABLE: _("no occasion arose"),
    Answer.UNSURE: _("unsure"),
}


class DisputeFilter(admin.SimpleListFilter):
    """Filters for sessions with disputes."""

    title = _("disputes")
    parameter_name = "disputes"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Waiting for a reviewer")), ("any", _("All disputes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PracticeSession]) -> QuerySet[PracticeSession]:
        if self.value() not in ("open", "any"):
            return queryset
        disputes = waiting() if self.value() == "open" else Dispute.objects.all()
        return queryset.filter(Exists(disputes.filter(evaluation__session=OuterRef("pk"))))


class OverruleForm(forms.Form):
    """A curator's answer: different from the evaluator's, or the same after another look."""

    answer = forms.ChoiceField(label=_("What it should be"), choices=[])
    reason = WordsField(
        label=_("Reason (the trainee will read it)"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )
    about = forms.CharField(widget=forms.HiddenInput)
    """The `mark_of` the dispute that the curator has read."""

    def __init__(self, dispute: Dispute, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dispute_id = dispute.pk
        self.initial["about"] = mark_of(dispute)
        answer = self.fields["answer"]
        assert isinstance(answer, forms.ChoiceField)
        kept = Answer(dispute.answer)
        answer.choices = [
            ("", _("Choose …")),
            *[(each.value, words) for each, words in ANSWER_WORDS.items() if each is not kept],
            (kept.value, _("%(answer)s, as it was") % {"answer": ANSWER_WORDS[kept]}),
        ]


def may_answer(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this user may answer disputes; curators and operators see sessions and change evaluations."""
    permissions = ("practice.view_practicesession", "evaluations.change_evaluation")
    return isinstance(user, User) and user.has_perms(permissions)


def mark_of(dispute: Dispute) -> str:
    """Identifies what the trainee disputes and why, so that nobody answers what was replaced in the meantime."""
    return hashlib.sha256(f"{dispute.answer} {dispute.reason}".encode()).hexdigest()[:16]


def form_for(dispute: Dispute, data: QueryDict | None = None, **initial: str) -> OverruleForm:
    return OverruleForm(dispute, data, auto_id=f"dispute-{dispute.pk}-%s", initial=initial)


def with_forms(evaluation: Evaluation, refused: OverruleForm | None = None) -> list[dict[str, Any]]:
    """Each dispute with the data its page needs and the form to answer it; no query if everything is prefetched.

    `refused`: an answer that was not stored; it is shown in place of its dispute's empty form.
    """
    about = {
        (score.skill_id, each.key): (score.name, each)
        for score in evaluation.scores.all()
        for each in score.behaviours.all()
    }
    nothing: tuple[str, BehaviourResult | None] = ("", None)
    return [
        _shown(each, *about.get((each.skill_id, each.key), nothing))
        | {
            "form": refused if refused and refused.dispute_id == each.pk else form_for(each),
            "is_refused": bool(refused and refused.dispute_id == each.pk),
        }
        for each in evaluation.disputes.all()
    ]


def _shown(dispute: Dispute, skill: str, result: BehaviourResult | None) -> dict[str, Any]:
    """`answer_now`: what a new reading answers instead, in words; nobody has to answer this dispute then."""
    is_past = result is not None and not is_about(dispute, result)
    return {
        "dispute": dispute,
        "skill": skill,
        "result": result,
        "answer": ANSWER_WORDS[Answer(dispute.answer)],
        "answer_now": ANSWER_WORDS[Answer(result.answer)] if result is not None and is_past else "",
        "overruled": _words(dispute.overruled_answer),
        "waits": not dispute.overruled_answer and not is_past,
        "earlier": [
            {
                "answer": _words(each["answer"]),
                "reason": each["reason"],
                "overruled": _words(each["overruled"]["answer"]) if each["overruled"] else "",
                "overruled_reason": each["overruled"]["reason"] if each["overruled"] else "",
            }
            for each in earlier(dispute, dispute.answer)
        ],
    }


def _words(answer: str) -> str:
    return str(ANSWER_WORDS[Answer(answer)]) if answer else ""
