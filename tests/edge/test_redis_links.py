"""A task that uses Redis ends when it is cancelled, at whatever moment that happens."""

import asyncio
import random
from pathlib import Path

from coach import redis_links
from tests import valkey


async def test_no_cancellation_is_lost_between_two_commands(tmp_path: Path) -> None:
    server = valkey.on_socket(tmp_path / "redis.sock")
    server.start()
    redis = redis_links.connect(f"unix://{tmp_path / 'redis.sock'}")
    chance = random.Random(1)

    async def chatter() -> None:
        while True:
            await redis.set("a", "b")

    try:
        for _ in range(150):
            task = asyncio.create_task(chatter())
            for _ in range(chance.randrange(5, 60)):
                await asyncio.sleep(0)
            task.cancel()
            _, left = await asyncio.wait({task}, timeout=60)
            assert not left
    finally:
        await redis.aclose()
        server.stop()
