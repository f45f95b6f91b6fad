"""A line, punctuated or not, is split into pieces that occur in it word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.local import segments
from evaluations.transcript import word_matching


def test_pieces_are_sentences_and_pairs_of_sentences() -> None:
    found = segments.of("It slipped twice. The team had to wait. I was worried.", "en")
    assert found[:3] == ["It slipped twice.", "The team had to wait.", "I was worried."]
    assert "It slipped twice. The team had to wait." in found


def test_speech_without_full_stops_is_cut_where_a_speaker_breathes() -> None:
    line = "um so the report came on Friday and the two of them had to stay late because nobody could print it"
    found = segments.of(line, "en")
    assert "and the two of them had to stay late" in found
    assert "because nobody could print it" in found


def test_chinese_without_full_stops_is_cut_at_commas_and_spaces() -> None:
    found = segments.of("昨天五点我回来，他手里拿着手机 晚上又说牙疼，我有点害怕", "zh")
    assert {"昨天五点我回来", "他手里拿着手机", "我有点害怕"} <= set(found)


@pytest.mark.parametrize(("line", "language"), [("Yes.", "en"), ("Hm.", "en"), ("…", "en"), ("嗯。", "zh"), ("", "zh")])
def test_a_single_word_is_not_a_piece(line: str, language: str) -> None:
    assert segments.of(line, language) == []


def test_a_short_sentence_stays_whole_and_fragments_join_their_neighbour() -> None:
    assert segments.of("No, and I mean it.", "en") == ["No, and I mean it."]
    found = segments.of("well, um, I think that we should look at the plan again, okay, before Monday morning", "en")
    assert all(len(word_matching.tokens(piece)) >= 3 for piece in found)


@given(st.text(alphabet="ab, .!?um因为我们，。 ", max_size=120), st.sampled_from(["en", "zh"]))
def test_every_piece_occurs_in_its_line(line: str, language: str) -> None:
    assert all(piece in line for piece in segments.of(line, language))
