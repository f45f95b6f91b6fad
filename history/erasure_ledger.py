"""Keeps the list of erasures where restoring a database cannot undo it: in the audio store, and in files.

A backup still contains what people erased after it was made. After a restore `again` repeats these erasures. The ledger
contains ids and times only.
"""

import gzip
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog
from django.core.files.base import ContentFile

from coach.ids import new_id
from coach.storage import stores
from history import erasure, export
from history.models import Erasure
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

FOLDER = "erasures"
BATCH = 500
_ID = re.compile(r"[!-~]{1,40}")


class LedgerUnreadable(Exception):
    """`str()` is one sentence for the operator."""


def note_new(now: datetime) -> int:
    """Append new erasures to the store's ledger; returns how many. Raises what the store raises."""
    fresh = list(Erasure.objects.filter(noted_at=None).order_by("requested_at")[:BATCH])
    if fresh:
        name = f"{FOLDER}/{now.astimezone(UTC):%Y-%m-%dT%H%M%S}-{new_id()[:8]}.jsonl"
        stores.store(export.store()).save(name, ContentFile(_lines(fresh).encode()))
        # An entry written twice, by a worker that died here, does no harm.
        Erasure.objects.filter(pk__in=[each.pk for each in fresh]).update(noted_at=now)
    return len(fresh)


def write(path: Path) -> int:
    """Write every erasure known to the database or the store into a file, to be copied elsewhere; returns how many."""
    known = {each.session_id: each for each in Erasure.objects.iterator(chunk_size=BATCH)}
    lines = _lines(known.values()) + "".join(
        f"{json.dumps({'session': session_id})}\n" for session_id in in_store() if session_id not in known
    )
    partial = path.with_name(path.name + ".part")
    partial.write_text(lines)
    partial.replace(path)
    return lines.count("\n")


def in_store() -> set[str]:
    """Ids of sessions in the store's ledger."""
    store = stores.store(export.store())
    try:
        _, names = store.listdir(FOLDER)
    except FileNotFoundError:
        return set()
    found: set[str] = set()
    for name in names:
        with store.open(f"{FOLDER}/{name}", "rb") as file:
            found |= set(_ids(file.read().decode().splitlines(), name))
    return found


def in_file(path: Path) -> set[str]:
    """Ids in a file written by `write`, or in a later backup. Raises LedgerUnreadable."""
    try:
        if not tarfile.is_tarfile(path):
            return set(_ids(path.read_text("utf-8-sig").splitlines(), path.name))
        found: set[str] = set()
        with tarfile.open(path, "r:*") as packed:
            for member in packed:
                if f"{FOLDER}/" in member.name and member.isfile() and (file := packed.extractfile(member)):
                    found |= set(_ids(file.read().decode().splitlines(), member.name))
        return found
    except (OSError, EOFError, tarfile.TarError, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise LedgerUnreadable(f"{path} cannot be read ({type(error).__name__})") from None


def again(session_ids: Iterable[str], *, now: datetime) -> int:
    """Erase those of the sessions that are back; returns how many."""
    wanted, erased = sorted(session_ids), 0
    for first in range(0, len(wanted), BATCH):
        back = PracticeSession.objects.filter(pk__in=wanted[first : first + BATCH]).values_list("pk", flat=True)
        erased += erasure.erase_these(list(back), now=now)
    if erased:
        log.warning("sessions that a restore had brought back were erased again", count=erased)
    return erased


def _lines(erasures: Iterable[Erasure]) -> str:
    return "".join(
        json.dumps({"session": each.session_id, "requested": each.requested_at.isoformat()}) + "\n" for each in erasures
    )


def _ids(lines: Iterable[str], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            session_id = json.loads(line)["session"]
        except (ValueError, KeyError, TypeError, RecursionError):
            session_id = None
        # Anything else would break some database.
        if not isinstance(session_id, str) or not _ID.fullmatch(session_id):
            raise LedgerUnreadable(f"line {number} of {name} is no erasure")
        yield session_id
