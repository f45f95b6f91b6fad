"""Asks the local model server whether the trainee has finished speaking. A late answer is not waited for."""

import base64

import httpx
import structlog

from coach.config import ModelEndpoint
from coach.event_stream import parsed
from coach.providers import openai_wire

log = structlog.get_logger(__name__)

SECONDS = 1.5  # after that the browser's own pause has decided


class EndpointEndOfTurn:
    """An EndOfTurnModel. It keeps connections open, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint) -> None:
        self._endpoint = endpoint
        self._clients = openai_wire.EndpointClients(endpoint, read_seconds=SECONDS)

    async def finished(self, mp3: bytes) -> float | None:
        """The probability (0..1) that the turn recorded so far is over; None if the server cannot tell now."""
        url = self._endpoint.base_url.rstrip("/") + "/end_of_turn"
        asked = {"input_audio": {"data": base64.b64encode(mp3).decode(), "format": "mp3"}}
        try:
            answer = await self._clients.here().post(url, json=asked)
        except httpx.HTTPError as error:
            log.info("end of turn not asked", error=type(error).__name__)
            return None
        body = parsed(answer.text)
        probability = body.get("probability")
        if not answer.is_success or not isinstance(probability, int | float):
            return None
        return float(probability)

    async def close(self) -> None:
        await self._clients.close()
