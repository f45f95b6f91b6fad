"""Deletes recordings from their store, until the store confirms it (`coach.jobs`).

A deletion that is owed outlives the record it belongs to: a store that is down only delays it.
"""

from datetime import datetime

from django.db.models import Q

from coach.jobs import JobKind
from coach.storage import stores
from coach.storage.audio import UPLOAD_TAKES_AT_MOST
from coach.storage.models import AudioDeletion
from coach.storage.store_retries import BACKOFF, BATCH, GIVE_STORE_A_REST_AFTER, put_off
from coach.telemetry import names
from coach.telemetry.spans import span

DELETION: JobKind[AudioDeletion] = JobKind(
    "audio deletion",
    AudioDeletion,
    owed=Q(),
    held_until="next_attempt_at",
    attempts="attempts",
    error="last_error",
    lease=UPLOAD_TAKES_AT_MOST,
    backoff=BACKOFF,
)


def owe(store: str, key: str, now: datetime) -> None:
    """A copy that no record names any more is deleted from its store."""
    AudioDeletion.objects.update_or_create(
        store=store,
        key=key,
        defaults={"next_attempt_at": now},
        create_defaults={"created_at": now, "next_attempt_at": now},
    )


def delete_due(now: datetime) -> int:
    """Carry out owed deletions; returns how many stores confirmed.

    A store that fails three times is left alone until the next sweep; the others are not. Previously failed deletions
    come last, so that they never delay new ones.
    """
    due = AudioDeletion.objects.filter(next_attempt_at__lte=now)
    return sum(_delete_due_in(name, now) for name in due.order_by("store").values_list("store", flat=True).distinct())


def _delete_due_in(store: str, now: datetime) -> int:
    confirmed = failures = 0
    for owed in DELETION.due(now).filter(store=store).order_by("attempts", "next_attempt_at")[:BATCH]:
        # From here on no record can take over these bytes: see `copies.keep`.
        lease = DELETION.claim(owed.pk, now=now)
        if lease is None:
            continue
        try:
            with span(names.STORAGE_DELETE, **{names.STORE: store}):
                stores.store(store).delete(owed.key)
        except FileNotFoundError:
            pass
        except Exception as error:  # noqa: BLE001 (a store raises anything; kept in the row, logged, tried again)
            put_off(lease, error, now)
            failures += 1
            if failures == GIVE_STORE_A_REST_AFTER:
                break
            continue
        lease.held.delete()
        confirmed += 1
    return confirmed
