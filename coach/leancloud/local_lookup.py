"""Local knowledge about the objects of one page, loaded in a few queries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.records import LOCAL_ID, MirroredClass, erased_here
from coach.leancloud.values import ID_LENGTH_MAX


class KnownHere:
    """
    - `mapped`: object id → the row that names its record.
    - `ids`: object id → the id its record has, or would get.
    - `records`: by id.
    - `owners`: record id → its object id, or "" if a create was announced but not confirmed.
    - `erased`: ids of records erased here; they must not come back.
    """

    def __init__(self, kind: MirroredClass, bodies: Sequence[Mapping[str, Any]]) -> None:
        self._kind = kind
        named = {str(body.get("objectId")): body for body in bodies}
        rows = RemoteObject.objects.filter(class_name=kind.name, object_id__in=[each for each in named if each])
        self.mapped = {row.object_id: row for row in rows}
        self.ids = {
            each: self.mapped[each].record_id if each in self.mapped else _given_id(body, each)
            for each, body in named.items()
        }
        self.records = self._records(self.ids.values())
        self._match_by_natural_key(named)
        owners = RemoteObject.objects.filter(class_name=kind.name, record_id__in=set(self.ids.values()))
        self.owners = dict(owners.values_list("record_id", "object_id"))
        absent = set(self.ids.values()) - set(self.records)
        owed = OutboxRow.objects.filter(class_name=kind.name, record_id__in=absent)
        self.erased = erased_here(kind.name, absent) | set(owed.values_list("record_id", flat=True))

    def map(self, record_id: str, **values: Any) -> None:
        """Save which object a record is, in one statement; `update_or_create` needs four."""
        if record_id in self.owners:
            RemoteObject.objects.filter(class_name=self._kind.name, record_id=record_id).update(**values)
        else:
            RemoteObject.objects.create(class_name=self._kind.name, record_id=record_id, **values)
        self.owners[record_id] = values["object_id"]

    def _records(self, ids: Iterable[str]) -> dict[str, Any]:
        return {record.pk: record for record in self._kind.records().filter(pk__in=set(ids))}

    def _match_by_natural_key(self, named: Mapping[str, Mapping[str, Any]]) -> None:
        """Match unmirrored records (seeds, for example) to objects with the same key."""
        if self._kind.natural_key is None:
            return
        remote, attribute = self._kind.natural_key
        keys = {
            body[remote]: object_id
            for object_id, body in named.items()
            if self.ids[object_id] not in self.records and isinstance(body.get(remote), str)
        }
        if not keys:
            return
        mirrored = RemoteObject.objects.filter(class_name=self._kind.name).exclude(object_id="").values("record_id")
        same = self._kind.model._default_manager.filter(**{f"{attribute}__in": list(keys)}).exclude(pk__in=mirrored)
        for record in self._kind.records().filter(pk__in=same.values("pk")):
            self.ids[keys[getattr(record, attribute)]] = record.pk
            self.records[record.pk] = record


def _given_id(body: Mapping[str, Any], object_id: str) -> str:
    given = body.get(LOCAL_ID)
    return given if isinstance(given, str) and 0 < len(given) <= ID_LENGTH_MAX else object_id
