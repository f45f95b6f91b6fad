"""Convert the objects of one class to records, page by page."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, transaction

from coach.leancloud import compare, recordings
from coach.leancloud.disk_spill import DiskSpill
from coach.leancloud.incoming import Incoming
from coach.leancloud.jsonstream import Unreadable
from coach.leancloud.local_lookup import KnownHere
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.pull_count import Progress, PullCount, Report
from coach.leancloud.records import MirroredClass
from coach.leancloud.refs import StoredRefs
from coach.leancloud.values import (
    ID_LENGTH_MAX,
    BrokenValue,
    MissingReference,
    iso,
    plain_id,
    stamp,
    storable,
)

PAGE = 200
WITH_PROBLEMS = "!"
"""Prefix of `remote_updated_at` for objects with problems, which are reported at every pull."""


class _WaitsForItsOwnClass(Exception):
    """The object refers to one of its own class that has not been read yet."""


@dataclass(frozen=True)
class Intake:
    """Shared by all classes of one pull. `erased`: (class, object id) of everything erased here."""

    files: recordings.Files
    refs: StoredRefs
    report: Report
    progress: Progress
    force: bool
    erased: set[tuple[str, str]]


class ClassIntake:
    """Processes the pages of one class."""

    def __init__(self, kind: MirroredClass, count: PullCount, intake: Intake) -> None:
        self.kind = kind
        self.count = count
        self._intake = intake
        # Object id → (digest, time of change). Exports may contain an object twice.
        self._met = DiskSpill()
        # Objects that refer to one of their own class that has not been read yet.
        self._later = DiskSpill()
        self._all_seen = False

    def take(self, page: Sequence[Any]) -> None:
        """Process one page. Anything that is not a readable object is reported."""
        bodies = []
        for item in page:
            if isinstance(item, Mapping):
                bodies.append(storable(item))
            else:
                self._broken({}, item.why if isinstance(item, Unreadable) else "an entry is no object")
        fresh, newer = self._without_repeats(bodies)
        self._take_bodies(fresh)
        for body in newer:
            self._take_bodies([body], overwrite=True)

    def take_what_waits(self) -> None:
        """Process postponed objects in rounds, until a round makes no progress."""
        while waiting := len(self._later):
            later, self._later = self._later, DiskSpill()
            for page in later.pages(PAGE):
                self._take_bodies(page)
            # The remaining references do not exist.
            self._all_seen = len(self._later) == waiting

    def _without_repeats(self, bodies: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Split into objects seen for the first time and newer versions of objects seen before."""
        met = self._met.get(str(body.get("objectId")) for body in bodies)
        fresh, newer = [], []
        for body in bodies:
            key, time = str(body.get("objectId")), stamp(body)
            said = [_digest(body), time.timestamp() if time else 0.0]
            before = met.get(key)
            if before is None or not isinstance(body.get("objectId"), str):
                fresh.append(body)
            elif before[0] == said[0]:
                continue
            else:
                self._broken(body, "comes more than once and not the same each time; the newest is kept")
                if said[1] <= before[1]:
                    continue
                newer.append(body)
            met[key] = said
            self._met.put([(key, said)], replace=True)
        return fresh, newer

    def _take_bodies(self, bodies: Sequence[dict[str, Any]], *, overwrite: bool = False) -> None:
        here = KnownHere(self.kind, bodies)
        spoken: list[recordings.Spoken] = []
        for body in bodies:
            try:
                record = self._take(body, here, overwrite=overwrite)
                if record is not None and recordings.wanted(self.kind, record, body):
                    spoken.append((record, body))
            except _WaitsForItsOwnClass:
                self._later.put([(str(body["objectId"]), body)])
            except BrokenValue as error:
                self._broken(body, str(error))
        if spoken:
            recordings.fetch(self.kind, self._intake.files, spoken, kept=self._kept, failed=self._broken)

    def _kept(self) -> None:
        self.count.recordings += 1
        self._intake.progress(self.count)

    def _take(self, body: Mapping[str, Any], here: KnownHere, *, overwrite: bool) -> Any | None:
        """The record of an object; None if it was erased here. Raises BrokenValue."""
        object_id = _own_id(body)
        known, record_id = here.mapped.get(object_id), here.ids[object_id]
        record = here.records.get(record_id)
        if record is None and record_id in here.erased:
            self._is_erased(body, object_id)
            return None
        owner = here.owners.get(record_id)
        if known is None and owner and self._met.get([owner]):
            raise BrokenValue(f"is the same record as {plain_id(owner)}")
        incoming = Incoming(body, self._intake.refs, all_seen=self._all_seen)
        may_stay = record is not None and not (self._intake.force or overwrite)
        if may_stay and self._is_left_alone(record, known, incoming):
            if not known:
                here.map(record_id, object_id=object_id)
            return record
        try:
            return self._stored(record_id, record, incoming, here)
        except MissingReference as missing:
            if missing.class_name == self.kind.name and not self._all_seen:
                raise _WaitsForItsOwnClass from None
            if (missing.class_name, missing.object_id) in self._intake.erased:
                self._is_erased(body, object_id)
                return None
            raise

    def _is_left_alone(self, record: Any, known: RemoteObject | None, incoming: Incoming) -> bool:
        """Whether the record is kept unchanged. Raises BrokenValue."""
        kind, body = self.kind, incoming.body
        seen_at, noted = _seen_at(body), known.remote_updated_at if known else ""
        if seen_at and noted.removeprefix(WITH_PROBLEMS) == seen_at:
            if noted != seen_at:
                again = Incoming(body, incoming.refs, all_seen=True)
                kind.look_through(again)
                self._name_problems(again)
            self.count.unchanged += 1
            return True
        there = stamp(body)
        waits_to_be_told = OutboxRow.objects.filter(class_name=kind.name, record_id=record.pk).exists()
        if waits_to_be_told or (there and kind.changed_at(record) > there):
            self.count.newer_here += 1
            self._say(body, "newer here, left alone (--force overwrites)")
            return True
        if there is None:
            if next(compare.differing(kind, record, body, self._intake.refs), None):
                raise BrokenValue("updatedAt: not a time; what differs here is left alone (--force overwrites)")
            self.count.unchanged += 1
            return True
        return False

    def _stored(self, record_id: str, record: Any | None, incoming: Incoming, here: KnownHere) -> Any:
        """Save the object and return its record. Raises BrokenValue."""
        kind, body = self.kind, incoming.body
        try:
            with transaction.atomic():
                stored, changed = _store(kind, record_id, record, incoming)
                here.map(
                    record_id,
                    object_id=_own_id(body),
                    remote_updated_at=(WITH_PROBLEMS if incoming.problems else "") + _seen_at(body),
                    unknown=kind.unknown(body),
                )
                # No need to send back what was just pulled.
                OutboxRow.objects.filter(class_name=kind.name, record_id=record_id).delete()
        except (BrokenValue, OperationalError, InterfaceError):
            raise
        except IntegrityError as error:
            raise BrokenValue(f"breaks a rule of the database: {_rule(error)}") from None
        except DatabaseError as error:
            raise BrokenValue(f"cannot be stored: {_rule(error)}") from None
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one object, the others are taken)
            raise BrokenValue(f"cannot be stored: {type(error).__name__}") from None
        self._intake.refs.learn(kind.name, record_id, _own_id(body))
        if record is None:
            self.count.created += 1
        elif changed:
            self.count.updated += 1
        else:
            self.count.unchanged += 1
        self._name_problems(incoming)
        return stored

    def _is_erased(self, body: Mapping[str, Any], object_id: str) -> None:
        self._intake.erased.add((self.kind.name, object_id))
        self.count.erased_here += 1
        self._say(body, "was erased here, and stays so")

    def _name_problems(self, incoming: Incoming) -> None:
        if incoming.problems:
            self._broken(incoming.body, f"taken over, but for {'; '.join(incoming.problems)}")

    def _broken(self, body: Mapping[str, Any], why: str) -> None:
        self.count.broken += 1
        self._say(body, why)

    def _say(self, body: Mapping[str, Any], what: str) -> None:
        self._intake.report(f"{self.kind.name} {plain_id(body.get('objectId'))}: {what}")


def _own_id(body: Mapping[str, Any]) -> str:
    object_id = body.get("objectId")
    if not object_id:
        raise BrokenValue("objectId: is missing")
    if not isinstance(object_id, str) or len(object_id) > ID_LENGTH_MAX:
        raise BrokenValue(f"objectId: not text of at most {ID_LENGTH_MAX} characters")
    return object_id


def _seen_at(body: Mapping[str, Any]) -> str:
    """`updatedAt`, by which a later pull recognises an unchanged object; empty if invalid."""
    value, time = body.get("updatedAt"), stamp(body)
    if time is None:
        return ""
    return value if isinstance(value, str) and len(value) < ID_LENGTH_MAX else str(iso(time))


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=16).hexdigest()


def _store(kind: MirroredClass, record_id: str, record: Any | None, incoming: Incoming) -> tuple[Any, bool]:
    """Save the record; returns it and whether anything changed."""
    attributes = kind.inward(incoming)
    if record is None:
        record = kind.model(pk=record_id, **attributes)
        record.save(force_insert=True)
        changed = True
    else:
        changed = any(getattr(record, name) != value for name, value in attributes.items())
        for name, value in attributes.items():
            setattr(record, name, value)
        if changed:
            record.save(force_update=True, update_fields=list(attributes))
    own_times = {name: attributes[name] for name in _set_by_themselves(kind) if name in attributes}
    if own_times:
        # `auto_now` would set the time of the pull.
        kind.model._default_manager.filter(pk=record_id).update(**own_times)
    kind.finish(record, incoming)
    return record, changed


def _set_by_themselves(kind: MirroredClass) -> list[str]:
    columns = kind.model._meta.concrete_fields
    return [
        each.attname for each in columns if getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False)
    ]


def _rule(error: DatabaseError) -> str:
    return str(error).split("\n")[0].removeprefix("CHECK constraint failed: ")[:120]
