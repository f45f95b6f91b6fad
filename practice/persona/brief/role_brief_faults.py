"""Faults in how the parts of a role brief refer to each other. Independent of the database.

They are found even in a brief with other faults, so that all are reported at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from practice.persona.trust import TRUST_MAX, TRUST_MIN, bounded
from practice.seed_data.seed_fields import clean


@dataclass(frozen=True)
class BriefFault:
    """A fault in a brief; `field` is the path inside it (`reactions[2].needs.after[1]`), counted from 1.

    `words` is a template for `values`, in English; `message` is in the reader's language.
    """

    field: str
    words: str
    values: Mapping[str, Any] = field_of(default_factory=dict)

    @property
    def message(self) -> str:
        words = gettext(self.words)
        return words % self.values if self.values else words


@dataclass(frozen=True)
class _Loose:
    """What could be read of a reaction, however faulty it is."""

    place: int
    key: str
    after: tuple[str, ...]
    needs_trust: int | None
    trust: int
    meets: tuple[Any, ...]
    heard: tuple[str, ...]
    heard_given: bool
    ends: bool
    once: bool

    @property
    def field(self) -> str:
        return f"reactions[{self.place}]"


def reference_faults(
    raw: Any, *, criteria: int | None = None, failing: Collection[int] = (), shift: int = 0, start: int = 0
) -> list[BriefFault]:
    """Keys used twice or unknown, criteria out of range, reactions and endings that can never be reached.

    `criteria`: the number of end criteria (None: unknown here); `failing`: the numbers of those that describe a
    failure. `shift` and `start` are those of a difficulty.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("reactions"), list):
        return []
    reactions = [_loose(place, one) for place, one in enumerate(raw["reactions"], 1) if isinstance(one, Mapping)]
    trust = bounded(_whole(raw.get("trust")) + start)
    return [
        *_repeated_keys(reactions),
        *_heard_faults(reactions),
        *(fault for one in reactions for fault in _unknown_keys(one, reactions)),
        *meets_faults(raw, criteria=criteria, failing=failing),
        *_unreachable(reactions, trust, shift),
        *_fact_faults(raw.get("knows"), reactions),
    ]


def meets_faults(raw: Any, *, criteria: int | None, failing: Collection[int] = ()) -> list[BriefFault]:
    """Criteria that do not exist, or that no reaction can meet because they describe a failure."""
    found: list[BriefFault] = []
    if not isinstance(raw, Mapping) or not isinstance(raw.get("reactions"), list):
        return found
    for place, one in enumerate(raw["reactions"], 1):
        meets = _listed(one.get("meets")) if isinstance(one, Mapping) else ()
        for at, number in enumerate(meets, 1):
            if not isinstance(number, int) or isinstance(number, bool):
                continue
            field = f"reactions[{place}].meets[{at}]"
            if number < 1 or (criteria is not None and number > criteria):
                if number < 1:
                    words = _("there is no end criterion %(number)d: they count from 1")
                else:
                    words = _("there is no end criterion %(number)d: there are %(criteria)d")
                found.append(BriefFault(field, words, {"number": number, "criteria": criteria}))
            elif number in failing:
                words = _("end criterion %(number)d says how it fails: nothing meets it, a reaction with `ends` does")
                found.append(BriefFault(field, words, {"number": number}))
            elif number in meets[: at - 1]:
                found.append(BriefFault(field, _("names end criterion %(number)d twice"), {"number": number}))
    return found


def _loose(place: int, raw: Mapping[str, Any]) -> _Loose:
    needs = raw.get("needs")
    needs = needs if isinstance(needs, Mapping) else {}
    needed = needs.get("trust")
    key = raw.get("key")
    return _Loose(
        place=place,
        key=clean(key) if isinstance(key, str) else "",
        after=tuple(clean(each) if isinstance(each, str) else "" for each in _listed(needs.get("after"))),
        needs_trust=None if needed is None else _whole(needed),
        trust=_whole(raw.get("trust")),
        meets=_listed(raw.get("meets")),
        heard=tuple(clean(each) for each in _listed(raw.get("heard")) if isinstance(each, str)),
        heard_given=bool(_listed(raw.get("heard"))) or not isinstance(raw.get("heard", []), list),
        ends=raw.get("ends") is not None,
        once=raw.get("once") is True,
    )


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= TRUST_MAX else 0


def _repeated_keys(reactions: Sequence[_Loose]) -> list[BriefFault]:
    first: dict[str, int] = {}
    found = []
    for one in reactions:
        if one.key and first.setdefault(one.key, one.place) != one.place:
            words = _("is already used by reaction %(place)d")
            found.append(BriefFault(f"{one.field}.key", words, {"place": first[one.key]}))
    return found


def _heard_faults(reactions: Sequence[_Loose]) -> list[BriefFault]:
    first: dict[str, _Loose] = {}
    found = []
    for one in reactions:
        if not one.heard_given and not one.ends:
            message = _("must not be empty: only a reaction with `ends` has none and happens when trust falls to -3")
            found.append(BriefFault(f"{one.field}.heard", message))
        if not one.heard_given and one.needs_trust is not None:
            message = _("must be left out: without `heard` it happens by itself when trust falls to -3")
            found.append(BriefFault(f"{one.field}.needs.trust", message))
        for at, line in enumerate(one.heard, 1):
            other = first.setdefault(line.casefold(), one)
            if line and other is not one:
                words = _('is also heard by reaction "%(key)s"')
                found.append(BriefFault(f"{one.field}.heard[{at}]", words, {"key": other.key}))
    return found


def _fact_faults(raw: Any, reactions: Sequence[_Loose]) -> list[BriefFault]:
    """Facts that wait for a reaction that does not exist, or are asked for like a reaction or another fact."""
    keys = {each.key for each in reactions}
    listened_for = {line.casefold(): one for one in reactions for line in one.heard}
    first: dict[str, int] = {}
    found = []
    for place, fact in enumerate(_listed(raw), 1):
        if not isinstance(fact, Mapping):
            continue
        needs = fact.get("needs")
        for at, key in enumerate(_listed(needs.get("after")) if isinstance(needs, Mapping) else (), 1):
            if isinstance(key, str) and clean(key) and clean(key) not in keys:
                words = _('there is no reaction "%(key)s"')
                found.append(BriefFault(f"knows[{place}].needs.after[{at}]", words, {"key": clean(key)}))
        for at, line in enumerate(_listed(fact.get("asked")), 1):
            asked = clean(line).casefold() if isinstance(line, str) else ""
            field = f"knows[{place}].asked[{at}]"
            if asked in listened_for:
                words = _('is also heard by reaction "%(key)s"')
                found.append(BriefFault(field, words, {"key": listened_for[asked].key}))
            elif asked and first.setdefault(asked, place) != place:
                words = _("is also asked of fact %(place)d")
                found.append(BriefFault(field, words, {"place": first[asked]}))
    return found


def _unknown_keys(one: _Loose, reactions: Sequence[_Loose]) -> list[BriefFault]:
    known = {each.key for each in reactions}
    return [
        BriefFault(f"{one.field}.needs.after[{at}]", _('there is no reaction "%(key)s"'), {"key": key})
        for at, key in enumerate(one.after, 1)
        if key and key not in known
    ]


def _unreachable(reactions: Sequence[_Loose], trust: int, shift: int) -> list[BriefFault]:
    """Reactions that can never be reached.

    Checked as if the trainee did everything right or, for those at minimum trust, everything wrong.
    """
    known = {one.key for one in reactions if one.key}
    reached: list[_Loose] = []
    while True:
        highest = min(TRUST_MAX, trust + sum(max(0, one.trust) for one in reached))
        keys = {one.key for one in reached}
        more = [
            one
            for one in reactions
            if one not in reached
            and all(key in keys or key not in known for key in one.after)
            and (_shifted(one, shift) <= highest if one.heard_given else _falls(reached, trust))
        ]
        if not more:
            break
        reached += more
    found = [_why_not(one, reactions, reached, highest) for one in reactions if one not in reached]
    if not any(one.ends for one in reactions):
        found.append(
            BriefFault("reactions", _('one of them must end the talk ("ends": "failed"), so that it can be lost'))
        )
    elif not any(one.ends for one in reached):
        found.append(BriefFault("reactions", _("none of those that end the talk can ever happen")))
    return found


def _shifted(one: _Loose, shift: int) -> int:
    return TRUST_MIN if one.needs_trust is None else bounded(one.needs_trust + shift)


def _falls(reached: Sequence[_Loose], trust: int) -> bool:
    losing = [one for one in reached if one.trust < 0]
    return any(not one.once for one in losing) or trust + sum(one.trust for one in losing) <= TRUST_MIN


def _why_not(one: _Loose, reactions: Sequence[_Loose], reached: Sequence[_Loose], highest: int) -> BriefFault:
    unreached = {each.key: each for each in reactions if each not in reached and each.key}
    after = f"{one.field}.needs.after"
    waits_for = [key for key in one.after if key in unreached]
    if waits_for and (circle := _circle(one, unreached)):
        pairs = zip(circle, [*circle[1:], one.key], strict=True)
        chain = ", ".join(f'"{key}" → "{then}"' for key, then in pairs)
        return BriefFault(after, _("can never be met, it goes in a circle: %(chain)s"), {"chain": chain})
    if waits_for:
        return BriefFault(after, _('can never be met: "%(key)s" can never happen'), {"key": waits_for[0]})
    if one.heard_given:
        words = _("can never be met: trust reaches %(trust)d at most by what can happen before")
        return BriefFault(f"{one.field}.needs.trust", words, {"trust": highest})
    return BriefFault(one.field, _("can never happen: no reaction lets trust fall to -3"))


def _circle(one: _Loose, unreached: Mapping[str, _Loose]) -> list[str]:
    """The keys on a path from a reaction back to itself; empty if there is none."""
    ways = [[one.key]]
    seen = set()
    while ways:
        way = ways.pop(0)
        for key in unreached[way[-1]].after if way[-1] in unreached else ():
            if key == one.key:
                return way
            if key in unreached and key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return []
