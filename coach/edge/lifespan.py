"""The lifespan of one web process: what starts with it, and what it hands over before it stops.

Modules register coroutine functions when they are imported; the server runs them in its event loop.

    @lifespan.on_start
    async def start_reply_runner() -> None: ...

    @lifespan.on_drain
    async def hand_over_replies() -> None: ...
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

Hook = Callable[[], Awaitable[None]]

# A stop may take 10 s; the rest is for closing sockets and finishing requests.
DRAIN_HOOKS_SECONDS = 4.0

log = structlog.get_logger(__name__)


class Lifespan:
    """Readiness checks read `started` and `draining`; each changes only once."""

    def __init__(self) -> None:
        self._start_hooks: list[Hook] = []
        self._drain_hooks: list[Hook] = []
        self.expected = False
        self.started = False
        self.draining = False

    @property
    def taking_requests(self) -> bool:
        """True if no server runs it (tests, management commands), otherwise from start until drain."""
        return not self.draining and (self.started or not self.expected)

    def expect(self) -> None:
        """A server will call `start`; until then the process is starting."""
        self.expected = True

    def on_start(self, hook: Hook) -> Hook:
        self._start_hooks.append(hook)
        return hook

    def on_drain(self, hook: Hook) -> Hook:
        self._drain_hooks.append(hook)
        return hook

    async def start(self) -> None:
        """Run the start hooks in the order of registration; one that raises stops the process from starting."""
        for hook in self._start_hooks:
            await hook()
        self.started = True

    def begin_drain(self) -> None:
        """From now on nothing new is accepted."""
        self.draining = True

    async def drain(self, seconds: float = DRAIN_HOOKS_SECONDS) -> None:
        """Run the drain hooks concurrently, for at most `seconds`; the next start finds what one could not finish."""
        self.begin_drain()
        tasks = {asyncio.ensure_future(_finish(hook)) for hook in self._drain_hooks}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            log.warning("drain hooks cut short", count=len(late))


async def _finish(hook: Hook) -> None:
    try:
        await hook()
    except Exception:  # the other hooks, and the exit, must not suffer
        log.exception("drain hook failed")


lifespan = Lifespan()
