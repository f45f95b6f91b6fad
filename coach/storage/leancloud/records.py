"""Which records LeanCloud holds and how their fields are called there.

Each app describes its own classes (`practice/mirror.py`, `evaluations/mirror.py`); this package moves them. Fields that
the shapes of the API do not have travel in one object field, `coach`, so that a record comes back whole.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

FILE = "_File"
LOCAL_ID = "localId"
REST = "coach"
RESERVED = frozenset({"objectId", "createdAt", "updatedAt", "ACL", "className", "__type", LOCAL_ID, REST})


class Broken(Exception):
    """A remote object that cannot become a record. `str()` names the field and what is wrong, never its content."""


class NotMirroredYet(Exception):
    """A record refers to one whose object does not exist yet."""

    def __init__(self, class_name: str, record_id: str) -> None:
        super().__init__(f"{class_name}/{record_id}")
        self.class_name, self.record_id = class_name, record_id


class Refs(ABC):
    """Ids here ⇄ ids there. `remote` raises NotMirroredYet, `local` raises Broken."""

    @abstractmethod
    def remote(self, class_name: str, record_id: str) -> str: ...

    def remote_or_none(self, class_name: str, record_id: str) -> str | None:
        try:
            return self.remote(class_name, record_id)
        except NotMirroredYet:
            return None

    @abstractmethod
    def local(self, class_name: str, object_id: str) -> str: ...

    @abstractmethod
    def address(self, file_id: str) -> str | None:
        """Where a file is; public to whoever knows it."""


@dataclass(frozen=True)
class FieldMap:
    """A field of the shape: its name there and here, and how a value passes in each direction."""

    remote: str
    attribute: str
    outward: Callable[[Any, Refs], Any] = lambda value, refs: value
    inward: Callable[[Any, Refs], Any] = lambda value, refs: value


@dataclass(frozen=True)
class Source:
    """A table whose changes put a record out of date.

    `record` and `session` are SQL over `{row}`; no `columns`: any change counts.
    """

    table: str
    record: str
    session: str = "''"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class MirroredClass:
    """One class. `transient`: attributes that mean nothing elsewhere (leases, claims, running deadlines).

    `more_outward(record, refs)` adds fields that are no columns, named in `derived`; `fill(attributes, body, refs)`
    completes what an object of another application of this data model does not have; `finish(record, body, refs)`
    stores related rows; `audio` is the attribute that holds the recording.
    """

    name: str
    model: type[models.Model]
    fields: tuple[FieldMap, ...]
    sources: tuple[Source, ...]
    transient: frozenset[str] = frozenset()
    more_outward: Callable[[Any, Refs], dict[str, Any]] = lambda record, refs: {}
    fill: Callable[[dict[str, Any], Mapping[str, Any], Refs], None] = lambda attributes, body, refs: None
    finish: Callable[[Any, Mapping[str, Any], Refs], None] = lambda record, body, refs: None
    changed_at: Callable[[Any], datetime] = lambda record: datetime.min.replace(tzinfo=UTC)
    derived: frozenset[str] = frozenset()
    # (class, attribute with its id): a record whose object names this one, told again once this one has an id there.
    told_again: tuple[str, str] | None = None
    prefetch: tuple[str, ...] = ()
    audio: str | None = None
    queryset: Callable[[], "models.QuerySet[Any]"] | None = field(default=None)

    @cached_property
    def rest(self) -> tuple[models.Field, ...]:
        """The columns that travel in `coach`."""
        mapped = {mapping.attribute for mapping in self.fields} | self.transient | {"id"}
        return tuple(column for column in self.model._meta.concrete_fields if column.attname not in mapped)

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset({mapping.remote for mapping in self.fields}) | RESERVED | self.derived

    def records(self) -> "models.QuerySet[Any]":
        base = self.queryset() if self.queryset else self.model._default_manager.all()
        return base.prefetch_related(*self.prefetch)

    def outward(self, record: Any, refs: Refs) -> dict[str, Any]:
        """The object's fields for a record. Raises NotMirroredYet."""
        body = {mapping.remote: mapping.outward(getattr(record, mapping.attribute), refs) for mapping in self.fields}
        body |= self.more_outward(record, refs)
        body[LOCAL_ID] = record.pk
        body[REST] = {column.attname: _sendable(column, getattr(record, column.attname)) for column in self.rest}
        return body

    def inward(self, record_id: str, body: Mapping[str, Any], refs: Refs) -> dict[str, Any]:
        """The attributes of a record for an object. Raises Broken."""
        attributes: dict[str, Any] = {}
        given = body.get(REST)
        for column in self.rest:
            if isinstance(given, Mapping) and column.attname in given:
                attributes[column.attname] = _clean(column, given[column.attname])
        for mapping in self.fields:
            if mapping.remote in body:
                value = mapping.inward(body[mapping.remote], refs)
                attributes[mapping.attribute] = _clean(self._column(mapping.attribute), value)
        self.fill(attributes, body, refs)
        return attributes

    def unknown(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in self.known}

    def _column(self, attribute: str) -> models.Field:
        return next(column for column in self.model._meta.concrete_fields if column.attname == attribute)


def text(remote: str, attribute: str) -> FieldMap:
    """Text that is empty here where it is null or absent there."""
    return FieldMap(remote, attribute, lambda value, refs: value or None, lambda value, refs: value or "")


def plain(remote: str, attribute: str) -> FieldMap:
    return FieldMap(remote, attribute)


def time(remote: str, attribute: str) -> FieldMap:
    """An ISO string there; a LeanCloud Date is read as well."""
    return FieldMap(remote, attribute, lambda value, refs: iso(value), lambda value, refs: moment(remote, value))


def reference(remote: str, attribute: str, class_name: str) -> FieldMap:
    """A plain objectId there; a Pointer is read as well."""
    return FieldMap(
        remote,
        attribute,
        lambda value, refs: refs.remote(class_name, value) if value else None,
        lambda value, refs: refs.local(class_name, object_id(remote, value)) if value else None,
    )


def object_id(remote: str, value: Any) -> str:
    """The id in a plain string or a Pointer. Raises Broken."""
    if isinstance(value, Mapping) and value.get("__type") == "Pointer":
        value = value.get("objectId")
    if not isinstance(value, str) or not value:
        raise Broken(f"{remote}: neither an id nor a Pointer")
    return value


def iso(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None


def moment(remote: str, value: Any) -> datetime | None:
    """The time in an ISO string or a LeanCloud Date. Raises Broken."""
    if value in (None, ""):
        return None
    if isinstance(value, Mapping) and value.get("__type") == "Date":
        value = value.get("iso")
    try:
        parsed = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise Broken(f"{remote}: not a time")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _sendable(column: models.Field, value: Any) -> Any:
    return iso(value) if isinstance(column, models.DateTimeField) else value


def _clean(column: models.Field, value: Any) -> Any:
    if value is None:
        if column.null:
            return None
        if column.has_default():
            return column.get_default()
        if column.empty_strings_allowed and isinstance(column, models.CharField | models.TextField):
            return ""
        raise Broken(f"{column.attname}: is missing")
    if column.is_relation:
        return value
    try:
        cleaned = column.to_python(value)
    except (ValidationError, TypeError, ValueError):
        raise Broken(f"{column.attname}: of the wrong kind") from None
    if isinstance(column, models.CharField) and column.max_length and len(cleaned) > column.max_length:
        raise Broken(f"{column.attname}: longer than {column.max_length} characters")
    return cleaned


_classes: dict[str, MirroredClass] = {}


def register(classes: Iterable[MirroredClass]) -> None:
    """Add classes; what a record refers to must be registered before it."""
    for mirrored in classes:
        _classes[mirrored.name] = mirrored


def classes() -> list[MirroredClass]:
    """Every class, referred before referring."""
    return list(_classes.values())


def mirrored(name: str) -> MirroredClass | None:
    return _classes.get(name)
