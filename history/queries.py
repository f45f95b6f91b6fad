"""Queries of the history list, read only: a page costs the same however many sessions there are.

The tally gives the number of sessions per scenario; filters become a few scenario ids, so that an index answers each
page; pages in the second half are counted from the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, reduce
from operator import and_
from typing import Any, overload

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from coach.text import folded, same
from history import session_outcomes, spoken_words
from history.models import Tally
from practice.models import PracticeSession, Scenario

PAGE_SIZE = 20
PAGE_SIZE_MAX = 50
BRANCHES_MAX = 40
"""Up to this many scenarios are looked up one by one and merged; SQLite allows 500 in one statement."""


LARGE = (
    *("brief", "role_brief", "behaviours"),
    *(f"scenario__{field}" for field in ("ai_persona_brief", "ai_persona_background", "trainee_persona_background")),
    *("scenario__description", "scenario__prompt", "scenario__objective"),
)
"""Columns that no list shows."""


class Sort(StrEnum):
    NEWEST = "startedAtDesc"
    OLDEST = "startedAtAsc"

    @property
    def other(self) -> "Sort":
        return Sort.NEWEST if self is Sort.OLDEST else Sort.OLDEST

    @property
    def order(self) -> tuple[str, str]:
        return ("sorted_at", "id") if self is Sort.OLDEST else ("-sorted_at", "-id")


@dataclass(frozen=True)
class HistoryFilters:
    """An empty field does not filter; `search` is a case-insensitive substring of title or objective.

    `said`: consecutive words that somebody said, the last one possibly half typed. `since` and `until` are days in the
    reader's calendar, both included.
    """

    scenario_id: str = ""
    category: str = ""
    search: str = ""
    sort: Sort = Sort.NEWEST
    difficulty: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    said: str = ""

    @property
    def used(self) -> list[str]:
        """Names of the filters that are set, as in the query string."""
        return list(self.wishes)

    @property
    def wishes(self) -> dict[str, str]:
        """The filters that are set, by name in the query string."""
        given = {
            "scenarioId": self.scenario_id,
            "category": self.category,
            "search": self.search.strip(),
            "said": self.said.strip(),
            "outcome": self.outcome,
            "difficulty": self.difficulty,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in given.items() if value}

    def without(self, name: str) -> "HistoryFilters":
        """The filters without this one of `wishes`."""
        field = "scenario_id" if name == "scenarioId" else name
        changes: dict[str, Any] = {field: None if field in ("since", "until") else ""}
        return replace(self, **changes)

    @property
    def chosen(self) -> int:
        """How many of the choices besides the search differ from the default."""
        return len(self.wishes.keys() - {"search", "said"}) + (self.sort != Sort.NEWEST)

    def of_each_session(self) -> Q | None:
        """Conditions on individual sessions; None if the scenarios alone decide."""
        asked = []
        if self.difficulty:
            asked.append(Q(difficulty=self.difficulty))
        if self.outcome:
            asked.append(session_outcomes.SessionOutcome(self.outcome).sessions)
        if self.since:
            asked.append(Q(sorted_at__gte=_midnight(self.since)))
        if self.until:
            asked.append(Q(sorted_at__lt=_midnight(self.until + timedelta(days=1))))
        return reduce(and_, asked) if asked else None

    def take(self, scenario: Scenario) -> bool:
        """Whether the scenario matches. In Python, where case folding is the same for every database."""
        wanted = folded(self.search)
        return (
            self.scenario_id in ("", scenario.pk)
            and (not self.category or same(self.category, scenario.category))
            and (wanted in folded(scenario.title) or wanted in folded(scenario.objective))
        )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class FoundSessions(Sequence[PracticeSession]):
    """The matching sessions, accessed by slices: `found[20:40]`. One query per slice."""

    user_id: str
    filters: HistoryFilters
    practised: Sequence[Tally]
    """Every scenario of which the trainee has sessions, by title, independent of the filters."""

    @cached_property
    def _matching(self) -> list[Tally]:
        return [one for one in self.practised if self.filters.take(one.scenario)]

    @property
    def scenarios(self) -> list[Scenario]:
        return [one.scenario for one in self.practised]

    @property
    def attempts(self) -> dict[str, int]:
        """The number of sessions that were held, by scenario."""
        return {one.scenario_id: one.held for one in self.practised}

    def __len__(self) -> int:
        return sum(one.sessions for one in self._matching) if self._asked is None else self._counted

    @cached_property
    def _asked(self) -> Q | None:
        """Conditions that the scenarios alone do not decide."""
        asked = self.filters.of_each_session()
        said = spoken_words.matching(self.user_id, self.filters.said)
        if said is None:
            return asked
        return Q(pk__in=said) if asked is None else asked & Q(pk__in=said)

    @cached_property
    def _counted(self) -> int:
        return self._one_by_one.count()

    @property
    def _one_by_one(self) -> QuerySet[PracticeSession]:
        sessions = PracticeSession.objects.filter(self._asked or Q(), user_id=self.user_id)
        if len(self._matching) == len(self.practised):
            return sessions
        return sessions.filter(scenario__in=[one.scenario.pk for one in self._matching])

    @overload
    def __getitem__(self, place: int) -> PracticeSession: ...
    @overload
    def __getitem__(self, place: slice) -> list[PracticeSession]: ...
    def __getitem__(self, place: int | slice) -> PracticeSession | list[PracticeSession]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        start, stop, _ = place.indices(len(self))
        if start >= stop:
            return []
        if start > len(self) // 2:
            from_end = slice(len(self) - stop, len(self) - start)
            return list(self._whole(from_end, self.filters.sort.other))[::-1]
        return list(self._whole(slice(start, stop), self.filters.sort))

    def _whole(self, piece: slice, sort: Sort) -> QuerySet[PracticeSession]:
        """Ids are found in the index alone; rows are only fetched for those on the page."""
        rows = PracticeSession.objects.filter(pk__in=self._ids(piece, sort))
        return rows.select_related("scenario").defer(*LARGE).order_by(*sort.order)

    def _ids(self, piece: slice, sort: Sort) -> QuerySet[PracticeSession, str] | RawSQL:
        sessions: QuerySet[PracticeSession] = PracticeSession.objects.filter(user_id=self.user_id)
        matching = [one.scenario.pk for one in self._matching]
        if self._asked is not None:
            sessions = self._one_by_one
        elif len(matching) == 1:
            sessions = sessions.filter(scenario=matching[0])
        elif len(matching) < len(self.practised):
            if len(matching) <= BRANCHES_MAX and len(matching) * piece.stop < len(self):
                return _merged(self.user_id, matching, piece, sort)
            sessions = sessions.filter(scenario__in=matching)
        return sessions.order_by(*sort.order).values_list("pk", flat=True)[piece]


def _merged(user_id: str, scenario_ids: list[str], piece: slice, sort: Sort) -> RawSQL:
    """The first rows of each scenario, each from its own range of the index: the page is among them.

    A single `IN` would sort all of them, or search for them among all other sessions.
    """
    order = "sorted_at, id" if sort is Sort.OLDEST else "sorted_at DESC, id DESC"
    head = (
        f"SELECT * FROM (SELECT id, sorted_at FROM {PracticeSession._meta.db_table} "  # noqa: S608 (no word from outside)
        f"WHERE user_id = %s AND scenario_id = %s ORDER BY {order} LIMIT {piece.stop:d}) AS head"
    )
    heads = " UNION ALL ".join([head] * len(scenario_ids))
    page = f"ORDER BY {order} LIMIT {piece.stop - piece.start:d} OFFSET {piece.start:d}"
    params = [value for scenario_id in scenario_ids for value in (user_id, scenario_id)]
    return RawSQL(f"SELECT id FROM ({heads}) AS heads {page}", params)  # noqa: S608, S611


def find(user_id: str, filters: HistoryFilters) -> FoundSessions:
    """A trainee's sessions in the requested order, finished or not, without their briefs."""
    columns = (
        "sessions",
        "held",
        "scenario",
        "scenario__title",
        "scenario__objective",
        "scenario__category",
        "scenario__language",
    )
    practised = Tally.objects.filter(user_id=user_id).select_related("scenario").only(*columns)
    return FoundSessions(user_id, filters, list(practised.order_by("scenario__title", "scenario")))
