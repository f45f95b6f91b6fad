"""A web process that counts where its CPU time goes; `speaking --costs` starts it instead of plain Daphne.

The operating system counts processor time per thread: nothing is sampled, and other load on the machine hardly changes
the result. On SIGUSR1 the process writes the seconds used so far to the file named in COSTS, with the pauses of garbage
collection and how late the event loop came to a timer.
"""

import asyncio
import functools
import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import daphne.cli  # noqa: E402
from django.db.backends.utils import CursorWrapper  # noqa: E402

from coach import threads  # noqa: E402
from coach.audio import encode  # noqa: E402
from coach.edge.lifespan import lifespan  # noqa: E402

MAIN = threading.get_ident()
_work = threading.local()
_lock = threading.Lock()
_used: dict[str, list[float]] = {}
"""By work in a thread: times begun, seconds of processor time, of these in statements and in MP3s, statements."""
_pauses: list[tuple[int, float]] = []
"""By garbage collection: the generation, and its seconds."""
_late: list[float] = []
"""Seconds by which the event loop was late for a timer, a hundred times a second."""
TIMER_SECONDS = 0.01


def main() -> None:
    threads.retried = _counted(threads.retried)  # type: ignore[assignment]
    CursorWrapper.execute = _within(CursorWrapper.execute, "statements")  # type: ignore[method-assign]
    encode.to_mp3 = _within(encode.to_mp3, "mp3")
    signal.signal(signal.SIGUSR1, lambda *_: _tell())
    gc.callbacks.append(_collecting())
    lifespan.on_start(_watch_the_loop)
    daphne.cli.CommandLineInterface.entrypoint()


def _collecting() -> Callable[[str, dict[str, int]], None]:
    began = 0.0

    def told(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            _pauses.append((info["generation"], time.perf_counter() - began))

    return told


async def _watch_the_loop() -> None:
    loop = asyncio.get_running_loop()

    def look(due: float) -> None:
        now = loop.time()
        _late.append(now - due)
        loop.call_at(now + TIMER_SECONDS, look, now + TIMER_SECONDS)

    loop.call_soon(look, loop.time())


def _counted(retried: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(work: Callable[..., Any]) -> Callable[..., Any]:
        name, again = _named(work), retried(work)

        @functools.wraps(work)
        def begun(*args: Any, **kwargs: Any) -> Any:
            _work.statements, _work.mp3, _work.asked = 0.0, 0.0, 0
            before = time.thread_time()
            try:
                return again(*args, **kwargs)
            finally:
                spent = time.thread_time() - before
                with _lock:
                    sums = _used.setdefault(name, [0, 0, 0, 0, 0])
                    for at, more in enumerate((1, spent, _work.statements, _work.mp3, _work.asked)):
                        sums[at] += more

        return begun

    return wrapped


def _named(work: Callable[..., Any]) -> str:
    """The `module.function` to charge, also if a thread does the work for it."""
    closed_over = dict(zip(work.__code__.co_freevars, work.__closure__ or (), strict=True)) if _plain(work) else {}
    inner = closed_over["work"].cell_contents if "work" in closed_over else work
    inner = getattr(inner, "func", inner)
    return f"{inner.__module__.rpartition('.')[2]}.{inner.__qualname__}"


def _plain(work: Callable[..., Any]) -> bool:
    return hasattr(work, "__code__")


def _within(function: Callable[..., Any], what: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        before = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            setattr(_work, what, getattr(_work, what, 0.0) + time.thread_time() - before)
            if what == "statements":
                _work.asked = getattr(_work, "asked", 0) + 1

    return timed


def _tell() -> None:
    with _lock:
        told = {
            "process": time.process_time(),
            "loop": time.clock_gettime(time.pthread_getcpuclockid(MAIN)),
            "pauses": list(_pauses),
            "late": list(_late),
            "work": {name: list(sums) for name, sums in _used.items()},
        }
    into = Path(os.environ["COSTS"])
    into.with_suffix(".new").write_text(json.dumps(told))
    into.with_suffix(".new").replace(into)


if __name__ == "__main__":
    main()
