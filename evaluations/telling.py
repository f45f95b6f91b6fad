"""What a small model found, told in the session's language: composed, since what such a model writes is seldom true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from evaluations import prompt
from evaluations.conversation import Conversation, RatedSkill, Said
from practice.lifecycle import Language
from practice.rubric import RATINGS

CLEAR, FAINT = 0.5, 0.25
"""Log-odds beyond courtesies from which a thing is said to have come through, and below which hardly."""
NAMED_AT_MOST = 2
WORTH_KEEPING = 3

_INNER_MARKS = str.maketrans("“”", "‘’")


@dataclass(frozen=True)
class Shown:
    """One thing that the best description of a skill names; `odds`: log-odds that it was done, beyond courtesies."""

    point: str
    odds: float


@dataclass(frozen=True)
class Judged:
    """A skill with what was shown of it, and the passage that comes closest to the clearest of it."""

    skill: RatedSkill
    shown: Sequence[Shown]
    rating: int
    closest: Said

    @property
    def rank(self) -> tuple[int, float]:
        return self.rating, mean(each.odds for each in self.shown)


def result(
    judged: Sequence[Judged], conversation: Conversation, met: Mapping[int, bool], *, said_little: bool, insulting: bool
) -> Mapping[str, Any]:
    """The arguments of an `evaluation_result`, without better lines: a small model knows none.

    `met`: whether a wanted ending came about, by the number of its criterion. Which turn it was is not known.
    """
    with translation.override("zh-hans" if conversation.language == Language.CHINESE else "en"):
        return {
            "scores": [
                {
                    "skillId": each.skill.id,
                    "evidence": [{"sequence": each.closest.sequence, "quote": each.closest.text}],
                    "note": _note(each),
                    "rating": each.rating,
                }
                for each in judged
            ],
            "criteria": [
                {"criterionId": str(number), "met": happened, "sequence": None} for number, happened in met.items()
            ],
            "strengths": "" if said_little else _strengths(judged),
            "gaps": " ".join(filter(None, [_insult(conversation) if insulting else "", _gaps(judged)])),
            "summary": _summary(judged, said_little),
        }


def _note(judged: Judged) -> str:
    falling = sorted(judged.shown, key=lambda each: -each.odds)
    rising = sorted(judged.shown, key=lambda each: each.odds)
    # The lowest rating praises nothing.
    done = [each for each in falling if each.odds >= CLEAR and judged.rating > RATINGS[0]][:NAMED_AT_MOST]
    missing = [each for each in rising if each.odds < FAINT][:NAMED_AT_MOST]
    if done and missing:
        return _("This came through: %(done)s. This less so: %(missing)s.") % {
            "done": _quoted(done),
            "missing": _quoted(missing),
        }
    if done:
        return _("This came through: %(done)s.") % {"done": _quoted(done)}
    if missing:
        return _("This hardly came through: %(missing)s.") % {"missing": _quoted(missing)}
    return _("You came close to this, but not clearly: %(points)s.") % {"points": _quoted(falling[:NAMED_AT_MOST])}


def _summary(judged: Sequence[Judged], said_little: bool) -> str:
    if said_little:
        return _("You said very little, so there was little to go by.")
    best, least = _best(judged), _least(judged)
    if best.rating < WORTH_KEEPING:
        return _("Little of what these skills ask for came through yet.")
    if best.rating > least.rating:
        return _("Strongest: %(best)s. Most to gain: %(least)s.") % {"best": best.skill.name, "least": least.skill.name}
    return _("Every skill came out at %(rating)s of 5.") % {"rating": best.rating}


def _strengths(judged: Sequence[Judged]) -> str:
    best = _best(judged)
    clearest = max(best.shown, key=lambda each: each.odds)
    if best.rating < WORTH_KEEPING or clearest.odds < CLEAR:
        return ""
    return _("Keep doing this: %(point)s (%(skill)s).") % {"point": _quoted([clearest]), "skill": best.skill.name}


def _gaps(judged: Sequence[Judged]) -> str:
    least = _least(judged)
    if least.rating == RATINGS[-1]:
        return ""
    weakest = min(least.shown, key=lambda each: each.odds)
    return _("Before you practise again, put into words how you would do this: %(point)s (%(skill)s).") % {
        "point": _quoted([weakest]),
        "skill": least.skill.name,
    }


def _insult(conversation: Conversation) -> str:
    return _(
        "It sounded as if you insulted, mocked or threatened %(other)s: that keeps every rating at 2 or lower."
    ) % {"other": prompt.names(conversation)["counterpart"]}


def _best(judged: Sequence[Judged]) -> Judged:
    return max(judged, key=lambda each: each.rank)


def _least(judged: Sequence[Judged]) -> Judged:
    return min(judged, key=lambda each: each.rank)


def _quoted(shown: Sequence[Shown]) -> str:
    return _("; ").join(f"“{_inside(each.point)}”" for each in shown)


def _inside(point: str) -> str:
    """As it stands in the middle of a sentence and in quotation marks."""
    first, rest = point[:1], point[1:]
    return (first.lower() if rest[:1].islower() else first) + rest.translate(_INNER_MARKS)
