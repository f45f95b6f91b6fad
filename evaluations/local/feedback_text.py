"""Puts local findings into words, in the session's language.

Text is composed, because small models rarely write the truth.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext as _

from evaluations.findings import insult_notice, next_step
from evaluations.findings.ratings import STRONGEST_FROM, Answer
from evaluations.findings.results import BehaviourFinding, Findings, Score
from evaluations.transcript import sentences
from evaluations.transcript.conversation import Conversation
from practice.lifecycle import Language

NAMED_AT_MOST = 2
_INNER_MARKS = str.maketrans("“”", "‘’")


def told(
    scores: Sequence[Score], conversation: Conversation, choose: next_step.Choose = next_step.first, *, insulting: bool
) -> Findings:
    """Notes, summary and next steps for the findings. Nothing is praised that was not shown.

    `choose` picks the lines of the next steps.
    """
    with translation.override("zh-hans" if conversation.language == Language.CHINESE else "en"):
        noted = tuple(
            replace(score, note=note(score.behaviours), next_step=next_step.from_example(score, choose))
            if score.behaviours
            else score
            for score in scores
        )
        gaps = [insult_notice.told(conversation)] if insulting else []
        gaps.append(_gaps(noted))
        return Findings(scores=noted, summary=_summary(noted), strengths=_strengths(noted), gaps=_joined(gaps))


def note(behaviours: Sequence[BehaviourFinding]) -> str:
    """What was shown of one skill, then what was not; in the active language."""
    shown = [each for each in behaviours if each.behaviour.is_wanted and each.answer is Answer.SHOWN]
    missing = [each for each in behaviours if each.behaviour.is_wanted and each.answer is Answer.NOT_SHOWN]
    avoidable = [each for each in behaviours if not each.behaviour.is_wanted and each.answer is Answer.SHOWN]
    parts = []
    if shown:
        parts.append(_("Heard: %(done)s.") % {"done": _quoted(shown)})
    if avoidable:
        parts.append(_("Better avoided: %(avoided)s.") % {"avoided": _quoted(avoidable)})
    if missing:
        parts.append(_("Not heard yet: %(missing)s.") % {"missing": _quoted(missing)})
    return _joined(parts) or _("There was little to go by for this.")


def _summary(scores: Sequence[Score]) -> str:
    rated = [score for score in scores if score.rating is not None]
    if not rated:
        return _("There was little to go by.")
    if any(map(_wanted, scores)) and not any(map(_shown, scores)):
        return _("Nothing that helps here was clearly heard yet.")
    counted = _counted(scores)
    if compared := _compared(rated):
        return _joined([counted, compared])
    return counted or _("What could be rated came out at %(rating)s of 5.") % {"rating": rated[0].rating}


def _counted(scores: Sequence[Score]) -> str:
    shown, asked = sum(map(_shown, scores)), sum(map(_wanted, scores))
    if not asked:
        return ""
    if shown < asked:
        # What is heard was nearly always said; what was said is not always heard.
        return _("You did at least %(shown)s of the %(asked)s things that help here.") % {
            "shown": shown,
            "asked": asked,
        }
    if asked == 1:
        return _("You did the one thing that could be judged here.")
    return _("You did all %(asked)s things that help and could be judged here.") % {"asked": asked}


def _compared(rated: Sequence[Score]) -> str:
    """The strongest and the weakest skill, each only if it is alone at its rating; two weakest are both named."""
    best = [each for each in rated if each.rating == max(one.rating or 0 for one in rated)]
    least = [each for each in rated if each.rating == min(one.rating or 0 for one in rated)]
    if len(best) == len(rated):
        return ""
    names = {"best": best[0].skill.name, "least": least[0].skill.name, "other": least[-1].skill.name}
    is_strongest = len(best) == 1 and _is_strong(best[0])
    told = [_("Strongest: %(best)s.")] if is_strongest else []
    if len(least) <= NAMED_AT_MOST:
        told.append(
            _("Most room to grow: %(least)s and %(other)s.") if len(least) > 1 else _("Most room to grow: %(least)s.")
        )
    return _joined(told) % names


def _strengths(scores: Sequence[Score]) -> str:
    for score in sorted(filter(_is_strong, scores), key=_rank, reverse=True):
        for found in score.behaviours:
            if found.behaviour.is_wanted and found.quote:
                return _("Keep doing this: %(point)s.") % {"point": _inside(found.behaviour.text)}
    return ""


def _gaps(scores: Sequence[Score]) -> str:
    """The same behaviour that the page says to work on first."""
    rated = [each for each in scores if each.rating is not None]
    for score in sorted(rated, key=lambda each: (each.next_step is None, next_step.urgency(each.rating))):
        missing = [each for each in score.behaviours if each.behaviour.is_wanted and each.answer is Answer.NOT_SHOWN]
        wanted = score.next_step.key if score.next_step else ""
        missing.sort(key=lambda each: each.behaviour.key != wanted)
        if missing:
            point = _inside(missing[0].behaviour.text)
            return _("Next time, try this: %(point)s.") % {"point": point}
    return ""


def _is_strong(score: Score) -> bool:
    return (score.rating or 0) >= STRONGEST_FROM


def _shown(score: Score) -> int:
    return sum(each.behaviour.is_wanted and each.answer is Answer.SHOWN for each in score.behaviours)


def _wanted(score: Score) -> int:
    asked = (each for each in score.behaviours if each.behaviour.is_wanted)
    return sum(each.answer is not Answer.NOT_APPLICABLE for each in asked)


def _rank(score: Score) -> tuple[int, float]:
    return score.rating or 0, _shown(score) / max(1, _wanted(score))


def _joined(parts: Sequence[str]) -> str:
    is_chinese = (translation.get_language() or "").startswith("zh")
    return sentences.joined(parts, Language.CHINESE if is_chinese else Language.ENGLISH)


def _quoted(found: Sequence[BehaviourFinding]) -> str:
    return _("; ").join(f"“{_inside(each.behaviour.text).translate(_INNER_MARKS)}”" for each in found[:NAMED_AT_MOST])


def _inside(text: str) -> str:
    """The text as it appears inside a sentence."""
    first, rest = text[:1], text[1:].rstrip(".。")
    return (first.lower() if rest[:1].islower() else first) + rest
