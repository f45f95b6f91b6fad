"""“Did you do these things?”: the self-assessment on the page, one answer per skill.

The API takes an answer per behaviour. The page asks about a skill as a whole and stores the answer for each of its
wanted behaviours, so that both can be compared with the evaluator's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from evaluations.models import RATED_BY_RUBRIC, REASON_MAX, BehaviourResult, Evaluation, SelfAssessment
from evaluations.own_view import self_assessment
from practice.catalog.behaviours import BehaviourKind
from practice.models import PracticeSession

EXAMPLES = 2
FIELD = "own-"


@dataclass(frozen=True)
class Group:
    """One skill to ask about. `examples`: the first of its wanted behaviours."""

    skill_id: str
    name: str
    examples: tuple[str, ...]

    @property
    def field(self) -> str:
        return FIELD + self.skill_id


@dataclass(frozen=True)
class OwnView:
    """The trainee's self-assessment; empty if they skipped it."""

    answers: Mapping[tuple[str, str], str]
    note: str

    def of_skill(self, skill_id: str) -> str:
        """The answer in words (“I did”); empty if there is none."""
        given = {answer for (skill, _key), answer in self.answers.items() if skill == skill_id}
        return words(given.pop()) if len(given) == 1 else _("In part") if given else ""

    def of_behaviour(self, skill_id: str, key: str) -> str:
        """Likewise for one behaviour, if the skill's behaviours have different answers."""
        given = {answer for (skill, _key), answer in self.answers.items() if skill == skill_id}
        return words(self.answers.get((skill_id, key), "")) if len(given) > 1 else ""


NOTHING = OwnView({}, "")


def words(answer: str) -> str:
    return {"did": _("I did"), "didNot": _("I didn't"), "unknown": _("Not sure")}.get(answer, "")


def choices() -> list[tuple[str, str]]:
    return [(answer, words(answer)) for answer in self_assessment.ANSWERS]


def groups(session: PracticeSession) -> list[Group]:
    """The skills with behaviours, in the scenario's order."""
    summaries = session.brief.get("skillSummaries") or ()
    found = []
    for each in summaries:
        wanted = _wanted(session, each["skillId"])
        if wanted:
            found.append(Group(each["skillId"], each["name"], tuple(one["text"] for one in wanted[:EXAMPLES])))
    return found


def is_due(session: PracticeSession, evaluation: Evaluation) -> bool:
    """Whether to ask before showing scores: they were not opened, and the trainee neither answered nor skipped."""
    if evaluation.opened_at is not None or evaluation.shape == RATED_BY_RUBRIC or not groups(session):
        return False
    return not SelfAssessment.objects.filter(session=session).exists()


def awaited(evaluations: "QuerySet[Evaluation]") -> "QuerySet[Evaluation]":
    """Evaluations with ratings that must not be shown in lists and charts yet, because `is_due` is true."""
    wanted = BehaviourResult.objects.filter(score__evaluation=OuterRef("pk"), kind=BehaviourKind.DO)
    given = SelfAssessment.objects.filter(session=OuterRef("session"))
    unopened = evaluations.filter(opened_at=None).exclude(shape=RATED_BY_RUBRIC)
    return unopened.filter(Exists(wanted), ~Exists(given))


def keep(session: PracticeSession, given: Mapping[str, str], *, now: datetime) -> None:
    """Store the submitted form; an empty one records that it was skipped. Does nothing once the scores were opened."""
    answers = [
        {"skillId": group.skill_id, "key": one["key"], "answer": given[group.field]}
        for group in groups(session)
        if given.get(group.field) in self_assessment.ANSWERS
        for one in _wanted(session, group.skill_id)
    ]
    note = " ".join(given.get("own-note", "").replace("\0", "").split())[:REASON_MAX]
    try:
        self_assessment.put(session, answers, note, now=now)
    except self_assessment.ScoresWereOpened:
        return  # Opened in another window: an answer now would no longer be independent of the scores.


def of(session: PracticeSession) -> OwnView:
    kept = SelfAssessment.objects.filter(session=session).first()
    if kept is None:
        return NOTHING
    return OwnView({(each["skillId"], each["key"]): each["answer"] for each in kept.answers}, kept.note)


def _wanted(session: PracticeSession, skill_id: str) -> list[dict[str, str]]:
    return [each for each in session.behaviours.get(skill_id) or () if each["kind"] == BehaviourKind.DO]
