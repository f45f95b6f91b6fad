"""Describes a role brief in words, for the audit log."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


def told(brief: Mapping[str, Any]) -> str:
    """Manner, starting trust and each reaction on separate lines; malformed parts are left out."""
    lines = [_("Manner: %(words)s") % {"words": brief.get("manner", "")}]
    if brief.get("trust"):
        lines.append(_("Trust at the start: %(number)s") % {"number": brief["trust"]})
    for one in brief.get("reactions", []):
        if isinstance(one, Mapping):
            lines += ["", f"{one.get('key', '')}: {one.get('when', '')}", *_reaction(one)]
    for fact in brief.get("knows") or []:
        if isinstance(fact, Mapping):
            lines += ["", f"{_joined(fact.get('asked'))} → {_joined(fact.get('says'))}", *_needs(fact)]
    lines += ["", _("Holds on with: %(lines)s") % {"lines": _joined(brief.get("holdsOn"))}]
    to_any = {
        "toAnyQuestion": _("To any question: %(lines)s"),
        "toAnyStatement": _("To any statement: %(lines)s"),
        "toAnyRequest": _("To any request: %(lines)s"),
    }
    lines += [words % {"lines": _joined(brief[name])} for name, words in to_any.items() if brief.get(name)]
    return "\n".join(lines)


def _needs(fact: Mapping[str, Any]) -> list[str]:
    after = _joined((fact.get("needs") or {}).get("after"))
    return [_("Needs first: %(lines)s") % {"lines": after}] if after else []


def _reaction(one: Mapping[str, Any]) -> list[str]:
    needs = one.get("needs") or {}
    parts = [
        (_("Listens for: %(lines)s"), _joined(one.get("heard"))),
        (_("Says: %(lines)s"), _joined(one.get("says"))),
        (_("Until then: %(lines)s"), _joined(one.get("otherwise"))),
        (_("Needs first: %(lines)s"), _joined(needs.get("after"))),
        (_("Needs trust: %(lines)s"), needs.get("trust", "")),
        (_("Changes trust by: %(lines)s"), one.get("trust", "")),
        (_("Meets end criteria: %(lines)s"), _joined(one.get("meets"))),
        (_("Hint: %(lines)s"), one.get("hint", "")),
    ]
    told_parts = [words % {"lines": value} for words, value in parts if value not in ("", None)]
    return [*told_parts, _("Ends the talk")] if one.get("ends") else told_parts


def _joined(values: Any) -> str:
    return " · ".join(map(str, values)) if isinstance(values, list) else ""
