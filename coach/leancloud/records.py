"""Describes which records are mirrored and how their fields map to LeanCloud.

Each app describes its own classes in its `leancloud.py`. Columns that are not part of the API shapes travel in one
object field, `coach`, so that a record can be restored completely.
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
    """Maps a field to a column, with a conversion for each direction."""

    remote: str
    attribute: str
    outward: Callable[[Any, Refs], Any] = lambda value, refs: value
    inward: Inward = lambda value, refs: value


@dataclass(frozen=True)
class Source:
    """A table whose changes make the mirrored copy outdated.

    `record` and `session` are SQL expressions over `{row}`. Without `columns`, every change counts.
    """

    table: str
    record: str
    session: str = "''"
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class MirroredClass:
    """One class.

    - `transient`: attributes without meaning elsewhere (leases, claims, running deadlines).
    - `filled`: attributes that `fill` can supply. One of these, or an optional column, that cannot be read is left
      out and reported; any other makes the object broken.
    - `content`: columns in `coach` with content people read; `verify` compares them.
    - `more_outward(record, refs)` adds fields that are not columns; `derived` lists them, each with the function that
      normalises a remote value to the form `more_outward` gives it.
    - `fill(attributes, incoming)` completes objects written by other applications with this data model.
    - `finish(record, incoming)` stores related rows.
    - `audio`: the attribute that holds the recording.
    - `natural_key`: remote name and attribute that identify a record that was never mirrored.
    - `told_again`: (class, attribute with its id) of a record whose object refers to this one; it is sent again once
      this one has a remote id.
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
        """Convert a record to the fields of its object. Raises NotMirroredYet."""
        body = {mapping.remote: mapping.outward(getattr(record, mapping.attribute), refs) for mapping in self.fields}
        body |= self.more_outward(record, refs)
        body[LOCAL_ID] = record.pk
        body[REST] = {column.attname: columns.sendable(column, getattr(record, column.attname)) for column in self.rest}
        return body

    def inward(self, incoming: Incoming) -> dict[str, Any]:
        """Convert an object to record attributes. Raises BrokenValue if it cannot become a record."""
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
        """Collect the problems of an object that was pulled before. Raises BrokenValue."""
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
        """Whether to read the field. Null empties an optional column and is ignored for a required one."""
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
    """Text; null and absent become the empty string."""
    return FieldMap(remote, attribute, lambda value, refs: value or None, lambda value, refs: value or "")


def plain(remote: str, attribute: str) -> FieldMap:
    return FieldMap(remote, attribute)


def time(remote: str, attribute: str) -> FieldMap:
    """A time; written as an ISO string, read in any form."""
    return FieldMap(remote, attribute, lambda value, refs: iso(value), lambda value, refs: moment(remote, value))


def reference(remote: str, attribute: str, class_name: str) -> FieldMap:
    """A reference; written as a plain objectId, read in any form."""
    return FieldMap(
        remote,
        attribute,
        lambda value, refs: refs.remote(class_name, value) if value else None,
        lambda value, refs: refs.local(class_name, object_id(remote, value)) if value else None,
    )


ErasedHere = Callable[[Collection[str]], set[str]]
"""Given record ids, returns those that were erased here."""

_classes: dict[str, MirroredClass] = {}
_erasures: dict[str, ErasedHere] = {}


def register(classes: Iterable[MirroredClass]) -> None:
    """Register classes; a class must come after those it refers to."""
    for mirrored in classes:
        _classes[mirrored.name] = mirrored


def classes() -> list[MirroredClass]:
    """All classes, each after those it refers to."""
    return list(_classes.values())


def register_erasures(class_name: str, erased: ErasedHere) -> None:
    """Register how to find erased records of a class. Neither their objects nor what refers to them is pulled."""
    _erasures[class_name] = erased


def erased_here(class_name: str, record_ids: Collection[str]) -> set[str]:
    erased = _erasures.get(class_name)
    return erased(record_ids) if erased and record_ids else set()
