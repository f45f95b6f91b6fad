"""Bytes on their way into a store: a row names them before the first is written.

The row is an owed deletion. `keep` waives it in the transaction of the record that takes the bytes over. Whatever
happens in between (a killed process, an erased session, a store that takes the bytes and loses its answer), the sweep
that pays owed deletions removes what nothing took over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coach.storage.models import AudioDeletion

WRITING_TAKES_AT_MOST = timedelta(minutes=5)
"""Longer than every request of it takes when each runs into its time-out."""


class CopyGone(Exception):
    """The bytes were not taken over in time and are being deleted."""


@dataclass(frozen=True)
class Copy:
    """Where the bytes will be. `key` is of this one attempt: nobody else ever writes or deletes under it."""

    store: str
    key: str


def begin(store: str, key: str, *, of: str, now: datetime, within: timedelta = WRITING_TAKES_AT_MOST) -> Copy:
    """Commit the row that names the bytes; call it outside any transaction, before writing.

    `of`: the record they belong to, by which an erasure finds them. `within`: after this long nobody writes any more.
    """
    AudioDeletion.objects.create(store=store, key=key, subject=of, created_at=now, next_attempt_at=now + within)
    return Copy(store, key)


def keep(copy: Copy) -> None:
    """The bytes belong to a record now, which is written in the same transaction. Raises CopyGone."""
    if not AudioDeletion.objects.filter(store=copy.store, key=copy.key, attempts=0).delete()[0]:
        raise CopyGone(copy.key)


def drop(copy: Copy, *, now: datetime) -> None:
    """Nothing takes the bytes over: delete them now."""
    AudioDeletion.objects.filter(store=copy.store, key=copy.key, attempts=0).update(next_attempt_at=now)


def watch(subjects: dict[str, str]) -> None:
    """An erasure takes these records: what is still being written for them counts as theirs. Subject → erasure."""
    under_way = AudioDeletion.objects.filter(subject__in=list(subjects)).exclude(subject="")
    for owed in under_way.order_by("pk"):
        AudioDeletion.objects.filter(pk=owed.pk).update(erasure=subjects[owed.subject])
