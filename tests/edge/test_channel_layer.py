"""A receive on the channel layer survives its own Redis time-out when no message comes."""

import asyncio
from pathlib import Path

import pytest
from channels.layers import channel_layers
from django.conf import settings

from tests import valkey


@pytest.mark.processes
async def test_a_quiet_channel_layer_stays_open(tmp_path: Path) -> None:
    socket = tmp_path / "redis.sock"
    server = valkey.on_socket(socket)
    server.start()
    try:
        configured = settings.CHANNEL_LAYERS["default"]
        host = {**configured["CONFIG"]["hosts"][0], "address": f"unix://{socket}"}
        made = channel_layers._make_backend("default", {**configured["CONFIG"], "hosts": [host]})
        channel = await made.new_channel("quiet")
        # A wait ends when the layer asks Redis again; nothing may be raised meanwhile.
        listening = asyncio.create_task(made.receive(channel))
        done, _ = await asyncio.wait({listening}, timeout=made.brpop_timeout + 2)
        assert not done, listening.exception()
        await made.send(channel, {"type": "at.last"})
        assert (await asyncio.wait_for(listening, 60))["type"] == "at.last"
    finally:
        server.stop()
