"""What the history list shows, read only: a page costs the same however many sessions there are.

The tally says how many there are of each scenario; filters become a few scenario ids, so that an index answers each
page; and what lies in the second half is counted from the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import overload

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from coach.text import folded, same
from history.models import Tally
from practice.models import PracticeSession, Scenario

PAGE_SIZE = 20
PAGE_SIZE_MAX = 50
BRANCHES_MAX = 40
"""So many scenarios are looked up one by one and merged; SQLite allows 500 in one statement."""


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
    """An empty field does not filter; `search` is a case-insensitive substring of title or objective."""

    scenario_id: str = ""
    category: str = ""
    search: str = ""
    sort: Sort = Sort.NEWEST
    difficulty: str = ""

    @property
    def used(self) -> list[str]:
        """Names of those that filter, as in the query string."""
        given = {"scenarioId": self.scenario_id, "category": self.category, "search": self.search.strip()}
        given["difficulty"] = self.difficulty
        return [name for name, value in given.items() if value]

    @property
    def chosen(self) -> int:
        """How many of the choices beside the search stand otherwise than at first."""
        choices = [self.scenario_id, self.category, self.difficulty, self.sort != Sort.NEWEST]
        return sum(map(bool, choices))

    def take(self, scenario: Scenario) -> bool:
        """In Python, where case folding is the same on every database."""
        wanted = folded(self.search)
        return (
            self.scenario_id in ("", scenario.pk)
            and (not self.category or same(self.category, scenario.category))
            and (wanted in folded(scenario.title) or wanted in folded(scenario.objective))
        )


@dataclass(frozen=True)
class FoundSessions(Sequence[PracticeSession]):
    """The sessions that match, to be had by slices: `found[20:40]`. One query a slice."""

    user_id: str
    filters: HistoryFilters
    practised: Sequence[Tally]
    """Every scenario the trainee has sessions of, by title, whatever the filters say."""

    @cached_property
    def _matching(self) -> list[Tally]:
        return [one for one in self.practised if self.filters.take(one.scenario)]

    @property
    def scenarios(self) -> list[Scenario]:
        return [one.scenario for one in self.practised]

    def __len__(self) -> int:
        return self._as_difficult if self.filters.difficulty else self._of_any_difficulty

    @cached_property
    def _as_difficult(self) -> int:
        scenarios = [one.scenario.pk for one in self._matching]
        rows = PracticeSession.objects.filter(user_id=self.user_id, difficulty=self.filters.difficulty)
        return rows.filter(scenario__in=scenarios).count()

    @property
    def _of_any_difficulty(self) -> int:
        return sum(one.sessions for one in self._matching)

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
        """Ids are found in the index alone; rows are fetched for those on the page."""
        rows = PracticeSession.objects.filter(pk__in=self._ids(piece, sort))
        return rows.defer("brief", "role_brief").order_by(*sort.order)

    def _ids(self, piece: slice, sort: Sort) -> QuerySet[PracticeSession, str] | RawSQL:
        sessions = PracticeSession.objects.filter(user_id=self.user_id)
        matching = [one.scenario.pk for one in self._matching]
        if self.filters.difficulty:
            sessions = sessions.filter(difficulty=self.filters.difficulty, scenario__in=matching)
        elif len(matching) == 1:
            sessions = sessions.filter(scenario=matching[0])
        elif len(matching) < len(self.practised):
            if len(matching) <= BRANCHES_MAX and len(matching) * piece.stop < len(self):
                return _merged(self.user_id, matching, piece, sort)
            sessions = sessions.filter(scenario__in=matching)
        return sessions.order_by(*sort.order).values_list("pk", flat=True)[piece]


def _merged(user_id: str, scenario_ids: list[str], piece: slice, sort: Sort) -> RawSQL:
    """The first so many of each scenario, each from its own stretch of the index: the page is among them.

    One `IN` over all of them would be sorted whole, or be looked for among all the others.
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
    """A trainee's sessions in the order asked for, finished or not, without their briefs."""
    columns = (
        "sessions",
        "scenario",
        "scenario__title",
        "scenario__objective",
        "scenario__category",
        "scenario__language",
    )
    practised = Tally.objects.filter(user_id=user_id).select_related("scenario").only(*columns)
    return FoundSessions(user_id, filters, list(practised.order_by("scenario__title", "scenario")))
