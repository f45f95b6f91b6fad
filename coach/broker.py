"""kombu's Redis transport, whose channels close even when Redis is gone.

kombu 5.7 closes the channels of a lost connection one by one and stops at the first that still wants to talk to Redis.
Celery then closes the rest, which no longer know where Redis was: an AttributeError, and the worker exits instead of
connecting anew. So no channel raises while it closes. Jobs that it had taken stay in Redis, if Redis kept them; owed
work is found by the sweeps in any case.
"""

import structlog
from kombu.transport import TRANSPORT_ALIASES, redis

log = structlog.get_logger(__name__)


class Channel(redis.Channel):
    def close(self) -> None:
        """Close, as far as Redis can be reached; raises nothing if it cannot."""
        # Reading the last message fails first; giving back what was taken fails then, and the channel is closed.
        for _ in range(2):
            if not self.closed:
                self._close_once()

    def _close_once(self) -> None:
        try:
            super().close()
        except redis.Transport.connection_errors as error:
            log.info("a channel was closed without Redis", error=type(error).__name__)


class Transport(redis.Transport):
    Channel = Channel


def use() -> None:
    """Let every `redis://` and `redis+socket://` connection of this process use this transport."""
    TRANSPORT_ALIASES["redis"] = f"{__name__}:{Transport.__name__}"
