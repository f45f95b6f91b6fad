"""`POST /v1/piece_embeddings` of the local server."""

import base64
import json
from typing import Any

import httpx
import numpy as np
import pytest

from coach.local_models.machine import Condition
from coach.local_models.sentence_vectors import turn_encoder
from tests.local_models.scripted import ScriptedMachine

TURN = {"text": "We slipped. It hurt.", "answered": "So?", "pieces": [[0, 11], [12, 20]]}


def unpacked(vectors: list[str]) -> list[list[float]]:
    return [np.frombuffer(base64.b64decode(vector), "<f4").tolist() for vector in vectors]


async def test_every_piece_of_every_turn_gets_its_vector_in_order(client: httpx.AsyncClient) -> None:
    turns = [TURN, {"text": "Hm.", "pieces": []}, {"text": "你好。", "answered": "", "pieces": [[0, 3]]}]
    answer = await client.post("piece_embeddings", json={"turns": turns})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert [each["index"] for each in data] == [0, 1, 2]
    assert [unpacked(each["embeddings"]) for each in data] == [[[0, 11, 3], [12, 20, 3]], [], [[0, 3, 0]]]
    assert answer.json()["usage"] == {"prompt_tokens": 3, "total_tokens": 3}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], None),
        ({}, "turns"),
        ({"turns": []}, "turns"),
        ({"turns": TURN}, "turns"),
        ({"turns": [TURN], "layers": 7}, "layers"),
        ({"turns": [TURN] * 65}, "turns"),
        ({"turns": [TURN, "We slipped."]}, "turns[1]"),
        ({"turns": [TURN | {"text": None}]}, "turns[0].text"),
        ({"turns": [TURN | {"answered": None}]}, "turns[0].answered"),
        ({"turns": [{"text": "Hm."}]}, "turns[0].pieces"),
        ({"turns": [TURN | {"pieces": "0-11"}]}, "turns[0].pieces"),
        ({"turns": [TURN | {"pieces": [[0, 11]] * 1025}]}, "turns[0].pieces"),
        *(
            ({"turns": [TURN, TURN | {"pieces": [[0, 11], piece]}]}, "turns[1].pieces[1]")
            for piece in (
                *([0], [0, 1, 2], 11, None, {"start": 0, "end": 11}),
                *([0, 11.0], [False, True], ["0", "11"], [None, 11]),
                *([-1, 11], [0, 21], [5, 5], [11, 0], [0, 10**30]),
            )
        ),
    ],
)
async def test_malformed_turns_are_refused_by_field(client: httpx.AsyncClient, body: Any, param: str | None) -> None:
    answer = await client.post("piece_embeddings", json=body)
    assert answer.status_code == 400
    assert (answer.json()["error"]["type"], answer.json()["error"]["param"]) == ("invalid_request_error", param)


async def test_the_most_turns_and_pieces_are_accepted(client: httpx.AsyncClient) -> None:
    turns = [TURN | {"pieces": [[0, 11]] * 1024}] * 64
    answer = await client.post("piece_embeddings", json={"turns": turns})
    assert [len(each["embeddings"]) for each in answer.json()["data"]] == [1024] * 64


async def test_a_server_with_other_layers_than_the_detectors_need_is_unavailable(client: httpx.AsyncClient) -> None:
    own = await client.post("piece_embeddings", json={"turns": [TURN], "layers": turn_encoder.layers()})
    other = await client.post("piece_embeddings", json={"turns": [TURN], "layers": "0123456789abcdef"})
    assert (own.status_code, other.status_code) == (200, 503)
    assert "retry-after" in other.headers


async def test_until_the_weights_are_loaded_pieces_are_answered_with_503(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.state = Condition("loading", 0.5, "waiting for the files of the sentence embeddings")
    answer = await client.post("piece_embeddings", json={"turns": [TURN]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    machine.parts = ("asr",)
    assert (await client.post("piece_embeddings", json={"turns": [TURN]})).status_code == 404


@pytest.mark.models
@pytest.mark.timeout(300)
def test_the_real_server_embeds_pieces_of_any_text(local_base: str) -> None:
    texts = [TURN["text"], "\U0001f600 \ud800 hm", "\0", " ", "word " * 500]
    turns = [{"text": text, "answered": "\ud800", "pieces": [[0, 1], [0, len(text)]]} for text in texts]
    body = json.dumps({"turns": turns})
    answer = httpx.post(f"{local_base}/v1/piece_embeddings", content=body, trust_env=False, timeout=60).json()
    vectors = np.array([unpacked(each["embeddings"]) for each in answer["data"]])
    assert vectors.shape == (len(texts), 2, 768)
    assert np.isfinite(vectors).all()
