"""How a trainee's ratings move, per skill; honest where there is little to go by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from django.db.models import Sum

from evaluations.models import SkillScore
from history.models import Tally
from practice.models import PracticeSession

RECENT = 5
POINTS_MAX = 40
SESSIONS_MAX = 500
TREND_FROM = 2 * RECENT


@dataclass(frozen=True)
class Rating:
    """One session's rating of a skill, 1 to 5."""

    session_id: str
    scenario_title: str
    when: datetime
    rating: int


@dataclass
class SkillProgress:
    """`ratings` oldest first, the latest forty; `count` says how many there are."""

    skill_id: str
    name: str
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


@dataclass(frozen=True)
class Practised:
    sessions: int
    minutes: int


def practised(user_id: str) -> Practised:
    """Sessions that were active and have ended, and the time spent in them."""
    found = Tally.objects.filter(user_id=user_id).aggregate(
        sessions=Sum("held", default=0), seconds=Sum("seconds", default=0)
    )
    return Practised(found["sessions"], round(found["seconds"] / 60))


def by_skill(user_id: str) -> list[SkillProgress]:
    """Every skill rated in the latest 500 sessions, the most practised first, by its latest name."""
    latest = PracticeSession.objects.filter(user_id=user_id).order_by("-sorted_at", "-id").values("pk")[:SESSIONS_MAX]
    scores = SkillScore.objects.filter(evaluation__session__in=latest, rating__isnull=False).order_by(
        "-evaluation__session__sorted_at"
    )
    skills: dict[str, SkillProgress] = {}
    columns = ("skill_id", "name", "rating", "evaluation__session_id", "evaluation__session__scenario_title")
    rows: Iterable[tuple[str, str, int, str, str, datetime]] = scores.values_list(
        *columns, "evaluation__session__sorted_at"
    )
    for skill_id, name, rating, session_id, title, when in rows:
        skill = skills.setdefault(skill_id, SkillProgress(skill_id, name))
        skill.count += 1
        if len(skill.ratings) < POINTS_MAX:
            skill.ratings.insert(0, Rating(session_id, title, when, rating))
    return sorted(skills.values(), key=lambda skill: (-skill.count, skill.name))
