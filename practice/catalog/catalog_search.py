"""Catalog search for trainees: what matches the filters, and how many results each further choice would leave.

The number of queries is small and constant, whatever the catalogue's size: matching uses short columns of all shown
scenarios.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from coach.text import folded, is_blank, same
from practice.catalog import availability, search_words
from practice.lifecycle import Language
from practice.models import Scenario, ScenarioSkill, Skill

SEARCH_MAX = 200
# Searched besides the category and the names of the skills. Never a background: the page shows it only to
# those who open it despite a warning.
SEARCHED = (
    "title",
    "objective",
    "hard_part",
    "ai_persona_name",
    "ai_persona_role",
    "trainee_persona_name",
    "trainee_persona_role",
)


@dataclass(frozen=True)
class CatalogFilters:
    """The wanted filters; an empty text is no filter. `skill` is an id or an external id."""

    search: str = ""
    category: str = ""
    skill: str = ""
    language: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "CatalogFilters":
        """From a query string: control characters are removed, values cut at 200 characters, unknown names ignored."""
        return cls(**{each.name: _clean(query.get(each.name, "")) for each in fields(cls)})

    @property
    def wishes(self) -> dict[str, str]:
        """The filters that are set."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in named.items() if value}

    def with_(self, **changes: str) -> "CatalogFilters":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """As a query string starting with a question mark; only "?" if nothing is set."""
        return f"?{urlencode(self.wishes)}"


@dataclass(frozen=True)
class SearchableScenario:
    """The parts of one scenario that matching needs."""

    id: str
    category: str
    language: str
    words: str
    skills: frozenset[str]
    lasts_a_minute: bool

    def matches(self, filters: CatalogFilters) -> bool:
        return (
            (not filters.search or search_words.found(filters.search, self.words))
            and (not filters.category or same(filters.category, self.category))
            and (not filters.language or filters.language == self.language)
            and (not filters.skill or filters.skill in self.skills)
        )


@dataclass(frozen=True)
class Choice:
    """A filter value on offer: its label, how many scenarios it would leave, and the query that selects it."""

    value: str
    label: str
    count: int
    chosen: bool
    query: str
    lang: str = ""


@dataclass(frozen=True)
class WayOut:
    """A way out of an empty result: without this filter, `count` scenarios are left."""

    name: str
    label: str
    count: int
    query: str


@dataclass(frozen=True)
class CatalogResult:
    """Everything the catalogue page needs except the scenarios themselves (see `scenarios`).

    `trials` are ids, those in the first language first; `skill_names` are by scenario id, in the curator's order.
    """

    filters: CatalogFilters
    ids: list[str]
    total: int
    trials: list[str]
    skill_names: Mapping[str, Sequence[str]]
    categories: list[Choice]
    languages: list[Choice]
    skills: list[Choice]
    ways_out: list[WayOut]


def search(filters: CatalogFilters, *, first_language: str = "") -> CatalogResult:
    """Search the catalogue. Scenarios in `first_language` come first, then by category and title."""
    rows = availability.published().prefetch_related(None).order_by("category", "title")
    columns = rows.values_list("id", "language", "duration_limit_seconds", "category", *SEARCHED)
    names = {
        skill.id: skill for skill in Skill.objects.filter(deleted_at=None).only("id", "external_id", "name", "category")
    }
    skills: dict[str, list[Skill]] = {}
    for scenario_id, skill_id in ScenarioSkill.objects.values_list("scenario_id", "skill_id"):
        if skill_id in names:
            skills.setdefault(scenario_id, []).append(names[skill_id])
    entries = [
        SearchableScenario(
            id=key,
            category=category,
            language=language,
            words=folded("\n".join([category, *texts, *(skill.name for skill in skills.get(key, ()))])),
            skills=frozenset(name for skill in skills.get(key, ()) for name in (skill.pk, skill.external_id)),
            lasts_a_minute=seconds <= availability.TRIAL_SECONDS_MAX,
        )
        for key, language, seconds, category, *texts in columns
    ]
    entries.sort(key=lambda entry: entry.language != first_language)
    found = [entry.id for entry in entries if entry.matches(filters)]
    return CatalogResult(
        filters=filters,
        ids=found,
        total=len(entries),
        trials=[entry.id for entry in entries if entry.lasts_a_minute],
        skill_names={key: [skill.name for skill in chosen] for key, chosen in skills.items()},
        categories=_alive(_categories(filters, entries), found),
        languages=_alive(_languages(filters, entries), found),
        skills=_alive(_skills(filters, entries, names), found),
        ways_out=[] if found else _ways_out(filters, entries, names),
    )


def scenarios(ids: list[str], *, with_skills: bool = False) -> list[Scenario]:
    """These scenarios in this order, without their role briefs; one query, two more with their skills."""
    rows = Scenario.objects.defer("ai_persona_brief")
    if with_skills:
        rows = rows.prefetch_related("scenarioskill_set__skill")
    found = rows.in_bulk(list(set(ids)))
    return [found[key] for key in ids if key in found]


def _clean(value: str) -> str:
    kept = "".join(letter for letter in value if unicodedata.category(letter) not in ("Cc", "Cs"))
    return "" if is_blank(kept) else kept.strip()[:SEARCH_MAX]


def _choices(filters: CatalogFilters, name: str, counts: Mapping[str, int], labels: Mapping[str, str]) -> list[Choice]:
    chosen = getattr(filters, name)
    values = list(labels)
    if chosen and chosen not in labels:
        values.append(chosen)
    return [
        Choice(
            value=value,
            label=labels.get(value, value),
            count=counts.get(value, 0),
            chosen=value == chosen,
            query=filters.with_(**{name: "" if value == chosen else value}).query,
        )
        for value in values
    ]


def _alive(choices: list[Choice], found: list[str]) -> list[Choice]:
    """The choices worth showing: none of a language without results; if nothing was found, only those that lead on."""
    rows = {choice.lang for choice in choices if choice.count or choice.chosen}
    return [one for one in choices if one.count or one.chosen or (found and one.lang in rows)]


def _categories(filters: CatalogFilters, entries: list[SearchableScenario]) -> list[Choice]:
    others = filters.with_(category="")
    counts = Counter(entry.category for entry in entries if entry.matches(others))
    spoken = {entry.category: entry.language for entry in entries}
    choices = _choices(filters, "category", counts, {category: category for category in spoken})
    return _by_language(choices, spoken, entries)


def _languages(filters: CatalogFilters, entries: list[SearchableScenario]) -> list[Choice]:
    others = filters.with_(language="")
    counts = Counter(entry.language for entry in entries if entry.matches(others))
    offered = {entry.language for entry in entries}
    return _choices(filters, "language", counts, {each.value: str(each.label) for each in Language if each in offered})


def _skills(filters: CatalogFilters, entries: list[SearchableScenario], names: Mapping[str, Skill]) -> list[Choice]:
    others = filters.with_(skill="")
    counts = Counter(key for entry in entries if entry.matches(others) for key in entry.skills)
    used = {key for entry in entries for key in entry.skills}
    labels = {skill.external_id: skill.name for skill in names.values() if skill.external_id in used}
    # A shared URL may give the skill's id: the same chip is highlighted.
    by_id = names.get(filters.skill)
    choices = _choices(filters.with_(skill=by_id.external_id) if by_id else filters, "skill", counts, labels)
    return _by_language(choices, {key: entry.language for entry in reversed(entries) for key in entry.skills}, entries)


def _by_language(choices: list[Choice], spoken: Mapping[str, str], entries: list[SearchableScenario]) -> list[Choice]:
    """Add each choice's language and group by it, the reader's own first."""
    order = list(dict.fromkeys(entry.language for entry in entries))
    in_language = [replace(choice, lang=spoken.get(choice.value, "")) for choice in choices]
    return sorted(in_language, key=lambda choice: order.index(choice.lang) if choice.lang in order else len(order))


def _ways_out(filters: CatalogFilters, entries: list[SearchableScenario], names: Mapping[str, Skill]) -> list[WayOut]:
    labels = {skill.external_id: skill.name for skill in names.values()} | {key: s.name for key, s in names.items()}
    labels |= {each.value: str(each.label) for each in Language}
    ways = []
    for name, value in filters.wishes.items():
        without = filters.with_(**{name: ""})
        count = sum(entry.matches(without) for entry in entries)
        if count:
            ways.append(
                WayOut(
                    name, value if name in ("search", "category") else labels.get(value, value), count, without.query
                )
            )
    return sorted(ways, key=lambda way: -way.count)
