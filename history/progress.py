"""Computes how a trainee's ratings and behaviours change, per skill; makes no claims from little data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean

from django.db.models import Sum

from evaluations.findings import behaviour_verdicts
from evaluations.findings.ratings import STRONGEST_FROM
from evaluations.models import BehaviourResult, Evaluation, SkillScore
from evaluations.own_view import self_assessment_form
from history.models import Tally
from practice.catalog.behaviours import BehaviourKind
from practice.help import coaching_pauses
from practice.models import PracticeSession

RECENT = 5
POINTS_MAX = 40
SESSIONS_MAX = 500
TREND_FROM = 2 * RECENT
SHOWN_FROM = 3
"""A skill is shown unfolded, and may be the strongest or weakest, from this many ratings on."""
BEHAVIOUR_SESSIONS = 40
BEHAVIOUR_TIMES = 10
NAMED_AT_MOST = 2
"""More skills than this at the same mean do not stand out."""


@dataclass(frozen=True)
class Rating:
    """One session's rating of a skill, 1 to 5."""

    session_id: str
    scenario_title: str
    when: datetime
    rating: int


@dataclass
class SkillProgress:
    """`ratings` oldest first, at most the latest forty; `count` is the total number."""

    skill_id: str
    name: str
    language: str
    """Language of the conversations it was rated in, of the latest one if there are several."""
    ratings: list[Rating] = field(default_factory=list)
    count: int = 0

    @property
    def latest(self) -> Rating:
        return self.ratings[-1]

    @property
    def recent_mean(self) -> float:
        """Mean of the last five."""
        return fmean(one.rating for one in self.ratings[-RECENT:])

    @property
    def earlier_mean(self) -> float | None:
        """Mean of the five before those; None until there are five."""
        earlier = self.ratings[-TREND_FROM:-RECENT]
        return fmean(one.rating for one in earlier) if len(earlier) == RECENT else None

    @property
    def change(self) -> float | None:
        earlier = self.earlier_mean
        return None if earlier is None else round(self.recent_mean - earlier, 1)

    @property
    def folded(self) -> bool:
        return self.count < SHOWN_FROM


@dataclass(frozen=True)
class BehaviourTime:
    """Whether a behaviour was done (or, for one to avoid, avoided) in one session."""

    session_id: str
    sequence: int | None
    when: datetime
    good: bool


@dataclass(frozen=True)
class BehaviourProgress:
    """`times` oldest first, the latest ten sessions with a clear answer."""

    key: str
    text: str
    to_avoid: bool
    times: list[BehaviourTime]

    @property
    def good(self) -> int:
        return sum(one.good for one in self.times)


@dataclass(frozen=True)
class SessionMean:
    """The mean of one session's ratings, 1 to 5."""

    when: datetime
    rating: float


@dataclass(frozen=True)
class Overview:
    """What stands out among skills with enough ratings; empty if nothing does, or more than two do equally.

    `change`: the mean rating of the last five rated sessions minus that of the five before. `sessions`: the latest
    forty, oldest first.
    """

    strongest: Sequence[SkillProgress]
    weakest: Sequence[SkillProgress]
    change: float | None
    sessions: Sequence[SessionMean] = ()

    @property
    def has_trend(self) -> bool:
        return self.change is not None


@dataclass(frozen=True)
class TimePractised:
    sessions: int
    minutes: int


@dataclass(frozen=True)
class UnopenedFeedback:
    """Feedback that is ready but was not opened: its ratings are not counted. `session_id`: that of the latest one."""

    count: int
    session_id: str


def unopened_feedback(user_id: str) -> UnopenedFeedback | None:
    """None if all feedback was opened."""
    waiting = self_assessment_form.awaited(Evaluation.objects.filter(session__user_id=user_id))
    sessions = list(waiting.order_by("-session__sorted_at").values_list("session_id", flat=True)[:SESSIONS_MAX])
    return UnopenedFeedback(len(sessions), sessions[0]) if sessions else None


def practised(user_id: str) -> TimePractised:
    """Sessions that were active and have ended, and the time spent in them.

    Coaching pauses of the latest 500 sessions are subtracted here, because the triggers that keep the tally cannot read
    them.
    """
    found = Tally.objects.filter(user_id=user_id).aggregate(
        sessions=Sum("held", default=0), seconds=Sum("seconds", default=0)
    )
    latest = PracticeSession.objects.filter(user_id=user_id, ended_at__isnull=False).order_by("-sorted_at", "-id")
    stored = latest.values_list("coaching_pauses", "ended_at")[:SESSIONS_MAX]
    coached = sum(
        (sum(coaching_pauses.lengths(pauses, ended_at=ended_at).values(), timedelta()) for pauses, ended_at in stored),
        timedelta(),
    )
    return TimePractised(found["sessions"], round(max(0, found["seconds"] - coached.total_seconds()) / 60))


def by_skill(user_id: str) -> list[SkillProgress]:
    """Every skill rated in the latest 500 sessions, most practised first, with its latest name."""
    latest = PracticeSession.objects.filter(user_id=user_id).order_by("-sorted_at", "-id").values("pk")[:SESSIONS_MAX]
    held_back = self_assessment_form.awaited(Evaluation.objects.filter(session__user_id=user_id)).values("pk")
    scores = SkillScore.objects.filter(evaluation__session__in=latest, rating__isnull=False)
    scores = scores.exclude(evaluation__in=held_back).order_by("-evaluation__session__sorted_at")
    skills: dict[str, SkillProgress] = {}
    of_session = (f"evaluation__session__{column}" for column in ("language", "id", "scenario_title", "sorted_at"))
    rows: Iterable[tuple[str, str, int, str, str, str, datetime]] = scores.values_list(
        "skill_id", "name", "rating", *of_session
    )
    for skill_id, name, rating, language, session_id, title, when in rows:
        skill = skills.setdefault(skill_id, SkillProgress(skill_id, name, language))
        skill.count += 1
        if len(skill.ratings) < POINTS_MAX:
            skill.ratings.insert(0, Rating(session_id, title, when, rating))
    return sorted(skills.values(), key=lambda skill: (-skill.count, skill.name))


def overview(skills: Iterable[SkillProgress], *, language: str) -> Overview:
    """The overview of what `by_skill` found.

    The strongest and weakest are of the reader's language where it has skills with enough ratings; the trend is of all.
    """
    known = list(skills)
    enough = [one for one in known if not one.folded]
    rated = sorted([one for one in enough if one.language == language] or enough, key=lambda one: one.recent_mean)
    shown_means = [round(one.recent_mean, 1) for one in rated]
    best = [one for one, mean in zip(rated, shown_means, strict=True) if mean == shown_means[-1]]
    least = [one for one, mean in zip(rated, shown_means, strict=True) if mean == shown_means[0]]
    stands_out = len(rated) == 1 or best != least
    is_strong = bool(rated) and shown_means[-1] >= STRONGEST_FROM
    is_weak = best != least or (stands_out and not is_strong)
    by_session: dict[tuple[datetime, str], list[int]] = {}
    for one in (rating for skill in known for rating in skill.ratings):
        by_session.setdefault((one.when, one.session_id), []).append(one.rating)
    sessions = [SessionMean(when, fmean(ratings)) for (when, _), ratings in sorted(by_session.items())]
    means = [one.rating for one in sessions]
    change = None
    if len(means) >= TREND_FROM:
        change = round(fmean(means[-RECENT:]) - fmean(means[-TREND_FROM:-RECENT]), 1)
    return Overview(
        strongest=best if stands_out and is_strong and len(best) <= NAMED_AT_MOST else [],
        weakest=least if is_weak and len(least) <= NAMED_AT_MOST else [],
        change=change,
        sessions=sessions[-POINTS_MAX:],
    )


def by_behaviour(user_id: str) -> dict[str, list[BehaviourProgress]]:
    """By skill, the behaviours of the latest forty sessions with a clear answer; one query."""
    latest = PracticeSession.objects.filter(user_id=user_id).order_by("-sorted_at", "-id").values("pk")
    held_back = self_assessment_form.awaited(Evaluation.objects.filter(session__user_id=user_id)).values("pk")
    results = BehaviourResult.objects.filter(score__evaluation__session__in=latest[:BEHAVIOUR_SESSIONS])
    results = results.exclude(score__evaluation__in=held_back)
    results = results.order_by("-score__evaluation__session__sorted_at", "position")
    columns = ("score__skill_id", "key", "text", "kind", "answer", "sequence", "score__evaluation__session_id")
    found: dict[str, dict[str, BehaviourProgress]] = {}
    for skill_id, key, text, kind, answer, sequence, session_id, when in results.values_list(
        *columns, "score__evaluation__session__sorted_at"
    ):
        good = behaviour_verdicts.of(kind, answer).good
        if good is None:
            continue
        to_avoid = kind == BehaviourKind.AVOID
        one = found.setdefault(skill_id, {}).setdefault(key, BehaviourProgress(key, text, to_avoid, []))
        if len(one.times) < BEHAVIOUR_TIMES:
            one.times.insert(0, BehaviourTime(session_id, sequence, when, good))
    return {skill_id: list(behaviours.values()) for skill_id, behaviours in found.items()}
