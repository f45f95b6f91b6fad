"""Vectors of pieces of turns over the local model server's `POST /piece_embeddings`."""

import base64
import json

import pytest

from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.ports import ProviderMisconfigured, ProviderRejected, ProviderUnavailable, TurnPieces

TURN = TurnPieces("Lena stayed until eleven. What is behind it?", "Well?", ((0, 25), (26, 44)))
ASKED = {"text": TURN.text, "answered": "Well?", "pieces": [[0, 25], [26, 44]]}


def asked(fake):
    return [request["body"]["turns"] for request in fake.requests("piece_embeddings")]


def test_every_piece_gets_the_vector_that_the_server_sent(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint())
    ((first, second),) = embeddings.embed_pieces_blocking([TURN], layers="abc")
    expected = embeddings.embed_blocking([TURN.text[:25], TURN.text[26:]])
    assert [list(first), list(second)] == [list(each) for each in expected]
    assert asked(fake) == [[ASKED]]


def test_known_turns_are_answered_from_the_cache(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint())
    (known,) = embeddings.embed_pieces_blocking([TURN], layers="abc")
    other = TurnPieces(TURN.text, "Why?", TURN.pieces)
    fewer = TurnPieces(TURN.text, "Well?", TURN.pieces[:1])
    found = embeddings.embed_pieces_blocking([other, TURN, fewer, other], layers="abc")
    assert found[1] is known
    assert [len(vectors) for vectors in found] == [2, 2, 1, 2]
    assert asked(fake) == [[ASKED], [ASKED | {"answered": "Why?"}, ASKED | {"pieces": [[0, 25]]}]]


def test_a_limited_number_of_turns_is_cached(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint(), turns_kept=2)
    turns = [TurnPieces(text, "", ((0, 3),)) for text in ("One.", "Two.", "Six.")]
    embeddings.embed_pieces_blocking(turns, layers="abc")
    embeddings.embed_pieces_blocking([turns[2], turns[0]], layers="abc")
    assert [[turn["text"] for turn in request] for request in asked(fake)] == [["One.", "Two.", "Six."], ["One."]]


def test_no_turns_send_no_request(fake, endpoint):
    assert EndpointEmbeddings(endpoint()).embed_pieces_blocking([], layers="abc") == []
    assert asked(fake) == []


def test_many_turns_are_sent_in_several_requests_and_answered_ones_are_cached(fake, endpoint):
    embeddings = EndpointEmbeddings(endpoint())
    turns = [TurnPieces(f"Line {n}.", "", ((0, 4), (0, 7))) for n in range(10)]
    fake.answer("piece_embeddings", times=1)
    fake.answer("piece_embeddings", fault="500", times=1)
    with pytest.raises(ProviderUnavailable):
        embeddings.embed_pieces_blocking(turns, layers="abc")
    assert [len(vectors) for vectors in embeddings.embed_pieces_blocking(turns, layers="abc")] == [2] * 10
    assert [len(request) for request in asked(fake)] == [4, 4, 4, 2]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("models_loading", ProviderUnavailable), ("404", ProviderMisconfigured), ("400", ProviderRejected)],
)
def test_a_fault_says_who_can_help_and_is_not_cached(fake, endpoint, fault, error):
    embeddings = EndpointEmbeddings(endpoint())
    fake.answer("piece_embeddings", fault=fault)
    with pytest.raises(error):
        embeddings.embed_pieces_blocking([TURN], layers="abc")
    assert len(embeddings.embed_pieces_blocking([TURN], layers="abc")[0]) == 2


def test_a_server_that_is_away_is_unavailable(endpoint):
    with pytest.raises(ProviderUnavailable):
        EndpointEmbeddings(endpoint(base_url="http://127.0.0.1:9/v1")).embed_pieces_blocking([TURN], layers="abc")


GOOD = base64.b64encode(bytes(8)).decode()


@pytest.mark.parametrize(
    "data",
    [
        [{"index": 0, "embeddings": [GOOD]}],
        [{"index": 0, "embeddings": [GOOD] * 3}],
        [],
        [{"index": 0, "embeddings": [GOOD] * 2}] * 2,
        [{"index": 0, "embeddings": [GOOD, ""]}],
        [{"index": 0, "embeddings": [GOOD, GOOD[:-4]]}],
        [{"index": 0, "embeddings": [GOOD, "not base64"]}],
        [{"index": 0, "embeddings": [GOOD, "你好"]}],
        [{"index": 0, "embeddings": [GOOD, [0.5, 0.5]]}],
        [{"index": 0, "embeddings": None}],
        [{"index": 0}],
        [{"index": float("inf"), "embeddings": [GOOD] * 2}],
        ["x"],
        None,
    ],
    ids=[
        *("too few pieces", "too many pieces", "no turn", "too many turns", "an empty vector", "broken numbers"),
        *("not base64", "not ASCII", "a list", "null", "missing", "infinite index", "not an object", "no data"),
    ],
)
def test_an_answer_without_a_vector_for_each_piece_is_rejected_and_not_cached(fake, endpoint, data):
    embeddings = EndpointEmbeddings(endpoint())
    body = json.dumps({"data": data}).replace("Infinity", "1e999")
    fake.answer("piece_embeddings", sends=[body], content_type="application/json")
    with pytest.raises(ProviderRejected):
        embeddings.embed_pieces_blocking([TURN], layers="abc")
    assert len(embeddings.embed_pieces_blocking([TURN], layers="abc")[0]) == 2
