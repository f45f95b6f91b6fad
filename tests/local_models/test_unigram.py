"""A unigram vocabulary splits text exactly as the `tokenizers` package does, which gave the expected pieces."""

import pytest

from coach.local_models.sentence_vectors.packed_e5 import read_packed
from coach.local_models.sentence_vectors.unigram import Unigram
from tests.local_models.real_server import models_folder

VOCABULARY = [("<unk>", 0.0), ("▁", -3.0), ("▁a", -4.0), ("▁ab", -5.0), ("b", -2.0), ("bc", -2.5), ("c", -3.0)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("abc", [2, 5]),  # ▁a bc is likelier than ▁ab c
        ("a b", [2, 1, 4]),
        ("  b", [1, 1, 4]),
        ("xy ab", [1, 0, 3]),  # two unknown characters are one unknown piece
        ("cxxb ", [1, 6, 0, 4, 1]),
        ("", []),
    ],
)
def test_the_likeliest_pieces_are_chosen(text: str, ids: list[int]) -> None:
    assert Unigram(VOCABULARY, unknown=0).ids(text) == ids


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Lena stayed until eleven.", [120593, 24765, 297, 24189, 103155, 5]),
        ("报告又晚交了。", [6, 15885, 2100, 13936, 6582, 274, 30]),
        ("  two  blanks ", [6, 6626, 6, 44237, 7, 6]),
        ("ᚠᚢᚦ ᚠ😀", [6, 3, 6, 3, 244218]),
    ],
)
def test_the_packaged_vocabulary_splits_as_tokenizers_does(text: str, ids: list[int]) -> None:
    packed = read_packed(models_folder() / "e5" / "e5-small-q4.bin")
    assert Unigram(packed.vocabulary, packed.unknown).ids(text) == ids
