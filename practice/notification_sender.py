"""Passes notifications on to the other processes."""

import asyncio
from contextvars import Context

import structlog

from practice import notifications
from practice.notifications import Message

log = structlog.get_logger(__name__)


class NotificationSender:
    """Sends what waits in one piece, and the same news once. Call its methods from the process's event loop.

    A busy process sent each notification by itself: hundreds waited side by side until they were too late, and each of
    them wrote a line of the log. The other processes' sweep makes up for those that are lost.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._waiting: dict[Message, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._lost = 0

    def put(self, message: Message) -> None:
        """Pass it on as soon as the previous ones are sent."""
        self._waiting[message] = None
        if self._task is None:
            # It sends the news of many sessions: the context of the first is not theirs.
            self._task = asyncio.create_task(self._run(), name="passing-on", context=Context())

    def under_way(self) -> list[asyncio.Task[None]]:
        return [self._task] if self._task else []

    async def _run(self) -> None:
        try:
            while self._waiting:
                messages, self._waiting = list(self._waiting), {}
                await self._send(messages)
        finally:
            self._task = None

    async def _send(self, messages: list[Message]) -> None:
        try:
            await notifications.send(messages, origin=self._origin)
        except Exception as error:  # The layer may raise anything; the others' sweep finds what is lost.
            if not self._lost:
                log.warning("notifications not passed on", error=type(error).__name__)
            self._lost += len(messages)
        else:
            if self._lost:
                log.info("notifications passed on again", count=self._lost)
            self._lost = 0
