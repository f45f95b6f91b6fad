"""Changes a record's status as its lifecycle allows, once, with its session locked, and notifies all watchers."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from practice import notifications
from practice.lifecycle import Lifecycle
from practice.models import PracticeSession


def move(
    rows: "QuerySet[Any]", lifecycle: Lifecycle, to: Any, *, session_id: str, tell: bool = True, **changes: Any
) -> bool:
    """Move the one record in `rows` if it still may; False if another process moved it, or the session is gone.

    `rows` also states what else must still be true (who holds the lease, which limit has passed). `changes` are written
    with the status. The session is locked first, which is the one lock order (`SessionQuerySet.locked`).
    """
    with transaction.atomic():
        if PracticeSession.objects.locked(session_id) is None:
            return False
        moved = move_held(rows, lifecycle, to, **changes)
        if moved and tell:
            notifications.notify(session_id)
    return moved


def move_held(rows: "QuerySet[Any]", lifecycle: Lifecycle, to: Any, **changes: Any) -> bool:
    """Like `move`, for use inside a transaction that has locked the session; notifies nobody."""
    return bool(rows.filter(lifecycle.may_become(to)).update(**lifecycle.to(to), **changes))
