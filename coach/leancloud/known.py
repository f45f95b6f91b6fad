"""What is known here of the objects of one page, asked in a few queries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.records import LOCAL_ID, MirroredClass, erased_here
from coach.leancloud.values import ID_LENGTH_MAX


class KnownHere:
    """
    - `mapped`: object id → which record it is.
    - `ids`: object id → the id that its record has or would have.
    - `records`: by their ids.
    - `owners`: id of a record → the object it is, "" where its creation was only announced.
    - `erased`: ids of records that were erased here; their objects never become records again.
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
        """Note which object a record is, in one statement: `update_or_create` takes four."""
        if record_id in self.owners:
            RemoteObject.objects.filter(class_name=self._kind.name, record_id=record_id).update(**values)
        else:
            RemoteObject.objects.create(class_name=self._kind.name, record_id=record_id, **values)
        self.owners[record_id] = values["object_id"]

    def _records(self, ids: Iterable[str]) -> dict[str, Any]:
        return {record.pk: record for record in self._kind.records().filter(pk__in=set(ids))}

    def _match_by_natural_key(self, named: Mapping[str, Mapping[str, Any]]) -> None:
        """A record that was never mirrored (a seed, say) is the object with its key, not in the way of it."""
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
