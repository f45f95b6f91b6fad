"""Disputes in the admin: a curator reads the trainee's reason and may overrule one behaviour, with a reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.models import REASON_MAX, Dispute
from evaluations.ratings import Answer

ANSWER_WORDS = {
    Answer.SHOWN: _("shown"),
    Answer.NOT_SHOWN: _("not shown"),
    Answer.NOT_APPLICABLE: _("no occasion arose"),
    Answer.UNSURE: _("unsure"),
}


class OverruleForm(forms.Form):
    """What a curator answers instead of the evaluator."""

    answer = forms.ChoiceField(label=_("What it should be"), choices=[])
    reason = forms.CharField(label=_("Reason, which the trainee reads"), max_length=REASON_MAX, strip=True)

    def __init__(self, dispute: Dispute, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = self.fields["answer"]
        assert isinstance(answer, forms.ChoiceField)
        answer.choices = [(each.value, words) for each, words in ANSWER_WORDS.items() if each != dispute.answer]


def with_forms(disputes: list[Dispute]) -> list[dict[str, Any]]:
    """Each dispute with what the page says of it and the form to overrule it."""
    return [
        {
            "dispute": each,
            "answer": ANSWER_WORDS[Answer(each.answer)],
            "overruled": ANSWER_WORDS[Answer(each.overruled_answer)] if each.overruled_answer else "",
            "form": OverruleForm(each, auto_id=f"dispute-{each.pk}-%s"),
        }
        for each in disputes
    ]
