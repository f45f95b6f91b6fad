"""Deliver the outbox: create, replace or delete each noted record in LeanCloud until LeanCloud confirms it.

Only one process delivers at a time (a lease, renewed while it works), class by class, up to a hundred writes per
request. A refused record backs off and does not block the others, even if it makes LeanCloud refuse the whole request.
A create is recorded before it is sent; if its answer is lost, the object is looked up by `localId`, not created again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Min

from coach.leancloud import files, lease
from coach.leancloud.batch import BATCH_MAX, BatchWrite, WriteOutcome
from coach.leancloud.client import LeanCloud
from coach.leancloud.incoming import NotMirroredYet
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.records import LOCAL_ID, MirroredClass, classes
from coach.leancloud.refs import StoredRefs
from coach.leancloud.wire import LeanCloudError, LeanCloudRefused, LeanCloudUnavailable
from coach.telemetry import metrics, names
from coach.telemetry.spans import span

log = structlog.get_logger(__name__)

ROUNDS = 50

OBJECT_GONE = 101


@dataclass(frozen=True)
class Backlog:
    """Undelivered records: how many, since when, and how many were refused before."""

    waiting: int
    oldest: datetime | None
    failing: int


def backlog() -> Backlog:
    rows = OutboxRow.objects.all()
    return Backlog(
        waiting=rows.count(),
        oldest=rows.aggregate(oldest=Min("created_at"))["oldest"],
        failing=rows.filter(attempts__gt=0).count(),
    )


@dataclass(frozen=True)
class Round:
    """One pass over the classes: rows processed, and how many were delivered."""

    taken: int
    delivered: int


def deliver(lean: LeanCloud, *, now: datetime, still_ours: Callable[[], bool] = lambda: True) -> Round:
    """Send due records, at most a hundred per class.

    Raises LeanCloudUnavailable if LeanCloud is down, LeanCloudRefused if it refuses the keys; everything stays in
    the outbox.
    """
    taken = delivered = 0
    failure: LeanCloudUnavailable | None = None
    failed: list[OutboxRow] = []
    for kind in classes():
        rows = _due(lean, kind, now)
        if not rows:
            continue
        if not still_ours():
            break
        try:
            with span(names.MIRROR_DELIVER) as delivery:
                delivery.set(names.KIND, kind.name)
                delivery.set(names.COUNT, len(rows))
                up_to_date = _deliver_rows(lean, kind, rows, now, postpone_waiting=failure is None)
        except LeanCloudUnavailable as error:
            if failure:
                raise
            # LeanCloud is down, or one of these records makes it fail: the other classes will tell.
            failure, failed = error, rows
            lean.batch_sizes[kind.name] = max(1, len(rows) // 2)
            continue
        lean.batch_sizes[kind.name] = min(BATCH_MAX, lean.batch_sizes.get(kind.name, BATCH_MAX) * 2)
        metrics.count(names.MIRROR_DELIVERED, up_to_date, **{names.STATUS: names.OK})
        if late := len(rows) - up_to_date:
            metrics.count(names.MIRROR_DELIVERED, late, **{names.STATUS: names.FAILED})
        taken += len(rows)
        delivered += up_to_date
    if failure and len(failed) == 1 and delivered:
        _postpone(failed[0], "LeanCloud fails on it", now)
    elif failure:
        raise failure
    return Round(taken, delivered)


def _due(lean: LeanCloud, kind: MirroredClass, now: datetime) -> list[OutboxRow]:
    """The rows to send next, oldest first; a random choice after a failure, as one of the oldest may be the cause."""
    size = lean.batch_sizes.get(kind.name, BATCH_MAX)
    order = "id" if size == BATCH_MAX else "?"
    due = OutboxRow.objects.filter(class_name=kind.name, next_attempt_at__lte=now)
    return list(due.order_by(order)[:size])


@dataclass
class _Write:
    """One row being delivered."""

    row: OutboxRow
    operation: BatchWrite | None
    body: dict[str, Any] | None = None

    @property
    def creates(self) -> bool:
        return self.operation is not None and self.operation.method == "POST"


def _deliver_rows(
    lean: LeanCloud, kind: MirroredClass, rows: Sequence[OutboxRow], now: datetime, *, postpone_waiting: bool
) -> int:
    """Send these rows; the number that is up to date in LeanCloud now. The others are postponed."""
    ids = [row.record_id for row in rows]
    records = {record.pk: record for record in kind.records().filter(pk__in=ids)}
    known = {
        remote.record_id: remote for remote in RemoteObject.objects.filter(class_name=kind.name, record_id__in=ids)
    }
    _look_up_lost_creates(lean, kind, [remote for remote in known.values() if not remote.object_id])
    writes = _plan(kind, rows, records, known, now, postpone_waiting=postpone_waiting)
    to_send = [write for write in writes if write.operation]
    _announce_creates(kind, to_send)
    outcomes = _sent(lean, [write.operation for write in to_send if write.operation])
    accepted = []
    for write, outcome in zip(to_send, outcomes, strict=True):
        if _accepted(kind, write, outcome):
            accepted.append(write)
        else:
            _postpone(write.row, f"LeanCloud says {outcome.code}", now)
    done = [write for write in writes if not write.operation] + accepted
    for write in done:
        OutboxRow.objects.filter(pk=write.row.pk, version=write.row.version).delete()
    if kind.told_again:
        class_name, attribute = kind.told_again
        created = [records[write.row.record_id] for write in accepted if write.creates]
        note(class_name, [getattr(record, attribute) for record in created], now=now)
    return len(done)


def _plan(
    kind: MirroredClass,
    rows: Sequence[OutboxRow],
    records: Mapping[str, Any],
    known: Mapping[str, RemoteObject],
    now: datetime,
    *,
    postpone_waiting: bool,
) -> list[_Write]:
    """What to write for each row. A row that cannot be written yet is postponed and left out."""
    refs = StoredRefs()
    if kind.audio:
        files.look_up(refs.files(getattr(record, kind.audio) for record in records.values()))
    writes = []
    for row in rows:
        try:
            writes.append(_planned(kind, row, records.get(row.record_id), known.get(row.record_id), refs))
        except NotMirroredYet as missing:
            if postpone_waiting:
                _postpone(row, f"waits for {missing.class_name}", now)
        except LeanCloudError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one record, the others are sent)
            log.warning("a record cannot be mirrored", kind=kind.name, error=type(error).__name__)
            _postpone(row, f"cannot be sent: {type(error).__name__}", now)
    return writes


def _sent(lean: LeanCloud, operations: Sequence[BatchWrite]) -> list[WriteOutcome]:
    """One outcome per write. If LeanCloud refuses the whole request, find the cause by bisection."""
    try:
        return lean.batch(operations)
    except LeanCloudRefused as error:
        if error.of_the_app:
            raise
        if len(operations) == 1:
            return [WriteOutcome(code=error.code or error.status, error=str(error))]
    half = len(operations) // 2
    return _sent(lean, operations[:half]) + _sent(lean, operations[half:])


def _planned(
    kind: MirroredClass, row: OutboxRow, record: Any | None, remote: RemoteObject | None, refs: StoredRefs
) -> _Write:
    object_id = remote.object_id if remote else ""
    if record is None:
        if not object_id:
            RemoteObject.objects.filter(class_name=kind.name, record_id=row.record_id).delete()
            return _Write(row, None)
        return _Write(row, BatchWrite("DELETE", kind.name, object_id))
    body = (remote.unknown if remote else {}) | kind.outward(record, refs)
    if object_id:
        return _Write(row, BatchWrite("PUT", kind.name, object_id, body), body)
    return _Write(row, BatchWrite("POST", kind.name, body=body), body)


def _announce_creates(kind: MirroredClass, writes: Sequence[_Write]) -> None:
    creates = [write.row.record_id for write in writes if write.creates]
    RemoteObject.objects.bulk_create(
        [RemoteObject(class_name=kind.name, record_id=record_id) for record_id in creates], ignore_conflicts=True
    )


def _look_up_lost_creates(lean: LeanCloud, kind: MirroredClass, announced: Sequence[RemoteObject]) -> None:
    if not announced:
        return
    wanted = [remote.record_id for remote in announced]
    found = lean.find(kind.name, {LOCAL_ID: {"$in": wanted}}, limit=1000)
    made = {item[LOCAL_ID]: item for item in found}
    for remote in announced:
        if item := made.get(remote.record_id):
            remote.object_id, remote.remote_updated_at = item["objectId"], item.get("updatedAt", "")
            remote.save(update_fields=["object_id", "remote_updated_at"])


def _accepted(kind: MirroredClass, write: _Write, outcome: WriteOutcome) -> bool:
    operation = write.operation
    if operation is None:
        return True
    mapping = RemoteObject.objects.filter(class_name=kind.name, record_id=write.row.record_id)
    if operation.method == "DELETE":
        if outcome.success is None and outcome.code != OBJECT_GONE:
            return False
        mapping.delete()
        return True
    if outcome.success is None:
        if operation.method == "PUT" and outcome.code == OBJECT_GONE:
            # Deleted in LeanCloud: create it again at the next try.
            mapping.delete()
        return False
    if operation.method == "POST":
        created = outcome.success
        mapping.update(object_id=created["objectId"], remote_updated_at=created.get("createdAt", ""))
    else:
        mapping.update(remote_updated_at=outcome.success.get("updatedAt", ""))
    return True


def _postpone(row: OutboxRow, error: str, now: datetime) -> None:
    OutboxRow.objects.filter(pk=row.pk, version=row.version).update(
        attempts=row.attempts + 1,
        next_attempt_at=now + lease.DELIVERY.backoff.after(row.attempts + 1),
        last_error=error[:200],
    )


def run(lean: LeanCloud, *, clock: Callable[[], datetime]) -> int:
    """Deliver until nothing is due; returns the number of records. 0 if another process is delivering."""
    mine = lease.take(clock())
    if mine is None:
        return 0
    delivered = 0
    try:
        for _ in range(ROUNDS):
            done = deliver(lean, now=clock(), still_ours=lambda: mine.renew(clock()))
            delivered += done.delivered
            if not done.taken:
                break
    except LeanCloudError as error:
        log.warning("LeanCloud is not available", error=str(error), waiting=backlog().waiting)
    finally:
        mine.give_back(clock())
    return delivered


def note(class_name: str, record_ids: Iterable[str], *, now: datetime) -> int:
    """Add records that are not in the outbox yet; returns how many."""
    rows = [
        OutboxRow(class_name=class_name, record_id=record_id, created_at=now, next_attempt_at=now)
        for record_id in record_ids
    ]
    with transaction.atomic():
        return len(OutboxRow.objects.bulk_create(rows, ignore_conflicts=True))


def note_all(*, now: datetime) -> Iterator[int]:
    """Add every record, 500 at a time; yields how many were added."""
    for kind in classes():
        # Each 500 by a query of their own: SQLite refuses a write beside an open cursor once somebody else has written.
        rows = ids = kind.model._default_manager.order_by("pk").values_list("pk", flat=True)
        while some := list(rows[:500]):
            yield note(kind.name, some, now=now)
            rows = ids.filter(pk__gt=some[-1])
