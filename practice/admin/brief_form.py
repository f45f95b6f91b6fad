"""The role brief on a scenario's form: a row per reaction and fact, read into the seed format and checked like it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError as ShapeFaults

from practice.catalog import end_criteria
from practice.persona.brief.role_brief import FACTS_MAX, LINES_MAX, REACTIONS_MAX, RoleBrief
from practice.persona.brief.role_brief_faults import reference_faults
from practice.persona.trust import TRUST_MAX, TRUST_MIN
from practice.seed_data.seed_fields import clean

OMITTED = object()
"""The form's value if the page did not show the brief at all."""
LINE_LISTS = ("heard", "says", "otherwise")
FACT_LISTS = ("asked", "says")
TEXTS = ("key", "when", "hint")
TO_ANY = {
    "toAnyQuestion": gettext_lazy("Answers to any question"),
    "toAnyStatement": gettext_lazy("Answers to any statement"),
    "toAnyRequest": gettext_lazy("Answers to any request"),
}

# The English messages of `reference_faults`.
FAULTS = {
    "there is no end criterion %(number)d: they count from 1": gettext_lazy(
        "There is no end criterion %(number)d: they count from 1."
    ),
    "there is no end criterion %(number)d: there are %(criteria)d": gettext_lazy(
        "There is no end criterion %(number)d: there are %(criteria)d."
    ),
    "end criterion %(number)d says how it fails: nothing meets it, a reaction with `ends` does": gettext_lazy(
        "End criterion %(number)d says how it fails. Tick “Ends the talk” instead."
    ),
    "names end criterion %(number)d twice": gettext_lazy("End criterion %(number)d is named twice."),
    "is already used by reaction %(place)d": gettext_lazy("Reaction %(place)d has this key already."),
    'is also heard by reaction "%(key)s"': gettext_lazy("Reaction “%(key)s” listens for this line too."),
    "is also asked of fact %(place)d": gettext_lazy("Fact %(place)d is asked for with this line too."),
    'there is no reaction "%(key)s"': gettext_lazy("There is no reaction “%(key)s”."),
    "can never be met, it goes in a circle: %(chain)s": gettext_lazy(
        "This can never be met, it goes in a circle: %(chain)s."
    ),
    'can never be met: "%(key)s" can never happen': gettext_lazy(
        "This can never be met, because “%(key)s” can never happen."
    ),
    "can never be met: trust reaches %(trust)d at most by what can happen before": gettext_lazy(
        "This can never be met: trust reaches %(trust)d at most by what can happen before."
    ),
    "can never happen: no reaction lets trust fall to -3": gettext_lazy(
        "This can never happen: no reaction lets trust fall to -3."
    ),
    "must not be empty: only a reaction with `ends` has none and happens when trust falls to -3": gettext_lazy(
        "Write what a trainee might say. Only a reaction that ends the talk may have none: it happens at trust -3."
    ),
    "must be left out: without `heard` it happens by itself when trust falls to -3": gettext_lazy(
        "Leave this out: without lines to listen for it happens by itself when trust falls to -3."
    ),
    'one of them must end the talk ("ends": "failed"), so that it can be lost': gettext_lazy(
        "One reaction must end the talk, so that it can be lost."
    ),
    "none of those that end the talk can ever happen": gettext_lazy(
        "None of the reactions that end the talk can ever happen."
    ),
}
SHAPE_WORDS = {
    "missing": gettext_lazy("Fill this in."),
    "string_too_short": gettext_lazy("Fill this in."),
    "list_empty": gettext_lazy("Write at least one line."),
    "string_too_long": gettext_lazy("At most %(max_length)d characters a line, please."),
    "too_long": gettext_lazy("At most %(max_length)d lines, please."),
    "line_break": gettext_lazy("Write this as a single line."),
    "int_type": gettext_lazy("Write whole numbers, with commas between them."),
}


class RoleBriefWidget(forms.Widget):
    """`faults`: problems by path inside the brief, shown beside each field."""

    needs_multipart_form = True
    """Chinese is three times as long in the usual encoding of forms, and then over the limit of a request."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.faults: dict[str, list[str]] = {}

    class Media:
        js = ("desk/role-brief.js", "desk/brief-rows.js")

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        brief = value if isinstance(value, Mapping) else {}
        reactions = [one for one in brief.get("reactions") or [] if isinstance(one, Mapping)]
        facts = [one for one in brief.get("knows") or [] if isinstance(one, Mapping)]
        context = {
            "name": name,
            "manner": brief.get("manner", ""),
            "trust": brief.get("trust", 0),
            "holds_on": _lines_text(brief.get("holdsOn")),
            "to_any": [
                {
                    "name": field,
                    "label": label,
                    "lines": _lines_text(brief.get(field)),
                    "faults": _of(self.faults, field),
                }
                for field, label in TO_ANY.items()
            ],
            "rows": [self._row(name, place, one) for place, one in enumerate(reactions)],
            "blank": self._row(name, "NEW", {}),
            "one_more": self._row(name, len(reactions), {}),
            "facts": [self._fact(name, place, one) for place, one in enumerate(facts)],
            "blank_fact": self._fact(name, "NEW", {}),
            "one_more_fact": self._fact(name, len(facts), {}),
            "fact_faults": any(path.startswith("knows") for path in self.faults),
            "levels": [(level, _signed(level, plus="")) for level in range(TRUST_MIN, TRUST_MAX + 1)],
            "changes": [(level, _signed(level, plus="+")) for level in range(TRUST_MIN, TRUST_MAX + 1)],
            "faults": {key: said for key, said in self.faults.items() if not key.startswith(("reactions[", "knows["))},
        }
        return mark_safe(render_to_string("admin/desk/role_brief.html", context))  # noqa: S308 (a template of ours)

    def _row(self, name: str, place: int | str, one: Mapping[str, Any]) -> dict[str, Any]:
        needs = one.get("needs") if isinstance(one.get("needs"), Mapping) else {}
        prefix = f"reactions[{place + 1}]" if isinstance(place, int) else "?"
        return {
            "prefix": f"{name}-{place}",
            **{field: one.get(field, "") for field in TEXTS},
            **{field: _lines_text(one.get(field)) for field in LINE_LISTS},
            "needs_trust": needs.get("trust") if needs else None,
            "needs_after": ", ".join(map(str, (needs or {}).get("after") or [])),
            "trust": one.get("trust", 0),
            "meets": ", ".join(map(str, one.get("meets") or [])),
            "ends": bool(one.get("ends")),
            "once": bool(one.get("once")),
            "faults": self._faults_in(prefix, "key"),
        }

    def _fact(self, name: str, place: int | str, one: Mapping[str, Any]) -> dict[str, Any]:
        needs = one.get("needs") if isinstance(one.get("needs"), Mapping) else {}
        return {
            "prefix": f"{name}-knows-{place}",
            **{field: _lines_text(one.get(field)) for field in FACT_LISTS},
            "needs_after": ", ".join(map(str, (needs or {}).get("after") or [])),
            "faults": self._faults_in(f"knows[{place + 1}]" if isinstance(place, int) else "?", "asked"),
        }

    def _faults_in(self, prefix: str, whole: str) -> dict[str, list[str]]:
        """The faults of one row by field; those of the row itself under `whole`."""
        faults: dict[str, list[str]] = {}
        for path, said in self.faults.items():
            if path == prefix or path.startswith(f"{prefix}."):
                field = path[len(prefix) + 1 :].split("[")[0].replace(".", "_") or whole
                faults.setdefault(field, []).extend(said)
        return faults

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-manner" not in data

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """In the seed format, as far as it can be read; None if everything is empty."""
        if self.value_omitted_from_data(data, files, name):
            return OMITTED
        reactions = _rows(data, name, "key", _read_row, REACTIONS_MAX)
        knows = _rows(data, f"{name}-knows", "asked", _read_fact, FACTS_MAX)
        manner, holds_on = data.get(f"{name}-manner", ""), _lines(data.get(f"{name}-holdsOn"))
        to_any = {field: lines for field in TO_ANY if (lines := _lines(data.get(f"{name}-{field}")))}
        if not (reactions or knows or clean(manner) or holds_on or to_any):
            return None
        trust = {"trust": number} if (number := _number(data.get(f"{name}-trust"))) else {}
        facts = {"knows": knows} if knows else {}
        return {"manner": manner, **trust, "reactions": reactions, "holdsOn": holds_on, **facts, **to_any}


class RoleBriefField(forms.Field):
    widget = RoleBriefWidget

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not OMITTED and data != initial


def checked(raw: Any, criteria: Sequence[str]) -> tuple[dict[str, Any] | None, dict[str, list[str]]]:
    """The brief as stored, and its problems by path, in the reader's language."""
    if raw is None:
        return None, {}
    faults: dict[str, list[str]] = {}
    stored: dict[str, Any] | None = None
    try:
        stored = RoleBrief.model_validate(raw).stored()
    except ShapeFaults as found:
        for fault in found.errors():
            path = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in fault["loc"]).lstrip(
                "."
            )
            words = str(SHAPE_WORDS.get(fault["type"], gettext_lazy("This can't be saved yet.")))
            faults.setdefault(path, []).append(words % fault.get("ctx", {}) if "%" in words else words)
    for one in reference_faults(raw, criteria=len(criteria), failing=end_criteria.failing(criteria)):
        words = str(FAULTS[one.words])
        faults.setdefault(one.field, []).append(words % one.values if one.values else words)
    return (None if faults else stored), faults


def summary(faults: Mapping[str, Sequence[str]]) -> str:
    count = sum(map(len, faults.values()))
    return _("The role brief can't be saved yet: each problem is shown beside its field (%d).") % count


def _rows(
    data: Any, name: str, field: str, read: Callable[[Any, str], dict[str, Any]], most: int
) -> list[dict[str, Any]]:
    """The rows that are not empty, in the order of their numbers; `field` is one that each row has."""
    found = (re.fullmatch(rf"{re.escape(name)}-(\d{{1,4}})-{field}", key) for key in data)
    places = sorted({int(each[1]) for each in found if each})
    return [row for place in places[: most + 1] if (row := read(data, f"{name}-{place}"))]


def _read_fact(data: Any, prefix: str) -> dict[str, Any]:
    """Empty if the row is blank or marked for removal."""
    if data.get(f"{prefix}-DELETE"):
        return {}
    row: dict[str, Any] = {name: lines for name in FACT_LISTS if (lines := _lines(data.get(f"{prefix}-{name}")))}
    after = _keys(data.get(f"{prefix}-needs_after"))
    return dict.fromkeys(FACT_LISTS, []) | row | ({"needs": {"after": after}} if after else {}) if row or after else {}


def _read_row(data: Any, prefix: str) -> dict[str, Any]:
    """Empty if the row is blank or marked for removal; blank fields are left out."""
    if data.get(f"{prefix}-DELETE"):
        return {}
    row: dict[str, Any] = {name: data.get(f"{prefix}-{name}", "").strip() for name in TEXTS}
    row |= {name: _lines(data.get(f"{prefix}-{name}")) for name in LINE_LISTS}
    needs_trust = data.get(f"{prefix}-needs_trust", "")
    needs = {"trust": _number(needs_trust)} if needs_trust.strip() else {}
    after = _keys(data.get(f"{prefix}-needs_after"))
    row["needs"] = needs | ({"after": after} if after else {})
    row["meets"] = [_number(each) for each in re.split(r"[,，、\s]+", data.get(f"{prefix}-meets", "")) if each]
    row["trust"] = _number(data.get(f"{prefix}-trust")) or 0
    row["ends"] = "failed" if data.get(f"{prefix}-ends") else None
    row["once"] = bool(data.get(f"{prefix}-once"))
    written = {name: value for name, value in row.items() if value}
    return {"key": "", "when": "", "says": []} | written if written else {}


def _signed(level: int, *, plus: str) -> str:
    return f"−{-level}" if level < 0 else f"{plus if level else ''}{level}"


def _keys(text: Any) -> list[str]:
    return [key for each in re.split(r"[,，、]", text or "") if (key := each.strip())]


def _number(text: Any) -> Any:
    """A whole number, or the text itself if it is not one, so that the error can quote it."""
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"[+-]?\d{1,6}", text) else text


def _lines(text: Any) -> list[str]:
    return [kept for line in (text or "").splitlines() if (kept := clean(line))][: LINES_MAX + 1]


def _of(faults: Mapping[str, Sequence[str]], field: str) -> list[str]:
    """The faults of a list of lines and of each line in it."""
    return [words for path, said in faults.items() if path.split("[")[0] == field for words in said]


def _lines_text(lines: Any) -> str:
    return "\n".join(map(str, lines)) if isinstance(lines, list) else ""
