import asyncio

import pytest

from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.ports import ProviderMisconfigured, ProviderRejected, ProviderUnavailable

SENTENCES = ["Lena stayed until eleven.", "What is behind it?"]


def alike(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_sentences_become_unit_vectors_in_their_order(fake, endpoint):
    first, second, again = EndpointEmbeddings(endpoint()).embed_blocking([*SENTENCES, "until eleven Lena stayed"])
    assert alike(first, again) == pytest.approx(1, abs=1e-6)
    assert alike(first, second) < 0.5
    assert fake.requests("embeddings")[0]["body"] == {
        "model": "qwen3-omni-flash",
        "input": [*SENTENCES, "until eleven Lena stayed"],
    }


def test_known_texts_are_answered_from_the_cache(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint())
    known = embeddings.embed_blocking(SENTENCES)
    asked = asyncio.run(embeddings.embed([SENTENCES[1], "New.", "New.", SENTENCES[0]]))
    assert [asked[3], asked[0]] == known
    assert [request["body"]["input"] for request in fake.requests("embeddings")] == [SENTENCES, ["New."]]


def test_no_texts_send_no_request(fake, endpoint):
    assert EndpointEmbeddings(endpoint()).embed_blocking([]) == []
    assert fake.requests("embeddings") == []


def test_a_limited_number_of_vectors_is_cached(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint(), kept=2)
    embeddings.embed_blocking(["a", "b", "c"])
    embeddings.embed_blocking(["c", "a"])
    assert [request["body"]["input"] for request in fake.requests("embeddings")] == [["a", "b", "c"], ["a"]]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("models_loading", ProviderUnavailable), ("404", ProviderMisconfigured), ("400", ProviderRejected)],
)
def test_a_fault_says_who_can_help_and_is_not_cached(fake, endpoint, fault, error):
    embeddings = EndpointEmbeddings(endpoint())
    fake.answer("embeddings", fault=fault)
    with pytest.raises(error):
        embeddings.embed_blocking(SENTENCES)
    assert len(embeddings.embed_blocking(SENTENCES)) == 2


def test_a_server_that_is_away_is_unavailable(endpoint):
    with pytest.raises(ProviderUnavailable):
        asyncio.run(EndpointEmbeddings(endpoint(base_url="http://127.0.0.1:9/v1")).embed(SENTENCES))


def test_many_texts_are_sent_in_several_requests_and_answered_ones_are_cached(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint())
    texts = [f"Line {n}." for n in range(40)]
    fake.answer("embeddings", times=1)
    fake.answer("embeddings", fault="500", times=1)
    with pytest.raises(ProviderUnavailable):
        embeddings.embed_blocking(texts)
    assert len(embeddings.embed_blocking(texts)) == 40
    asked = [request["body"]["input"] for request in fake.requests("embeddings")]
    assert asked == [texts[:16], texts[16:32], texts[16:32], texts[32:]]
