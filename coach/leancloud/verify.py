"""Compare all records with LeanCloud, field by field, and recordings by checksum.

Memory holds one page of objects; the ids of records seen so far are kept on disk.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coach.leancloud import compare, recordings
from coach.leancloud.disk_spill import DiskSpill
from coach.leancloud.incoming import NotMirroredYet, Refs
from coach.leancloud.intake import PAGE
from coach.leancloud.jsonstream import Unreadable
from coach.leancloud.models import RemoteObject
from coach.leancloud.pull import Objects
from coach.leancloud.records import MirroredClass, classes
from coach.leancloud.refs import ComparingRefs
from coach.leancloud.values import BrokenValue, FileReference, file_reference, plain_id, storable
from coach.leancloud.wire import LeanCloudError, LeanCloudRefused
from coach.storage import audio
from coach.storage.audio import AudioLost

IDS = 2_000

Progress = Callable[[str, int], None]
"""Called with a class name and the number of its objects compared so far."""


@dataclass
class Comparison:
    """Extent of a comparison: objects compared per class, and what could not be read."""

    compared: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def differences(
    source: Objects, *, comparison: Comparison | None = None, progress: Progress = lambda name, count: None
) -> Iterator[str]:
    """Yield a sentence for each difference; `comparison` receives the extent.

    Raises LeanCloudError if the keys are refused.
    """
    so_far = comparison or Comparison()
    for kind in classes():
        yield from _OneComparison(kind, source, so_far, progress).differences()


class _OneComparison:
    """Compares one class page by page."""

    def __init__(self, kind: MirroredClass, source: Objects, comparison: Comparison, progress: Progress) -> None:
        self.kind = kind
        self._source = source
        self._comparison = comparison
        self._progress = progress
        self._refs: Refs = ComparingRefs()
        self._seen = DiskSpill()
        self._is_whole = True

    def differences(self) -> Iterator[str]:
        try:
            for page in self._source.scan(self.kind.name, page=PAGE):
                yield from self._of_page(page)
        except LeanCloudError as error:
            if isinstance(error, LeanCloudRefused) and error.of_the_app:
                raise
            self._could_not_read(str(error))
        if not self._is_whole:
            # Records not seen may be in the unreadable part.
            return
        for some in self._ids_here():
            met = self._seen.get(some)
            yield from (self._sentence(each, "is not in LeanCloud") for each in some if each not in met)

    def _ids_here(self) -> Iterator[list[str]]:
        """The ids of all local records, page by page."""
        every, last = self.kind.model._default_manager.order_by("pk").values_list("pk", flat=True), ""
        while some := list(every.filter(pk__gt=last)[:IDS]):
            yield some
            last = some[-1]

    def _of_page(self, page: Sequence[Any]) -> Iterator[str]:
        named: list[Mapping[str, Any]] = []
        for item in page:
            if isinstance(item, Unreadable):
                self._could_not_read(item.why)
            elif isinstance(item, Mapping) and isinstance(item.get("objectId"), str) and item["objectId"]:
                named.append(storable(item))
            else:
                yield f"{self.kind.name}: an entry has no objectId"
        ids = [body["objectId"] for body in named]
        rows = RemoteObject.objects.filter(class_name=self.kind.name, object_id__in=ids)
        here = {row.object_id: row.record_id for row in rows}
        records = {record.pk: record for record in self.kind.records().filter(pk__in=here.values())}
        self._seen.put((record_id, None) for record_id in records)
        spoken: list[tuple[Any, Mapping[str, Any]]] = []
        for body in named:
            record = records.get(here.get(body["objectId"], ""))
            if record is None:
                yield self._sentence(body["objectId"], "is not here")
                continue
            yield from self._of_fields(record, body)
            spoken.append((record, body))
        if self.kind.audio is not None:
            yield from self._of_audio(spoken)
        compared = self._comparison.compared.get(self.kind.name, 0) + len(named)
        self._comparison.compared[self.kind.name] = compared
        self._progress(self.kind.name, compared)

    def _of_fields(self, record: Any, body: Mapping[str, Any]) -> Iterator[str]:
        try:
            for name in compare.differing(self.kind, record, body, self._refs):
                yield self._sentence(body["objectId"], f"{name} differs")
        except NotMirroredYet as missing:
            yield self._sentence(body["objectId"], f"refers to a {missing.class_name} that is not in LeanCloud")

    def _of_audio(self, spoken: Sequence[tuple[Any, Mapping[str, Any]]]) -> Iterator[str]:
        references: list[tuple[Any, str, FileReference]] = []
        for record, body in spoken:
            try:
                references.append((record, body["objectId"], file_reference(body)))
            except BrokenValue as error:
                yield self._sentence(body["objectId"], str(error))
        stored = recordings.stored_files(self._source, [reference for _, _, reference in references])
        for record, object_id, reference in references:
            found = self._audio_difference(record, reference, stored.get(reference.file_id, {}))
            if found:
                yield self._sentence(object_id, found)

    def _audio_difference(self, record: Any, reference: FileReference, file: Mapping[str, Any]) -> str:
        recording = getattr(record, self.kind.audio or "")
        if not reference:
            return "its audio is not in LeanCloud" if recording is not None else ""
        if recording is None:
            return "its audio is not here"
        try:
            mine = hashlib.md5(audio.read(recording), usedforsecurity=False).hexdigest()
            theirs = self._checksum(reference, file)
        except (AudioLost, FileNotFoundError):
            return "the bytes of its audio are missing"
        except (LeanCloudError, OSError) as error:
            return f"its audio cannot be compared ({error})"
        return "its audio differs" if mine != theirs else ""

    def _checksum(self, reference: FileReference, file: Mapping[str, Any]) -> str:
        stated = recordings.stated_checksum(file)
        if stated is not None:
            return stated
        content = self._source.download(recordings.address(reference, file))
        return hashlib.md5(content, usedforsecurity=False).hexdigest()

    def _could_not_read(self, why: str) -> None:
        self._is_whole = False
        self._comparison.unread.append(f"{self.kind.name}: {why}")

    def _sentence(self, object_id: str, what: str) -> str:
        return f"{self.kind.name} {plain_id(object_id)}: {what}"
