"""Smart Turn says whether a speaker has finished, directly and through the local server."""

import httpx
import pytest

from coach.config import ModelEndpoint
from coach.local_models.download.model_folder import ModelFolder
from coach.local_models.speech.audio_input import UnreadableAudio
from coach.local_models.speech.smart_turn import SmartTurn
from coach.providers.end_of_turn import EndpointEndOfTurn
from tests.fixtures import speech
from tests.local_models.real_server import models_folder

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


def test_a_finished_sentence_is_distinguished_from_one_that_breaks_off() -> None:
    model = SmartTurn(ModelFolder(models_folder().parent))
    whole = speech.mp3("thanks")
    assert model.finished(whole) > 0.5
    half = speech.mp3("deadlines")
    assert model.finished(half[: len(half) // 2]) < 0.5
    with pytest.raises(UnreadableAudio):
        model.finished(b"noise")


async def test_the_server_answers_our_client_and_refuses_invalid_recordings(local_base: str) -> None:
    endpoint = ModelEndpoint(
        base_url=f"{local_base}/v1", model="local-asr", api_key=None, key_variable="", model_variable="", local=True
    )
    ours = EndpointEndOfTurn(endpoint)
    probability = await ours.finished(speech.mp3("thanks"))
    assert probability is None or probability > 0.5  # a slow machine answers after its deadline
    assert await ours.finished(b"noise") is None
    await ours.close()
    async with httpx.AsyncClient(base_url=local_base, timeout=60) as http:
        told = (await http.post("/v1/end_of_turn", json={"input_audio": {}})).json()
        assert told["error"]["param"] == "input_audio"
