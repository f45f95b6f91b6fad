"""Which records LeanCloud holds and how their fields are called there.

Each app describes its own classes; this package moves them. Fields that the shapes of the API do not have travel in one
object field, `coach`, so that a record comes back whole.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import models

from coach.leancloud import columns
from coach.leancloud.incoming import Incoming, Normal, Refs
from coach.leancloud.values import BrokenValue, CutText, MissingReference, iso, moment, object_id

FILE = "_File"
LOCAL_ID = "localId"
REST = "coach"
RESERVED = frozenset({"objectId", "createdAt", "updatedAt", "ACL", "className", "__type", LOCAL_ID, REST})


Inward = Callable[[Any, Refs], Any]


@dataclass(frozen=True)
class FieldMap:
    """A field of the shape: its name there and here, and how a value passes in each direction."""

    remote: str
    attribute: str
    outward: Callable[[Any, Refs], Any] = lambda value, refs: value
    inward: Inward = lambda value, refs: value


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
    """One class.

    - `transient`: attributes that mean nothing elsewhere (leases, claims, running deadlines).
    - `filled`: attributes that `fill` gives a value where they have none. One of these, or of an optional column, that
      cannot be read is left out, and named; any other makes the object broken.
    - `content`: columns in `coach` that people read; `verify` compares them.
    - `more_outward(record, refs)` adds fields that are no columns; `derived` names them, each with the function that
      brings a remote value into the form that `more_outward` gives it.
    - `fill(attributes, incoming)` completes what an object of another application of this data model does not have.
    - `finish(record, incoming)` stores related rows.
    - `audio`: the attribute that holds the recording.
    - `natural_key`: remote name and attribute by which a record that was never mirrored is the same as an object.
    - `told_again`: (class, attribute with its id) of a record whose object names this one: sent once more when this
      one has an id there.
    """

    name: str
    model: type[models.Model]
    fields: tuple[FieldMap, ...]
    sources: tuple[Source, ...]
    transient: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    content: frozenset[str] = frozenset()
    more_outward: Callable[[Any, Refs], dict[str, Any]] = lambda record, refs: {}
    fill: Callable[[dict[str, Any], Incoming], None] = lambda attributes, incoming: None
    finish: Callable[[Any, Incoming], None] = lambda record, incoming: None
    changed_at: Callable[[Any], datetime] = lambda record: datetime.min.replace(tzinfo=UTC)
    derived: Mapping[str, Normal] = field(default_factory=dict)
    told_again: tuple[str, str] | None = None
    prefetch: tuple[str, ...] = ()
    audio: str | None = None
    natural_key: tuple[str, str] | None = None
    queryset: Callable[[], "models.QuerySet[Any]"] | None = field(default=None)

    @cached_property
    def rest(self) -> tuple[models.Field, ...]:
        """The columns that travel in `coach`."""
        mapped = {mapping.attribute for mapping in self.fields} | self.transient | {"id"}
        return tuple(column for column in self.model._meta.concrete_fields if column.attname not in mapped)

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset({mapping.remote for mapping in self.fields}) | RESERVED | frozenset(self.derived)

    def records(self) -> "models.QuerySet[Any]":
        base = self.queryset() if self.queryset else self.model._default_manager.all()
        return base.prefetch_related(*self.prefetch)

    def outward(self, record: Any, refs: Refs) -> dict[str, Any]:
        """The object's fields for a record. Raises NotMirroredYet."""
        body = {mapping.remote: mapping.outward(getattr(record, mapping.attribute), refs) for mapping in self.fields}
        body |= self.more_outward(record, refs)
        body[LOCAL_ID] = record.pk
        body[REST] = {column.attname: columns.sendable(column, getattr(record, column.attname)) for column in self.rest}
        return body

    def inward(self, incoming: Incoming) -> dict[str, Any]:
        """The attributes of a record for an object. Raises BrokenValue where it cannot become one."""
        attributes: dict[str, Any] = {}
        body, given = incoming.body, incoming.body.get(REST)
        for column in self.rest:
            if isinstance(given, Mapping) and column.attname in given:
                try:
                    attributes[column.attname] = self._rest_value(column, given)
                except BrokenValue as error:
                    incoming.problem(error)
        for mapping in self.fields:
            if not self._says_something(mapping, body):
                continue
            try:
                attributes[mapping.attribute] = self._field_value(mapping, incoming)
            except CutText as error:
                incoming.problem(error)
                attributes[mapping.attribute] = error.text
            except BrokenValue as error:
                if not self._can_do_without(mapping, error, incoming):
                    raise
                incoming.problem(error)
        self.fill(attributes, incoming)
        return attributes

    def look_through(self, incoming: Incoming) -> None:
        """Find the problems of an object that was taken over before. Raises BrokenValue."""
        self.inward(incoming)
        for name, normal in self.derived.items():
            if name in incoming.body:
                try:
                    normal(incoming.body[name], incoming)
                except BrokenValue as error:
                    incoming.problem(error)

    def unknown(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name not in self.known}

    def _says_something(self, mapping: FieldMap, body: Mapping[str, Any]) -> bool:
        """Null says that a field is empty where it may be; elsewhere it is as good as no field."""
        given = mapping.remote in body
        return given and (body[mapping.remote] is not None or columns.is_optional(self._column(mapping.attribute)))

    def _field_value(self, mapping: FieldMap, incoming: Incoming) -> Any:
        value = mapping.inward(incoming.body[mapping.remote], incoming.refs)
        return columns.cleaned(self._column(mapping.attribute), value, named=mapping.remote)

    def _rest_value(self, column: models.Field, given: Mapping[str, Any]) -> Any:
        return columns.cleaned(column, given[column.attname], named=f"{REST}.{column.attname}")

    def _can_do_without(self, mapping: FieldMap, error: BrokenValue, incoming: Incoming) -> bool:
        if isinstance(error, MissingReference) and error.class_name == self.name and not incoming.all_seen:
            return False
        return mapping.attribute in self.filled or columns.is_optional(self._column(mapping.attribute))

    def _column(self, attribute: str) -> models.Field:
        return next(column for column in self.model._meta.concrete_fields if column.attname == attribute)


def text(remote: str, attribute: str) -> FieldMap:
    """Text that is empty here where it is null or absent there."""
    return FieldMap(remote, attribute, lambda value, refs: value or None, lambda value, refs: value or "")


def plain(remote: str, attribute: str) -> FieldMap:
    return FieldMap(remote, attribute)


def time(remote: str, attribute: str) -> FieldMap:
    """An ISO string there; every other form of a time is read as well."""
    return FieldMap(remote, attribute, lambda value, refs: iso(value), lambda value, refs: moment(remote, value))


def reference(remote: str, attribute: str, class_name: str) -> FieldMap:
    """A plain objectId there; every other form of a reference is read as well."""
    return FieldMap(
        remote,
        attribute,
        lambda value, refs: refs.remote(class_name, value) if value else None,
        lambda value, refs: refs.local(class_name, object_id(remote, value)) if value else None,
    )


ErasedHere = Callable[[Collection[str]], set[str]]
"""Of these ids of records, those that were erased here for good."""

_classes: dict[str, MirroredClass] = {}
_erasures: dict[str, ErasedHere] = {}


def register(classes: Iterable[MirroredClass]) -> None:
    """Add classes; what a record refers to must be registered before it."""
    for mirrored in classes:
        _classes[mirrored.name] = mirrored


def classes() -> list[MirroredClass]:
    """Every class, referred before referring."""
    return list(_classes.values())


def register_erasures(class_name: str, erased: ErasedHere) -> None:
    """Say which records of a class were erased: their objects, and what refers to them, never come back."""
    _erasures[class_name] = erased


def erased_here(class_name: str, record_ids: Collection[str]) -> set[str]:
    erased = _erasures.get(class_name)
    return erased(record_ids) if erased and record_ids else set()
