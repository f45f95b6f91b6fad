"""A remote object being converted to a record, with its references and problems."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coach.leancloud.values import ID_LENGTH_MAX, BrokenValue, moment


class NotMirroredYet(Exception):
    """A record refers to one whose object does not exist yet."""

    def __init__(self, class_name: str, record_id: str) -> None:
        super().__init__(f"{class_name}/{record_id}")
        self.class_name, self.record_id = class_name, record_id


class Refs(ABC):
    """Local ids ⇄ remote ids. `remote` raises NotMirroredYet, `local` raises MissingReference."""

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
        """A file's URL. Anyone who knows it can fetch the file."""


@dataclass
class Incoming:
    """A remote object being converted to a record.

    `problems`: for the operator, the parts that cannot be taken over although the rest can. `all_seen`: every object of
    the class has been read, so references that are still missing will not appear later.
    """

    body: Mapping[str, Any]
    refs: Refs
    all_seen: bool = False
    problems: list[str] = field(default_factory=list)

    def problem(self, what: object) -> None:
        if str(what) not in self.problems:
            self.problems.append(str(what))

    def name_unknown(self, remote: str, value: Mapping[str, Any], known: Collection[str]) -> None:
        """Report every part of a value that has no place in our records."""
        for name in value:
            if name not in known and value[name]:
                self.problem(f"{remote}.{str(name)[:ID_LENGTH_MAX]}: has no place here")

    def objects(self, name: str, value: Any) -> list[Mapping[str, Any]]:
        """The objects in a list, or a single object as a list. Anything else is reported."""
        if value in (None, ""):
            return []
        given = value if isinstance(value, list) else [value]
        found = [each for each in given if isinstance(each, Mapping)]
        if len(found) != len(given):
            self.problem(f"{name}: not of the documented shape")
        return found

    def time(self, name: str) -> datetime | None:
        """A time field of the object. An invalid one is reported and returned as None."""
        try:
            return moment(name, self.body.get(name))
        except BrokenValue as error:
            self.problem(error)
            return None


class _Anything:
    """Equal to any local value."""


ANYTHING = _Anything()

Normal = Callable[[Any, Incoming], Any]
"""Converts a derived value to the form `more_outward` writes; ANYTHING if it says nothing. Raises BrokenValue."""


def as_it_is(value: Any, incoming: Incoming) -> Any:
    return value
