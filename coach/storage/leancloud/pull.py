"""Bring a whole LeanCloud app here: records in the order of their references, then the bytes of their audio.

Runs again at no cost: what has not changed over there since is left alone, so a pull that was killed goes on where it
was. An object that cannot become a record is reported and never stops the others. In memory are one page of objects and
DOWNLOADS recordings, however large the app.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from coach import clock
from coach.audio import mp3
from coach.storage import audio, stores
from coach.storage.leancloud.aside import Aside
from coach.storage.leancloud.records import FILE, LOCAL_ID, Broken, MirroredClass, classes, moment
from coach.storage.leancloud.refs import StoredRefs
from coach.storage.models import MirrorRow, RemoteObject

PAGE = 200
DOWNLOADS = 8
"""Recordings on their way at once."""


class Objects(Protocol):
    """Where objects come from: the service itself, or an export of it."""

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[dict[str, Any]]]: ...

    def find_files(self, object_ids: Iterable[str]) -> dict[str, dict[str, Any]]: ...

    def download(self, url: str) -> bytes: ...


@dataclass
class Tally:
    """What became of one class."""

    class_name: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    newer_here: int = 0
    broken: int = 0
    recordings: int = 0

    @property
    def seen(self) -> int:
        return self.created + self.updated + self.unchanged + self.newer_here + self.broken


Progress = Callable[[Tally], None]
Report = Callable[[str], None]
"""Takes one sentence for the operator."""


def pull(
    source: Objects, *, report: Report, force: bool = False, progress: Progress = lambda tally: None
) -> list[Tally]:
    """Everything of every class; `force` overwrites records that are newer here. Raises LeanCloudError."""
    refs = StoredRefs()
    tallies = []
    for kind in classes():
        one = _OneClass(kind, source, refs, report, force)
        tallies.append(one.tally)
        for page in source.scan(kind.name, page=PAGE):
            one.take(page)
            progress(one.tally)
        one.take_chains()
        progress(one.tally)
    return tallies


class _RefersToItsOwnClass(Exception):
    """The object names one of its own class that has not come yet."""


class _OneClass:
    """The objects of one class on their way here."""

    def __init__(self, kind: MirroredClass, source: Objects, refs: StoredRefs, report: Report, force: bool) -> None:
        self.kind = kind
        self.tally = Tally(kind.name)
        self._source = source
        self._refs = refs
        self._report = report
        self._force = force
        # Of the page at hand: records that have an object there already.
        self._mapped: set[str] = set()
        # Objects that name another of their class which has not come yet.
        self._later = Aside()

    def take(self, page: Sequence[dict[str, Any]]) -> None:
        spoken = []
        ids = [object_id for object_id, _ in _by_id(page)]
        mapped = RemoteObject.objects.filter(class_name=self.kind.name, object_id__in=ids)
        known = {remote.object_id: remote for remote in mapped}
        here = {known[each].record_id if each in known else _local_id(body, each) for each, body in _by_id(page)}
        records = {record.pk: record for record in self.kind.records().filter(pk__in=here)}
        self._mapped = set(
            RemoteObject.objects.filter(class_name=self.kind.name, record_id__in=here).values_list(
                "record_id", flat=True
            )
        )
        for body in page:
            try:
                record = self._take(body, known, records)
            except _RefersToItsOwnClass:
                self._later.put([(str(body["objectId"]), body)])
                continue
            if record is not None and self._lacks_its_audio(record, body):
                spoken.append((record, body))
        self._fetch_audio(spoken)

    def take_chains(self) -> None:
        """Objects that wait for others of their class, as long as a round brings one further."""
        while waiting := len(self._later):
            later, self._later = self._later, Aside()
            for page in later.pages(PAGE):
                self.take(page)
            if len(self._later) == waiting:
                for page in self._later.pages(PAGE):
                    for body in page:
                        self._broken(body, f"refers to a {self.kind.name} that is not there")
                return

    def _take(
        self, body: Mapping[str, Any], mapped: Mapping[str, RemoteObject], records: Mapping[str, Any]
    ) -> Any | None:
        """The record of an object; None where there is none."""
        kind, object_id = self.kind, body.get("objectId")
        if not isinstance(object_id, str) or not object_id:
            self._broken(body, "objectId: is missing")
            return None
        known = mapped.get(object_id)
        record_id = known.record_id if known else _local_id(body, object_id)
        record = records.get(record_id)
        seen_at = str(body.get("updatedAt", ""))
        if record is not None and not self._force:
            if known and known.remote_updated_at == seen_at and seen_at:
                self.tally.unchanged += 1
                return record
            if _newer_here(kind, record, body):
                self.tally.newer_here += 1
                self._report(f"{kind.name} {object_id}: newer here, left alone (--force overwrites)")
                return None
        try:
            with transaction.atomic():
                stored, changed = _store(kind, record_id, record, body, self._refs)
                self._map(record_id, object_id=object_id, remote_updated_at=seen_at, unknown=kind.unknown(body))
                # What was just taken over needs no telling back.
                MirrorRow.objects.filter(class_name=kind.name, record_id=record_id).delete()
        except Broken as error:
            if str(error) == f"refers to a {kind.name} that is not there":
                raise _RefersToItsOwnClass from None
            self._broken(body, str(error))
            return None
        except IntegrityError as error:
            self._broken(body, f"breaks a rule of the database: {_rule(error)}")
            return None
        except OperationalError:
            raise
        except DatabaseError as error:
            self._broken(body, f"cannot be stored: {_rule(error)}")
            return None
        self._mapped.add(record_id)
        self._refs.learn(kind.name, record_id, object_id)
        if record is None:
            self.tally.created += 1
        elif changed:
            self.tally.updated += 1
        else:
            self.tally.unchanged += 1
        return stored

    def _map(self, record_id: str, **values: Any) -> None:
        """Note which object a record is, in one statement: `update_or_create` takes four."""
        if record_id in self._mapped:
            RemoteObject.objects.filter(class_name=self.kind.name, record_id=record_id).update(**values)
        else:
            RemoteObject.objects.create(class_name=self.kind.name, record_id=record_id, **values)

    def _lacks_its_audio(self, record: Any, body: Mapping[str, Any]) -> bool:
        if self.kind.audio is None or getattr(record, f"{self.kind.audio}_id") is not None:
            return False
        return bool(body.get("audioFileId") or body.get("audioUrl"))

    def _fetch_audio(self, spoken: list[tuple[Any, dict[str, Any]]]) -> None:
        """Fetch the recordings of turns that have none here yet; outside any transaction."""
        if not spoken:
            return
        ids = [body["audioFileId"] for _, body in spoken if isinstance(body.get("audioFileId"), str)]
        found = self._source.find_files(ids)
        waiting = iter(spoken)
        with ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="pull") as pool:
            while some := list(islice(waiting, DOWNLOADS)):
                addresses = [_address(body, found) for _, body in some]
                downloads = [pool.submit(self._source.download, address) for address in addresses]
                for (record, body), download in zip(some, downloads, strict=True):
                    try:
                        content = download.result()
                    except FileNotFoundError as error:
                        self._broken(body, f"its audio cannot be had ({error})")
                        continue
                    try:
                        self._keep_audio(record, body, content)
                    except audio.AudioLost:
                        self._broken(body, "its audio took too long to be stored; pull again")

    def _keep_audio(self, record: Any, body: Mapping[str, Any], content: bytes) -> None:
        try:
            pcm, rate = mp3.decode(content)
            duration_ms = len(pcm) // 2 * 1000 // rate
        except mp3.RecordingRefused:
            self._report(f"{self.kind.name} {body['objectId']}: its audio is kept but does not play as MP3")
            duration_ms = 0
        file_id = body.get("audioFileId")
        name = stores.LOCAL if stores.current() == stores.LEANCLOUD else stores.current()
        recording = audio.deposit(content, store=name, duration_ms=duration_ms, now=clock.now())
        with transaction.atomic():
            audio.adopt(recording)
            if isinstance(file_id, str) and file_id:
                RemoteObject.objects.update_or_create(
                    class_name=FILE, object_id=file_id, defaults={"record_id": recording.pk}
                )
            type(record)._default_manager.filter(pk=record.pk).update(**{str(self.kind.audio): recording})
            MirrorRow.objects.filter(class_name=self.kind.name, record_id=record.pk).delete()
        self.tally.recordings += 1

    def _broken(self, body: Mapping[str, Any], why: str) -> None:
        self.tally.broken += 1
        self._report(f"{self.kind.name} {body.get('objectId', '(no id)')}: {why}")


def _store(
    kind: MirroredClass, record_id: str, record: Any | None, body: Mapping[str, Any], refs: StoredRefs
) -> tuple[Any, bool]:
    """The record as it is stored now, and whether that changed it."""
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
    own_times = {name: attributes[name] for name in _set_by_themselves(kind) if name in attributes}
    if own_times:
        # `auto_now` would say when it was pulled.
        kind.model._default_manager.filter(pk=record_id).update(**own_times)
    kind.finish(record, body, refs)
    return record, changed


def _set_by_themselves(kind: MirroredClass) -> list[str]:
    columns = kind.model._meta.concrete_fields
    return [
        each.attname for each in columns if getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False)
    ]


def _by_id(page: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((body["objectId"], body) for body in page if isinstance(body.get("objectId"), str))


def _address(body: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]) -> str:
    file = found.get(str(body.get("audioFileId")), {})
    return str(file.get("url") or body.get("audioUrl") or "")


def _newer_here(kind: MirroredClass, record: Any, body: Mapping[str, Any]) -> bool:
    if MirrorRow.objects.filter(class_name=kind.name, record_id=record.pk).exists():
        return True
    there = moment("updatedAt", body.get("updatedAt"))
    return there is not None and kind.changed_at(record) > there


def _local_id(body: Mapping[str, Any], object_id: str) -> str:
    given = body.get(LOCAL_ID)
    return given if isinstance(given, str) and 0 < len(given) <= 40 else object_id


def _rule(error: DatabaseError) -> str:
    return str(error).split("\n")[0].removeprefix("CHECK constraint failed: ")[:120]
