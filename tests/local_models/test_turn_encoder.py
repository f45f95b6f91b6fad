"""Vectors of pieces read inside their turn: which tokens are read, and what the additions do to the model."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from coach.local_models.sentence_vectors import turn_encoder
from coach.local_models.sentence_vectors.bert import Array, Bert, unit
from coach.local_models.sentence_vectors.sentence_encoder import SentenceEncoder
from coach.local_models.sentence_vectors.turn_encoder import ADDITIONS, LONGEST, DividedTurn, TurnEncoder
from tests.local_models.real_server import models_folder

WIDTH, INNER, LAYERS = 24, 48, 2
BEGIN, END = 0, 1
MATRICES = {
    "attention.self.query": (WIDTH, WIDTH),
    "attention.self.key": (WIDTH, WIDTH),
    "attention.self.value": (WIDTH, WIDTH),
    "attention.output.dense": (WIDTH, WIDTH),
    "intermediate.dense": (INNER, WIDTH),
    "output.dense": (WIDTH, INNER),
}


def drawn(*shape: int) -> Array:
    return np.random.default_rng(shape).standard_normal(shape).astype(np.float32)


def weights() -> dict[str, Array]:
    """Of a tiny Bert."""
    found = {
        "embeddings.position_embeddings.weight": drawn(512, WIDTH),
        "embeddings.token_type_embeddings.weight": drawn(1, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{n}" for n in range(LAYERS)):
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        for name, shape in MATRICES.items():
            found |= {f"{layer}.{name}.weight": drawn(*shape), f"{layer}.{name}.bias": drawn(shape[0])}
    for norm in norms:
        found |= {f"{norm}.weight": np.ones(WIDTH, np.float32), f"{norm}.bias": np.zeros(WIDTH, np.float32)}
    return found


def additions(*, layer: int = LAYERS - 1, rank: int = 3, size: float = 1.0) -> dict[str, Array]:
    found = {}
    for name, (out, inner) in MATRICES.items():
        found |= {
            f"encoder.layer.{layer}.{name}.a": drawn(rank, inner),
            f"encoder.layer.{layer}.{name}.b": drawn(out, rank),
        }
    return {name: each * np.float32(size) for name, each in found.items()}


def bert(given: Mapping[str, Array] | None = None) -> Bert:
    table = drawn(200, WIDTH)
    return Bert(given or weights(), lambda ids: table[ids])


class TinyEncoder:
    """A tiny MultilingualEncoder with one token per character."""

    ends = BEGIN, END

    def __init__(self) -> None:
        self.bert = bert()

    def model(self) -> "TinyEncoder":
        return self

    def ids(self, text: str) -> list[int]:
        return [2 + ord(letter) % 198 for letter in text]


def by_readers(folder: Path, *readers: Mapping[str, Array]) -> Path:
    """A file with the additions of each of them."""
    named = {f"{n}.{name}": each for n, reader in enumerate(readers, 1) for name, each in reader.items()}
    np.savez(folder / f"{len(readers)}.npz", **named)  # type: ignore[arg-type]
    return folder / f"{len(readers)}.npz"


@pytest.fixture
def tiny(tmp_path: Path) -> TurnEncoder:
    """A tiny encoder with one reader, whose additions are zero."""
    return TurnEncoder(TinyEncoder(), by_readers(tmp_path, additions(size=0)))  # type: ignore[arg-type]


def read(*tokens: int) -> Array:
    """The states of the tiny model for exactly these tokens."""
    return bert().states([list(tokens)])[0]


ids = TinyEncoder().ids
QUERY = ids("query: ")
TEXT = "We slipped twice. It hurt."
FIRST, SECOND = (0, 17), (18, 26)


def test_a_piece_is_the_mean_over_its_tokens_in_the_turn_and_beside_the_line_it_answers(tiny: TurnEncoder) -> None:
    (found,), count = tiny.encode([DividedTurn(TEXT, "And then?", (FIRST, SECOND))])
    first, second = ids("We slipped twice."), ids("It hurt.")
    tokens = [BEGIN, *QUERY, *first, *second, END, *ids("And then?"), END]
    states = read(*tokens)
    at, middle = 1 + len(QUERY), 1 + len(QUERY) + len(first)
    assert found[0] == pytest.approx(states[at:middle].mean(axis=0), abs=1e-5)
    assert found[1] == pytest.approx(states[middle : middle + len(second)].mean(axis=0), abs=1e-5)
    assert count == len(tokens)


def test_pieces_may_overlap_and_leave_parts_of_the_turn_out(tiny: TurnEncoder) -> None:
    pieces = ((11, 27), (0, 10), (11, 16))
    (found,), _ = tiny.encode([DividedTurn("We slipped twice so it hurt much.", "", pieces)])
    stretches = ["We slipped", "", "twice", "so it hurt", "much."]
    states = read(BEGIN, *QUERY, *(each for stretch in stretches for each in ids(stretch)), END)
    at = 1 + len(QUERY)
    cuts = [at + sum(len(each) for each in stretches[:n]) for n in range(len(stretches) + 1)]
    assert found[0] == pytest.approx(states[cuts[2] : cuts[4]].mean(axis=0), abs=1e-5)
    assert found[1] == pytest.approx(states[cuts[0] : cuts[1]].mean(axis=0), abs=1e-5)
    assert found[2] == pytest.approx(states[cuts[2] : cuts[3]].mean(axis=0), abs=1e-5)


def test_a_long_turn_is_cut_and_of_a_long_line_before_it_only_the_end_is_read(tiny: TurnEncoder) -> None:
    room = LONGEST - 1 - len(QUERY)
    text, answered = "a" * (room - 10) + "b" * 20 + "c" * 20, "".join(chr(65 + n) for n in range(50))
    pieces = ((0, room - 10), (room - 10, room + 10), (room + 10, room + 30))
    (found,), count = tiny.encode([DividedTurn(text, answered, pieces)])
    states = read(BEGIN, *QUERY, *ids(text[:room]), END, *ids(answered[-40:]), END)
    assert count == len(states) == LONGEST + 1 + 40 + 1
    assert found[1] == pytest.approx(states[LONGEST - 10 : LONGEST].mean(axis=0), abs=1e-5)
    assert not found[2].any(), "nothing of it was read"


def test_a_turn_of_blanks_has_zeros(tiny: TurnEncoder) -> None:
    (found,), _ = tiny.encode([DividedTurn("   ", "", ((0, 2), (2, 3)))])
    assert found.shape == (2, WIDTH)
    assert not found.any()


def test_a_turn_without_pieces_has_no_vectors(tiny: TurnEncoder) -> None:
    assert tiny.encode([DividedTurn(TEXT, "", ())])[0][0].shape == (0, WIDTH)
    assert tiny.encode([]) == ([], 0)


def test_turns_have_the_same_vectors_alone_and_among_others(tiny: TurnEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = [DividedTurn(f"Part {n}. It hurt.", "So?" * n, ((0, 7), (8, 16))) for n in range(turn_encoder.BATCH + 2)]
    together, count = tiny.encode([*turns, turns[0]])
    monkeypatch.setattr(tiny, "_kept", type(tiny._kept)())
    for turn, vectors in zip([*turns, turns[0]], together, strict=True):
        assert tiny.encode([turn])[0][0] == pytest.approx(vectors, abs=1e-5)
    assert count == sum(tiny.encode([turn])[1] for turn in [*turns, turns[0]])


def test_a_vector_has_the_numbers_of_one_reader_after_those_of_the_other(tiny: TurnEncoder, tmp_path: Path) -> None:
    turn = DividedTurn(TEXT, "So?", (FIRST, SECOND))
    both = TurnEncoder(TinyEncoder(), by_readers(tmp_path, additions(), additions(size=0)))  # type: ignore[arg-type]
    (plain,), _ = tiny.encode([turn])
    (found,), _ = both.encode([turn])
    assert found.shape == (2, 2 * WIDTH)
    assert found[:, WIDTH:] == pytest.approx(plain, abs=1e-5)
    assert np.abs(found[:, :WIDTH] - plain).max() > 0.01


def test_a_limited_number_of_turns_is_remembered(tiny: TurnEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_encoder, "KEPT", 2)
    one, two, three, again = (DividedTurn(text, "", ((0, 2),)) for text in ("One.", "Two.", "Three.", "One."))
    (first, _, _), _ = tiny.encode([one, two, one])
    tiny.encode([again])
    tiny.encode([three])
    monkeypatch.setattr(tiny, "_read", lambda turns: pytest.fail(f"{turns} were read again"))
    assert tiny.encode([again])[0][0] is first
    with pytest.raises(pytest.fail.Exception):
        tiny.encode([two])


def test_merged_weights_equal_adding_the_low_rank_product_each_time() -> None:
    plain, extra, states = weights(), additions(), drawn(5, INNER)
    merged = bert(plain).with_additions(extra)
    for name, (_, inner) in MATRICES.items():
        full = f"encoder.layer.{LAYERS - 1}.{name}"
        beside = states[:, :inner] @ extra[f"{full}.a"].T @ extra[f"{full}.b"].T
        expected = bert(plain)._linear(states[:, :inner], full) + beside
        assert merged._linear(states[:, :inner], full) == pytest.approx(expected, abs=1e-3)


def test_a_model_with_additions_shares_what_they_do_not_touch() -> None:
    plain = weights()
    before = {name: each.copy() for name, each in plain.items()}
    merged = bert(plain).with_additions(additions()).weights
    copied = {name for name in plain if merged[name] is not plain[name]}
    assert copied == {f"encoder.layer.{LAYERS - 1}.{name}.weight" for name in MATRICES}
    assert all((plain[name] == before[name]).all() for name in plain)


@pytest.mark.parametrize(
    "extra",
    [
        additions(layer=LAYERS),
        {"encoder.layer.0.output.dense.a": drawn(3, INNER)},
        {"encoder.layer.0.output.dense.a": drawn(3, WIDTH), "encoder.layer.0.output.dense.b": drawn(1, 3)},
        {"encoder.layer.0.output.dense.a": drawn(3, INNER), "encoder.layer.0.output.dense.b": drawn(WIDTH, 4)},
    ],
    ids=["a layer too many", "half a pair", "another shape", "two ranks"],
)
def test_additions_for_another_model_are_refused(extra: dict[str, Array]) -> None:
    with pytest.raises(ValueError, match="encoder.layer|mismatch"):
        bert().with_additions(extra)


def test_the_packaged_additions_are_for_the_upper_layers_of_e5() -> None:
    with np.load(ADDITIONS, allow_pickle=False) as file:
        shapes = {name: file[name].shape for name in file.files}
        assert all(np.isfinite(file[name]).all() for name in file.files)
    assert {name.partition(".")[0] for name in shapes} == {"1", "2"}
    for reader in ("1", "2"):
        own = {name.partition(".")[2]: shape for name, shape in shapes.items() if name.startswith(reader)}
        assert_are_of_upper_layers(own)


def assert_are_of_upper_layers(shapes: Mapping[str, tuple[int, ...]]) -> None:
    sizes = {"intermediate.dense": (1536, 384), "output.dense": (384, 1536)}
    layers = sorted({int(name.split(".")[2]) for name in shapes})
    assert layers[-1] == 11
    assert all(after == before + 1 for before, after in pairwise(layers))
    assert len(shapes) == len(layers) * len(MATRICES) * 2
    for layer in layers:
        for name in MATRICES:
            out, inner = sizes.get(name, (384, 384))
            full = f"encoder.layer.{layer}.{name}"
            rank = shapes[f"{full}.a"][0]
            assert (shapes[f"{full}.a"], shapes[f"{full}.b"]) == ((rank, inner), (out, rank))


@pytest.fixture(scope="module")
def e5() -> SentenceEncoder:
    """The packaged sentence encoder."""
    return SentenceEncoder(models_folder())


ENGLISH = DividedTurn("We slipped twice, and Lena stayed until eleven.", "What happened?", ((0, 16), (18, 47), (0, 47)))


@pytest.mark.models
@pytest.mark.timeout(300)
def test_without_additions_a_piece_is_the_mean_of_e5s_own_states(e5: SentenceEncoder, tmp_path: Path) -> None:
    none = by_readers(
        tmp_path,
        {"encoder.layer.11.output.dense.a": np.zeros((1, 1536)), "encoder.layer.11.output.dense.b": np.zeros((384, 1))},
    )
    for text in (ENGLISH.text, "丽娜昨晚加班到十一点，因为报告没交。"):
        ((found,),), count = TurnEncoder(e5, none).encode([DividedTurn(text, "", ((0, len(text)),))])
        model = e5.model()
        prefix = model.ids("query: ")
        tokens = [model.ends[0], *prefix, *model.ids(text), model.ends[1]]
        assert count == len(tokens)
        states = model.bert.states([tokens])[0]
        assert found == pytest.approx(states[1 + len(prefix) : -1].mean(axis=0), abs=1e-5)
        # e5's own vector includes the prefix and the ends: almost the same direction, not the same numbers.
        assert unit(found) @ model._read([text])[0][0] > 0.95


@pytest.mark.models
@pytest.mark.timeout(300)
def test_with_the_packaged_additions_pieces_differ_and_depend_on_what_is_around_them(e5: SentenceEncoder) -> None:
    encoder = TurnEncoder(e5)
    answering_another = DividedTurn(ENGLISH.text, "Who is to blame?", ENGLISH.pieces)
    alone = DividedTurn("We slipped twice", "", ((0, 16),))
    (found, other, own), _ = encoder.encode([ENGLISH, answering_another, alone])
    assert found.shape == (3, 2 * 384)
    assert np.abs(found[0] - found[1]).max() > 0.01
    assert np.abs(found - other).max(axis=1).min() > 0.001
    assert np.abs(found[0] - own[0]).max() > 0.001
