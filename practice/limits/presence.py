"""Tracks open sockets across all web processes, and what happens when a session loses its last one."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from coach.config import config
from coach.ids import new_id
from practice.lifecycle import SessionStatus
from practice.limits import outage_time
from practice.models import PracticeSession, Socket, WebProcess
from practice.sessions import SessionUnknown

SOCKETS_AT_MOST = 16
# A process that has not been seen for this long is dead, and so are its sockets.
DEAD_AFTER = timedelta(seconds=5)


class TooManySockets(Exception):
    """One session has more sockets than any number of tabs could explain."""


def process_started(process_id: str, *, now: datetime) -> None:
    """Register a web process. Time in which none was alive does not count as anybody's absence."""
    with transaction.atomic():
        # While nothing at all was running, every clock stood still.
        made_up = outage_time.make_up(now=now)
        latest = WebProcess.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
        if not made_up and latest is not None and (down := now - latest) > DEAD_AFTER:
            counted_down = _open().exclude(socket_deadline=None).select_for_update(no_key=True).order_by("pk")
            for session_id in counted_down.values_list("pk", flat=True):
                _open().filter(pk=session_id).update(socket_deadline=F("socket_deadline") + down)
        WebProcess.objects.update_or_create(pk=process_id, defaults={"seen_at": now})


def process_gone(process_id: str) -> None:
    """A process shut down normally."""
    Socket.objects.filter(process_id=process_id).delete()


def beat(process_id: str, *, now: datetime) -> None:
    """Record that this process is alive. One that was thought dead (suspended, or its row was deleted) comes back."""
    if not WebProcess.objects.filter(pk=process_id).update(seen_at=now):
        WebProcess.objects.create(pk=process_id, seen_at=now)


def is_alone(process_id: str, *, now: datetime) -> bool:
    """Whether no other web process is alive."""
    return not WebProcess.objects.filter(seen_at__gte=now - DEAD_AFTER).exclude(pk=process_id).exists()


def opened(session_id: str, process_id: str, *, now: datetime) -> str:
    """A socket was opened: the session is connected again. Returns the socket's id.

    Raises TooManySockets, and SessionUnknown if the session was erased just now.
    """
    with transaction.atomic():
        if PracticeSession.objects.locked(session_id) is None:
            raise SessionUnknown(session_id)
        alive = Socket.objects.filter(session_id=session_id, process__seen_at__gte=now - DEAD_AFTER)
        if alive.count() >= SOCKETS_AT_MOST:
            raise TooManySockets
        socket = Socket.objects.create(pk=new_id(), session_id=session_id, process_id=process_id, opened_at=now)
        PracticeSession.objects.filter(pk=session_id).update(had_socket=True, socket_deadline=None)
    return socket.pk


def closed(socket_id: str, session_id: str, *, now: datetime) -> None:
    """A socket was closed; if it was the last, the grace period begins."""
    with transaction.atomic():
        PracticeSession.objects.locked(session_id)
        Socket.objects.filter(pk=socket_id).delete()
        _alone(now).filter(pk=session_id).update(socket_deadline=now + grace())


def sweep(*, now: datetime) -> None:
    """Forget dead processes; sessions whose sockets died with them get their grace period from now on."""
    WebProcess.objects.filter(seen_at__lt=now - timedelta(hours=1)).delete()
    # One session per statement: two sweeps at once could lock several in different orders.
    for session_id in _alone(now).values_list("pk", flat=True):
        _alone(now).filter(pk=session_id).update(socket_deadline=now + grace())
    # The grace period runs although there is a socket: its process was thought dead and is not.
    saved = _open().filter(Exists(_alive(now)), socket_deadline__isnull=False)
    for session_id in saved.values_list("pk", flat=True):
        saved.filter(pk=session_id).update(socket_deadline=None)


def grace() -> timedelta:
    return timedelta(seconds=config.socket_grace_seconds)


def _alone(now: datetime) -> QuerySet[PracticeSession]:
    """Open sessions that had a socket, have none now, and whose grace period has not begun."""
    return _open().filter(~Exists(_alive(now)), had_socket=True, socket_deadline=None)


def _open() -> QuerySet[PracticeSession]:
    return PracticeSession.objects.exclude(status=SessionStatus.ENDED)


def _alive(now: datetime) -> QuerySet[Socket]:
    return Socket.objects.filter(session=OuterRef("pk"), process__seen_at__gte=now - DEAD_AFTER)
