"""Sentence embeddings on the local server: its API, and vectors equal to the packaged model's own engine."""

import base64
import json
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest

from coach.local_models.machine import Condition
from coach.local_models.sentence_vectors.lasting_vectors import RECORD, LastingVectors
from coach.local_models.sentence_vectors.packed_e5 import BLOCK, read_packed, unpacked
from coach.local_models.sentence_vectors.sentence_encoder import MultilingualEncoder
from tests.local_models.real_server import models_folder
from tests.local_models.scripted import ScriptedMachine


async def test_every_text_gets_its_vector_in_order(client: httpx.AsyncClient) -> None:
    answer = await client.post("embeddings", json={"model": "local-embeddings", "input": ["one", "three"]})
    assert answer.status_code == 200
    assert answer.json()["data"] == [
        {"object": "embedding", "index": 0, "embedding": [3.0, 0.5]},
        {"object": "embedding", "index": 1, "embedding": [5.0, 0.5]},
    ]
    assert answer.json()["usage"] == {"prompt_tokens": 2, "total_tokens": 2}


async def test_vectors_may_travel_as_base64(client: httpx.AsyncClient) -> None:
    answer = await client.post("embeddings", json={"input": "three", "encoding_format": "base64"})
    packed = base64.b64decode(answer.json()["data"][0]["embedding"])
    assert np.frombuffer(packed, "<f4").tolist() == [5.0, 0.5]


@pytest.mark.parametrize("body", [{}, {"input": []}, {"input": [1]}, {"input": "a", "encoding_format": "hex"}, [], 3])
async def test_a_value_that_is_not_a_list_of_texts_is_refused_by_field(client: httpx.AsyncClient, body: object) -> None:
    answer = await client.post("embeddings", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_until_the_weights_are_loaded_the_answer_is_503(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.state = Condition("loading", 0.5, "waiting for the files of the sentence embeddings")
    answer = await client.post("embeddings", json={"input": "a"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["code"] == "models_loading"


async def test_a_server_without_the_embeddings_part_says_so(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.parts = ("asr",)
    assert (await client.post("embeddings", json={"input": "a"})).status_code == 404


def vector(at: int) -> np.ndarray:
    return np.eye(384, dtype=np.float32)[at]


def test_vectors_of_lasting_texts_are_stored_for_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "models" / "vectors.bin"
    LastingVectors(file).keep({"one": (vector(1), 3), "two": (vector(2), 4)})
    LastingVectors(file).keep({"two": (vector(5), 9), "three": (vector(3), 5)})
    later = LastingVectors(file)
    for text, at, tokens in (("one", 1, 3), ("two", 2, 4), ("three", 3, 5)):
        recalled = later.recall(text)
        assert recalled is not None
        assert recalled[0].tolist() == vector(at).tolist()
        assert recalled[1] == tokens
    assert later.recall("four") is None
    assert b"three" not in file.read_bytes()


@pytest.mark.parametrize("written", [b"x" * 100, bytes(RECORD.itemsize), bytes(RECORD.itemsize + 7)])
def test_a_broken_file_of_vectors_is_rewritten(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "vectors.bin"
    file.write_bytes(written)
    kept = LastingVectors(file)
    assert kept.recall("one") is None
    kept.keep({"one": (vector(1), 3)})
    assert LastingVectors(file).recall("one") is not None


def test_vectors_that_cannot_be_written_are_still_cached_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = LastingVectors(tmp_path / "file" / "vectors.bin")
    kept.keep({"one": (vector(1), 3)})
    assert kept.recall("one") is not None


@pytest.mark.models
@pytest.mark.timeout(300)
def test_a_text_of_any_length_has_a_vector(local_base: str) -> None:
    texts = ["", " ", "word " * 5000, "你好，今天怎么样？", "\U0001f600 \ud800"]
    body = json.dumps({"input": texts})
    answer = httpx.post(f"{local_base}/v1/embeddings", content=body, trust_env=False, timeout=60).json()
    assert [round(float(np.linalg.norm(item["embedding"])), 3) for item in answer["data"]] == [1.0] * len(texts)


# From the package's own engine, which also rounds intermediate values: hence the tolerance.
PACKED = {
    "丽娜昨晚加班到十一点，因为报告没交。": [0.03738, 0.00046, -0.02970, -0.00428, 0.09827, -0.02036],
    "What is behind it?": [0.05697, -0.00550, -0.04004, -0.07182, 0.07120, -0.03411],
}


@pytest.mark.models
@pytest.mark.timeout(300)
def test_vectors_equal_those_of_the_packages_own_engine() -> None:
    encoder = MultilingualEncoder(models_folder())
    for text, expected in PACKED.items():
        assert encoder._read([text])[0][0][:6] == pytest.approx(expected, abs=2e-3)


@pytest.mark.models
@pytest.mark.timeout(300)
def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    encoder = MultilingualEncoder(models_folder())
    together = encoder.encode([*PACKED, "No.", "word " * 300])
    alone = [encoder.encode([text])[0] for text in (*PACKED, "No.", "word " * 300)]
    for (vector, count), (other, other_count) in zip(together, alone, strict=True):
        assert count == other_count
        assert vector == pytest.approx(other, abs=1e-5)


@pytest.mark.models
@pytest.mark.timeout(300)
def test_sentences_of_two_languages_can_be_compared(local_base: str) -> None:
    client = openai.OpenAI(base_url=f"{local_base}/v1", api_key="none", max_retries=0)
    texts = ["报告又晚交了。", "The report was late again.", "午饭想吃点什么？"]
    answer = client.embeddings.create(model="local-embeddings", input=texts)
    late, same, lunch = (np.array(item.embedding) for item in answer.data)
    assert np.linalg.norm(late) == pytest.approx(1, abs=1e-5)
    assert late @ same > late @ lunch + 0.1


def test_a_file_in_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e5").mkdir()
    (tmp_path / "e5" / "e5-small-q4.bin").write_bytes(b"E5S2" + bytes(100))
    with pytest.raises(ValueError, match="not the packed multilingual model"):
        read_packed(tmp_path / "e5" / "e5-small-q4.bin")


def test_packed_weights_are_numbers_from_minus_eight_to_seven_times_a_scale() -> None:
    blocks = np.zeros((1, 1), BLOCK)
    blocks["scale"], blocks["pairs"][0, 0, :2] = 0.5, [0xF0, 0x0F]
    row = unpacked(blocks)[0]
    assert (row[0], row[16], row[1], row[17]) == (-4, 3.5, 3.5, -4)
