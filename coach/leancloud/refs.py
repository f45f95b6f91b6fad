"""Local ids ⇄ remote ids, from the RemoteObject table."""

from collections.abc import Collection, Iterable

from coach.leancloud.incoming import NotMirroredYet, Refs
from coach.leancloud.models import RemoteObject
from coach.leancloud.records import FILE
from coach.leancloud.values import MissingReference
from coach.storage.audio import OtherCopy
from coach.storage.models import AudioFile
from coach.storage.stores import LEANCLOUD, store

REMEMBERED = 20_000


class StoredRefs(Refs):
    """Looks ids up and caches the latest; lives for one batch or one pull."""

    def __init__(self, absent: Collection[tuple[str, str]] = ()) -> None:
        """`absent`: (class, object id) of erased records, which may still have rows."""
        self._absent = absent
        self._remote: dict[tuple[str, str], str] = {}
        self._local: dict[tuple[str, str], str] = {}

    def remote(self, class_name: str, record_id: str) -> str:
        key = (class_name, record_id)
        if key not in self._remote:
            found = (
                RemoteObject.objects.filter(class_name=class_name, record_id=record_id).exclude(object_id="").first()
            )
            if found is None:
                raise NotMirroredYet(class_name, record_id)
            self.learn(class_name, record_id, found.object_id)
        return self._remote[key]

    def local(self, class_name: str, object_id: str) -> str:
        key = (class_name, object_id)
        if key in self._absent:
            raise MissingReference(class_name, object_id)
        if key not in self._local:
            found = RemoteObject.objects.filter(class_name=class_name, object_id=object_id).first()
            if found is None:
                raise MissingReference(class_name, object_id)
            self.learn(class_name, found.record_id, object_id)
        return self._local[key]

    def address(self, file_id: str) -> str | None:
        return store(LEANCLOUD).url(file_id)

    def learn(self, class_name: str, record_id: str, object_id: str) -> None:
        for known, key, value in (
            (self._remote, (class_name, record_id), object_id),
            (self._local, (class_name, object_id), record_id),
        ):
            known[key] = value
            if len(known) > REMEMBERED:
                del known[next(iter(known))]

    def files(self, recordings: Iterable[AudioFile | None]) -> list[str]:
        """The `_File` ids of those recordings that have one."""
        given = [recording for recording in recordings if recording is not None]
        elsewhere = [recording.pk for recording in given if recording.store != LEANCLOUD]
        for found in RemoteObject.objects.filter(class_name=FILE, record_id__in=elsewhere).exclude(object_id=""):
            self.learn(FILE, found.record_id, found.object_id)
        ids = [self.remote_or_none(FILE, record_id) for record_id in elsewhere]
        there = [recording.key for recording in given if recording.store == LEANCLOUD]
        return there + [file_id for file_id in ids if file_id]


class ComparingRefs(StoredRefs):
    """For comparisons: files are compared by bytes, not by URL."""

    def address(self, file_id: str) -> str | None:
        return None


def release_files(recordings: Collection[str]) -> list[OtherCopy]:
    """Unlink recordings from their `_File` objects and return those; part of the caller's transaction."""
    rows = RemoteObject.objects.filter(class_name=FILE, record_id__in=recordings)
    copies = [OtherCopy(row.record_id, LEANCLOUD, row.object_id) for row in rows if row.object_id]
    rows.delete()
    return copies
