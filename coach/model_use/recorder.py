"""Records the model calls of one process in the accounts; no caller waits or fails because of it."""

import asyncio
import threading
from collections import deque

import structlog
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError

from coach import clock
from coach.model_use import totals
from coach.providers import model_calls
from coach.providers.model_calls import ModelCall
from coach.telemetry import names
from coach.threads import in_thread

log = structlog.get_logger(__name__)

# Calls made while the database was away; added along with the next one.
_unwritten: deque[ModelCall] = deque(maxlen=10_000)
_writing = threading.Lock()
_tasks: set[asyncio.Task[bool]] = set()


def start() -> None:
    """Start recording; call once per process."""
    model_calls.listen(note)


def note(call: ModelCall) -> None:
    """Record one call: at once in a thread, in the background on an event loop."""
    if call.role == names.EMBEDDINGS:
        return  # Always local, many per turn, and free.
    _unwritten.append(call)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        write()
    else:
        _begin()


def write() -> bool:
    """Write waiting calls; False if the database does not accept them now, so that they wait for the next one.

    Nobody waits for another thread that is writing: it takes along what was added meanwhile. Threads that waited here
    for the database kept turns from being answered.
    """
    while _unwritten:
        if not _writing.acquire(blocking=False):
            break
        try:
            if not _write_all():
                return False
        finally:
            _writing.release()
    return True


def _write_all() -> bool:
    while _unwritten:
        try:
            totals.add(_unwritten[0], now=clock.now())
        except (DataError, IntegrityError) as error:
            # This one can never be stored; go on with the others.
            log.error("model use not recorded", error=type(error).__name__)
        except (DatabaseError, InterfaceError) as error:
            log.warning("model use not recorded yet", error=type(error).__name__, count=len(_unwritten))
            return False
        _unwritten.popleft()
    return True


def _begin() -> None:
    if _here():
        return
    task = asyncio.create_task(in_thread(write), name="model-use")
    _tasks.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[bool]) -> None:
    _tasks.discard(task)
    # A call may have been added after the last look. Whoever is writing now looks again before it ends.
    if _unwritten and not _writing.locked() and not task.cancelled() and task.exception() is None and task.result():
        _begin()


def _here() -> list[asyncio.Task[bool]]:
    """The writes of this event loop."""
    loop = asyncio.get_running_loop()
    return [task for task in _tasks if task.get_loop() is loop]


async def finish() -> None:
    """Wait for pending writes, because the process is stopping."""
    while under_way := _here():
        await asyncio.wait(under_way)
