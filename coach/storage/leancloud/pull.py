"""Bring a whole LeanCloud app here: records in the order of their references, then the bytes of their audio.

Runs again at no cost: what has not changed over there since is left alone, so a pull that was killed goes on where it
was. An object that cannot become a record is reported and never stops the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import IntegrityError, transaction

from coach import clock
from coach.audio import mp3
from coach.storage import audio, stores
from coach.storage.leancloud.records import FILE, LOCAL_ID, Broken, MirroredClass, classes, moment
from coach.storage.leancloud.refs import StoredRefs
from coach.storage.models import MirrorRow, RemoteObject


class Objects(Protocol):
    """Where objects come from: the service itself, or an export of it."""

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[dict[str, Any]]]: ...

    def find_file(self, object_id: str) -> dict[str, Any] | None: ...

    def download(self, url: str) -> bytes: ...


@dataclass
class Tally:
    """What became of one class; `problems` are sentences for the operator."""

    class_name: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    newer_here: int = 0
    broken: int = 0
    recordings: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.created + self.updated + self.unchanged + self.newer_here + self.broken


Progress = Callable[[Tally], None]


def pull(source: Objects, *, force: bool = False, progress: Progress = lambda tally: None) -> list[Tally]:
    """Everything of every class; `force` overwrites records that are newer here. Raises LeanCloudUnavailable."""
    tallies = []
    refs = StoredRefs()
    for kind in classes():
        tally = Tally(kind.name)
        tallies.append(tally)
        later: list[dict[str, Any]] = []
        for page in source.scan(kind.name):
            for body in page:
                try:
                    _take(kind, body, source, refs, tally, force)
                except _RefersToItsOwnClass:
                    later.append(body)
            progress(tally)
        _take_chains(kind, later, source, refs, tally, force)
        progress(tally)
    return tallies


class _RefersToItsOwnClass(Exception):
    """The object names one of its own class that has not come yet."""


def _take_chains(
    kind: MirroredClass, later: list[dict[str, Any]], source: Objects, refs: StoredRefs, tally: Tally, force: bool
) -> None:
    """Objects that wait for others of their class, as long as a round brings one further."""
    while later:
        waiting: list[dict[str, Any]] = []
        for body in later:
            try:
                _take(kind, body, source, refs, tally, force)
            except _RefersToItsOwnClass:
                waiting.append(body)
        if len(waiting) == len(later):
            for body in waiting:
                _broken(tally, body, f"refers to a {kind.name} that is not there")
            return
        later = waiting


def _take(
    kind: MirroredClass, body: Mapping[str, Any], source: Objects, refs: StoredRefs, tally: Tally, force: bool
) -> None:
    object_id = body.get("objectId")
    if not isinstance(object_id, str) or not object_id:
        _broken(tally, body, "objectId: is missing")
        return
    known = RemoteObject.objects.filter(class_name=kind.name, object_id=object_id).first()
    record_id = known.record_id if known else _local_id(body, object_id)
    record = kind.records().filter(pk=record_id).first()
    seen_at = str(body.get("updatedAt", ""))
    try:
        if record is not None and not force:
            if known and known.remote_updated_at == seen_at and seen_at:
                _take_audio(kind, record, body, source, tally)
                tally.unchanged += 1
                return
            if _newer_here(kind, record, body):
                tally.newer_here += 1
                tally.problems.append(f"{kind.name} {object_id}: newer here, left alone (--force overwrites)")
                return
        with transaction.atomic():
            changed = _store(kind, record_id, record, body, refs)
            RemoteObject.objects.update_or_create(
                class_name=kind.name,
                record_id=record_id,
                defaults={
                    "object_id": object_id,
                    "remote_updated_at": seen_at,
                    "unknown": kind.unknown(body),
                },
            )
            # What was just taken over needs no telling back.
            MirrorRow.objects.filter(class_name=kind.name, record_id=record_id).delete()
        refs.learn(kind.name, record_id, object_id)
        stored = kind.records().get(pk=record_id)
        _take_audio(kind, stored, body, source, tally)
    except Broken as error:
        if str(error) == f"refers to a {kind.name} that is not there":
            raise _RefersToItsOwnClass from None
        _broken(tally, body, str(error))
        return
    except IntegrityError as error:
        _broken(tally, body, f"breaks a rule of the database: {_rule(error)}")
        return
    if record is None:
        tally.created += 1
    elif changed:
        tally.updated += 1
    else:
        tally.unchanged += 1


def _store(kind: MirroredClass, record_id: str, record: Any | None, body: Mapping[str, Any], refs: StoredRefs) -> bool:
    attributes = kind.inward(record_id, body, refs)
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
    own_times = {name: attributes[name] for name in ("created_at", "updated_at") if name in attributes}
    if own_times:
        # `auto_now` would say when it was pulled.
        kind.model._default_manager.filter(pk=record_id).update(**own_times)
    kind.finish(record, body, refs)
    return changed


def _take_audio(kind: MirroredClass, record: Any, body: Mapping[str, Any], source: Objects, tally: Tally) -> None:
    """Fetch the recording of a turn that has none here yet; outside any transaction."""
    if kind.audio is None or getattr(record, f"{kind.audio}_id") is not None:
        return
    file_id, url = body.get("audioFileId"), body.get("audioUrl")
    if not file_id and not url:
        return
    try:
        found = source.find_file(file_id) if isinstance(file_id, str) and file_id else None
        content = source.download(str(found["url"] if found and found.get("url") else url))
    except FileNotFoundError as error:
        tally.problems.append(f"{kind.name} {body['objectId']}: its audio cannot be had ({error})")
        tally.broken += 1
        return
    try:
        pcm, rate = mp3.decode(content)
        duration_ms = len(pcm) // 2 * 1000 // rate
    except mp3.Refused:
        tally.problems.append(f"{kind.name} {body['objectId']}: its audio is kept but does not play as MP3")
        duration_ms = 0
    now = clock.now()
    name = stores.LOCAL if stores.current() == stores.LEANCLOUD else stores.current()
    with transaction.atomic():
        recording = audio.place(content, store=name, duration_ms=duration_ms, now=now)
        if isinstance(file_id, str) and file_id:
            RemoteObject.objects.create(class_name=FILE, record_id=recording.pk, object_id=file_id)
        type(record)._default_manager.filter(pk=record.pk).update(**{kind.audio: recording})
        MirrorRow.objects.filter(class_name=kind.name, record_id=record.pk).delete()
    tally.recordings += 1


def _newer_here(kind: MirroredClass, record: Any, body: Mapping[str, Any]) -> bool:
    if MirrorRow.objects.filter(class_name=kind.name, record_id=record.pk).exists():
        return True
    there = moment("updatedAt", body.get("updatedAt"))
    return there is not None and kind.changed_at(record) > there


def _local_id(body: Mapping[str, Any], object_id: str) -> str:
    given = body.get(LOCAL_ID)
    return given if isinstance(given, str) and 0 < len(given) <= 40 else object_id


def _broken(tally: Tally, body: Mapping[str, Any], why: str) -> None:
    tally.broken += 1
    tally.problems.append(f"{tally.class_name} {body.get('objectId', '(no id)')}: {why}")


def _rule(error: IntegrityError) -> str:
    return str(error).split("\n")[0].removeprefix("CHECK constraint failed: ")[:120]


def problems(tallies: Iterable[Tally]) -> list[str]:
    return [problem for tally in tallies for problem in tally.problems]
