"""The transcript of an interrupted reply keeps only whole words that were heard."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from practice.turns.truncate_transcript import truncate_transcript

GRAPHEMES = regex.compile(r"\X")


@pytest.mark.parametrize(
    ("heard_ms", "text"),
    [(0, ""), (500, "One"), (1000, "One two"), (1999, "One two three"), (2000, "One two three four")],
)
def test_words_are_cut_in_proportion_to_the_sound(heard_ms: int, text: str) -> None:
    assert truncate_transcript("One two three four", heard_ms=heard_ms, total_ms=2000, whole=True) == text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("I’d say I don't know", {"I’d", "say", "I", "don't", "know"}),
        ("người ấy đã được nghỉ", {"người", "ấy", "đã", "được", "nghỉ"}),
        ("ngu\u031bo\u031b\u0300i a\u0302\u0301y", {"ngu\u031bo\u031b\u0300i", "a\u0302\u0301y"}),
        ("आप कैसे हैं", {"आप", "कैसे", "हैं"}),
        ("L’été d'Aïcha", {"L’été", "d'Aïcha"}),
        ("3.5 kg, 1,000 Euro", {"3.5", "kg", "1,000", "Euro"}),
        ("שלום עולם ק״מ", {"שלום", "עולם", "ק״מ"}),
    ],
)
def test_no_word_of_any_script_is_cut_in_two(said: str, words: set[str]) -> None:
    for heard_ms in range(0, 3000, 7):
        kept = truncate_transcript(said, heard_ms=heard_ms, total_ms=3000, whole=True)
        assert said.startswith(kept)
        assert set(kept.replace(",", " ").replace("1 000", "1,000").split()) <= words


@pytest.mark.parametrize(
    "said", ["你说的我都明白了。", "คุณพูดถูก", "👨‍👩‍👧 ja 👍🏽 nein", "각각 다르다", "e\u0301te\u0301"]
)
def test_a_grapheme_is_never_split(said: str) -> None:
    ends = {match.end() for match in GRAPHEMES.finditer(said)} | {0}
    for heard_ms in range(0, 2000, 13):
        kept = truncate_transcript(said, heard_ms=heard_ms, total_ms=2000, whole=True)
        assert len(kept) in ends


def test_text_far_ahead_of_the_sound_is_cut_by_speaking_pace() -> None:
    said = "word " * 52 + "."
    kept = truncate_transcript(said, heard_ms=7_400, total_ms=7_600, whole=False)
    assert 90 <= len(kept) <= 130, "7.4 s of 16 s"
    assert truncate_transcript(said, heard_ms=7_400, total_ms=13_000, whole=True).count("word") == 29


def test_an_early_interrupt_leaves_few_of_the_words_sent_with_the_first_sound() -> None:
    said = "One two three four five six seven eight nine ten eleven twelve."
    assert truncate_transcript(said, heard_ms=1_000, total_ms=1_000, whole=False) == "One two three"


def test_chinese_has_its_own_speaking_pace_per_character() -> None:
    kept = truncate_transcript("我" * 60, heard_ms=2_100, total_ms=2_200, whole=False)
    assert len(kept) == 10


@given(st.text(), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000), st.booleans())
def test_more_heard_never_means_fewer_words(said: str, total: int, less: int, more: int, whole: bool) -> None:
    less, more = sorted((less, more))
    short = truncate_transcript(said, heard_ms=less, total_ms=total, whole=whole)
    long = truncate_transcript(said, heard_ms=more, total_ms=total, whole=whole)
    assert said.startswith(long)
    assert long.startswith(short)
