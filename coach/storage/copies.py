"""Tracks bytes on their way into a store: a row names them before the first is written.

The row is an owed deletion. `keep` cancels it in the transaction of the record that takes over the bytes. Whatever
happens in between (a killed process, an erased session, a store that takes the bytes and loses its answer), the sweep
that carries out owed deletions removes bytes that no record took over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coach.storage.models import AudioDeletion

WRITING_TAKES_AT_MOST = timedelta(minutes=5)
"""Longer than writing takes if every request runs into its time-out."""


class CopyGone(Exception):
    """The bytes were not taken over in time and are being deleted."""


@dataclass(frozen=True)
class Copy:
    """Where the bytes will be. `key` is unique to this attempt: nothing else ever writes or deletes under it."""

    store: str
    key: str


def begin(store: str, key: str, *, of: str, now: datetime, within: timedelta = WRITING_TAKES_AT_MOST) -> Copy:
    """Commit the row that names the bytes; call it before writing, outside any transaction.

    `of`: the record they belong to, by which an erasure finds them. `within`: after this time nobody writes any more.
    """
    AudioDeletion.objects.create(store=store, key=key, subject=of, created_at=now, next_attempt_at=now + within)
    return Copy(store, key)


def keep(copy: Copy) -> None:
    """The bytes now belong to a record that is written in the same transaction. Raises CopyGone."""
    if not AudioDeletion.objects.filter(store=copy.store, key=copy.key, attempts=0).delete()[0]:
        raise CopyGone(copy.key)


def drop(copy: Copy, *, now: datetime) -> None:
    """No record takes over the bytes: delete them now."""
    AudioDeletion.objects.filter(store=copy.store, key=copy.key, attempts=0).update(next_attempt_at=now)


def watch(subjects: dict[str, str]) -> None:
    """An erasure covers these records (subject → erasure), so it also waits for bytes still being written for them."""
    under_way = AudioDeletion.objects.filter(subject__in=list(subjects)).exclude(subject="")
    for owed in under_way.order_by("pk"):
        AudioDeletion.objects.filter(pk=owed.pk).update(erasure=subjects[owed.subject])
