"""Records who changed what in the catalog, as django-auditlog entries.

Model signals write them, so nothing that saves a skill or scenario (admin, importer, pull) can forget to. Each admin
view sets the acting user (`by`); changes made by a program have none. Sessions are not logged, because no transcript
may be.
"""

import ast
import contextlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from auditlog.context import set_actor
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from practice.catalog import behaviours
from practice.lifecycle import ScenarioStatus
from practice.models import Scenario, Skill
from practice.persona.brief import role_brief_in_audit_log
from practice.portraits import words as look_words

UNTOLD = ("id", "created_at", "updated_at")
Change = tuple[str, str]


def register() -> None:
    """Called once, when the app is ready."""
    for model in (Skill, Scenario):
        names = [field.name for field in model._meta.concrete_fields]
        auditlog.register(model, include_fields=[name for name in names if name not in UNTOLD])


def by(user: Any) -> AbstractContextManager[None]:
    """Attribute the entries written inside to this user."""
    return set_actor(user if isinstance(user, AbstractBaseUser) and user.is_authenticated else None)


def skills_changed(scenario: Scenario, before: Sequence[str], after: Sequence[str]) -> None:
    """The order of skills is kept in separate rows, so log the change as one of the scenario."""
    if list(before) != list(after):
        changes = {"skills": [", ".join(before), ", ".join(after)], "version": [str(scenario.version)] * 2}
        LogEntry.objects.log_create(scenario, action=LogEntry.Action.UPDATE, changes=changes)


@dataclass(frozen=True)
class AuditLine:
    """One field of an entry, formatted for people."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    """The changes of one version, formatted for people: what was done, by whom (empty: a program), in which fields."""

    at: Any
    by: str
    did: str
    version: str
    lines: list[AuditLine]
    is_creation: bool = False


def events(record: Skill | Scenario) -> list[Event]:
    """The history of a record, newest first."""
    entries = LogEntry.objects.get_for_object(record).select_related("actor").order_by("timestamp", "pk")
    found: list[Event] = []
    for entry in entries:
        event = _event(type(record), entry)
        if found and event.version and found[-1].version == event.version:
            found[-1] = replace(found[-1], lines=[*found[-1].lines, *event.lines])
        else:
            found.append(event)
    return found[::-1]


def since(record: Skill | Scenario, version: int) -> list[Event]:
    """Events saved after `version`, newest first."""
    return [event for event in events(record) if event.version.isdigit() and int(event.version) > version]


def event(entry: LogEntry) -> Event:
    """One entry alone, of a skill or a scenario."""
    return _event(Skill if entry.content_type.model == "skill" else Scenario, entry)


def _event(model: type[Skill] | type[Scenario], entry: LogEntry) -> Event:
    changes: dict[str, Change] = entry.changes_dict or {}
    # In the order of the form: django-auditlog writes them in the order of a set, another one in every process.
    order = [field.name for field in model._meta.concrete_fields]
    lines = [
        AuditLine(_label(model, name), _worded(model, name, before), _worded(model, name, after))
        for name, (before, after) in sorted(changes.items(), key=lambda change: _place(order, change[0]))
        if name not in ("version", "deleted_at") and before != after
    ]
    actor = entry.actor.get_username() if entry.actor else (entry.actor_email or "")
    version = changes.get("version", ("", ""))[1]
    created = entry.action == LogEntry.Action.CREATE
    return Event(entry.timestamp, actor, _deed(entry, changes), version, lines, is_creation=created)


def _place(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _deed(entry: LogEntry, changes: dict[str, Change]) -> str:
    if entry.action == LogEntry.Action.CREATE:
        return _("Created")
    if entry.action == LogEntry.Action.DELETE:
        return _("Removed for good")
    if "deleted_at" in changes:
        return _("Restored") if _shown(changes["deleted_at"][1]) == "" else _("Deleted")
    if "status" in changes:
        return _("Published") if changes["status"][1] == ScenarioStatus.PUBLISHED else _("Unpublished")
    return _("Changed")


def _label(model: type[Skill] | type[Scenario], name: str) -> str:
    if name == "skills":
        return _("skills")
    label = str(getattr(model._meta.get_field(name), "verbose_name", name))
    if name.startswith("ai_persona"):
        return _("other person: %(field)s") % {"field": label}
    if name.startswith("trainee_persona"):
        return _("trainee: %(field)s") % {"field": label}
    return label


def _worded(model: type[Skill] | type[Scenario], name: str, value: Any) -> str:
    text = _shown(value)
    if name == "end_criteria" and text:
        return "\n".join(map(str, json.loads(text)))
    if name == "behaviours" and text:
        return behaviours.told(json.loads(text))
    if name == "ai_persona_portrait" and text:
        return look_words.told(_parsed(text))
    if name == "ai_persona_brief" and text:
        return role_brief_in_audit_log.told(_parsed(text))
    choices = dict(getattr(model._meta.get_field(name), "flatchoices", ())) if name != "skills" else {}
    return str(choices.get(text, text))


def _shown(value: Any) -> str:
    return "" if value in (None, "None", "[]", "{}", "null") else str(value)


def _parsed(text: str) -> dict[str, Any]:
    """An entry contains JSON, or a printed Python dictionary if an older release wrote it."""
    for read in (json.loads, ast.literal_eval):
        with contextlib.suppress(ValueError, SyntaxError):
            found = read(text)
            return found if isinstance(found, dict) else {}
    return {}
