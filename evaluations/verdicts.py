"""What an answer about a behaviour comes to: one verdict for the page, attempts, the comparison of a redo and progress.

    kind     answer          verdict          on the page                  counts as
    do       shown           HEARD            You did this                 good
    do       notShown        NOT_HEARD        Not yet                      a gap
    do       notApplicable   NO_OCCASION      Didn't come up               nothing
    avoid    shown           BETTER_AVOIDED   Better avoided               a gap
    avoid    notShown        AVOIDED          You avoided this             good
    avoid    notApplicable   NOT_COUNTED      Not counted                  nothing
    either   unsure          UNSURE           Could be read either way     nothing

The stored answer alone decides, the same that API, export and mirror give: `avoidance.py` has settled, before anything
is stored, whether not doing something counts.
"""

from enum import StrEnum
from typing import Literal

from django.utils.translation import gettext as _

from evaluations.ratings import Answer
from practice.behaviours import BehaviourKind

Tone = Literal["good", "gap", "unsure", "none"]
TONES: tuple[Tone, ...] = ("good", "gap", "unsure", "none")


class Verdict(StrEnum):
    HEARD = "heard"
    NOT_HEARD = "notHeard"
    NO_OCCASION = "noOccasion"
    BETTER_AVOIDED = "betterAvoided"
    AVOIDED = "avoided"
    NOT_COUNTED = "notCounted"
    UNSURE = "unsure"

    @property
    def tone(self) -> Tone:
        return _TONES[self]

    @property
    def good(self) -> bool | None:
        """None where it says nothing about the trainee."""
        return {"good": True, "gap": False}.get(self.tone)

    @property
    def label(self) -> str:
        """As the feedback puts it to the trainee."""
        return {
            Verdict.HEARD: _("You did this"),
            Verdict.NOT_HEARD: _("Not yet"),
            Verdict.NO_OCCASION: _("Didn't come up"),
            Verdict.BETTER_AVOIDED: _("Better avoided"),
            Verdict.AVOIDED: _("You avoided this"),
            Verdict.NOT_COUNTED: _("Not counted"),
            Verdict.UNSURE: _("Could be read either way"),
        }[self]

    @property
    def short(self) -> str:
        """As a cell of a table puts it."""
        return {
            Verdict.HEARD: _("Shown"),
            Verdict.NO_OCCASION: _("No occasion"),
            Verdict.AVOIDED: _("Avoided"),
            Verdict.UNSURE: _("Either way"),
        }.get(self, self.label)


_TONES: dict[Verdict, Tone] = {
    Verdict.HEARD: "good",
    Verdict.NOT_HEARD: "gap",
    Verdict.NO_OCCASION: "none",
    Verdict.BETTER_AVOIDED: "gap",
    Verdict.AVOIDED: "good",
    Verdict.NOT_COUNTED: "none",
    Verdict.UNSURE: "unsure",
}
_OF_ANSWER: dict[Answer, tuple[Verdict, Verdict]] = {
    Answer.SHOWN: (Verdict.HEARD, Verdict.BETTER_AVOIDED),
    Answer.NOT_SHOWN: (Verdict.NOT_HEARD, Verdict.AVOIDED),
    Answer.NOT_APPLICABLE: (Verdict.NO_OCCASION, Verdict.NOT_COUNTED),
    Answer.UNSURE: (Verdict.UNSURE, Verdict.UNSURE),
}


def of(kind: str, answer: str) -> Verdict:
    return _OF_ANSWER[Answer(answer)][kind == BehaviourKind.AVOID]
