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

from evaluations.findings.ratings import Answer
from practice.catalog.behaviours import BehaviourKind

Tone = Literal["good", "gap", "unsure", "none"]
TONES: tuple[Tone, ...] = ("good", "gap", "unsure", "none")


class BehaviourVerdict(StrEnum):
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
            BehaviourVerdict.HEARD: _("You did this"),
            BehaviourVerdict.NOT_HEARD: _("Not yet"),
            BehaviourVerdict.NO_OCCASION: _("Didn't come up"),
            BehaviourVerdict.BETTER_AVOIDED: _("Better avoided"),
            BehaviourVerdict.AVOIDED: _("You avoided this"),
            BehaviourVerdict.NOT_COUNTED: _("Not counted"),
            BehaviourVerdict.UNSURE: _("Could be read either way"),
        }[self]

    @property
    def short(self) -> str:
        """As a cell of a table puts it."""
        return {
            BehaviourVerdict.HEARD: _("Shown"),
            BehaviourVerdict.NO_OCCASION: _("No occasion"),
            BehaviourVerdict.AVOIDED: _("Avoided"),
            BehaviourVerdict.UNSURE: _("Either way"),
        }.get(self, self.label)


_TONES: dict[BehaviourVerdict, Tone] = {
    BehaviourVerdict.HEARD: "good",
    BehaviourVerdict.NOT_HEARD: "gap",
    BehaviourVerdict.NO_OCCASION: "none",
    BehaviourVerdict.BETTER_AVOIDED: "gap",
    BehaviourVerdict.AVOIDED: "good",
    BehaviourVerdict.NOT_COUNTED: "none",
    BehaviourVerdict.UNSURE: "unsure",
}
_OF_ANSWER: dict[Answer, tuple[BehaviourVerdict, BehaviourVerdict]] = {
    Answer.SHOWN: (BehaviourVerdict.HEARD, BehaviourVerdict.BETTER_AVOIDED),
    Answer.NOT_SHOWN: (BehaviourVerdict.NOT_HEARD, BehaviourVerdict.AVOIDED),
    Answer.NOT_APPLICABLE: (BehaviourVerdict.NO_OCCASION, BehaviourVerdict.NOT_COUNTED),
    Answer.UNSURE: (BehaviourVerdict.UNSURE, BehaviourVerdict.UNSURE),
}


def of(kind: str, answer: str) -> BehaviourVerdict:
    return _OF_ANSWER[Answer(answer)][kind == BehaviourKind.AVOID]
