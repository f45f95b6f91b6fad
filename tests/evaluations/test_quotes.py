"""A quote counts if its words were said, however they are spelled."""

import pytest

from evaluations.transcript import word_matching

LINE = "I'd like to talk about the deadlines. The last three slipped — and the team had to wait!"


@pytest.mark.parametrize(
    "quote",
    [
        "The last three slipped",
        "the last THREE slipped",
        "“The last three slipped, and the team had to wait.”",
        "The  last\nthree   slipped",
        "I’d like to talk",
        "Id like to talk",
        "…the team had to wait…",
    ],
)
def test_case_punctuation_and_white_space_do_not_count(quote: str) -> None:
    assert word_matching.find(quote, LINE)


@pytest.mark.parametrize(
    "quote",
    [
        "The last four slipped",
        "the last slipped",
        "three last",
        "to talk about the dead",
        "ate",
        "",
        "…!?",
        "\x00",
        "The last three slipped and the team had to wait for you",
    ],
)
def test_words_that_were_not_said_in_this_order_are_not_found(quote: str) -> None:
    assert word_matching.find(quote, LINE) is None


def test_the_stored_quote_has_the_transcripts_wording() -> None:
    assert word_matching.find("THE LAST THREE SLIPPED and the team", LINE) == "The last three slipped — and the team"


def test_a_quote_copied_with_its_punctuation_is_kept_as_it_is() -> None:
    assert word_matching.find("I'd like to talk about the deadlines.", LINE) == "I'd like to talk about the deadlines."


CHINESE = "我想谈一谈截止日期。上个月三次都推迟了，大家一直在等你！"


@pytest.mark.parametrize(
    "quote", ["上个月三次都推迟了", "上个月三次都推迟了,大家一直在等你", "「上个月 三次 都推迟了」", "截止日期"]
)
def test_chinese_is_compared_character_by_character(quote: str) -> None:
    assert word_matching.find(quote, CHINESE)


@pytest.mark.parametrize("quote", ["上个月四次都推迟了", "大家都在等你", "，！"])
def test_chinese_that_was_not_said_is_not_found(quote: str) -> None:
    assert word_matching.find(quote, CHINESE) is None


def test_full_width_and_mixed_scripts_are_the_same_words() -> None:
    assert word_matching.find("ABC项目在3月", "我们的ＡＢＣ项目在３月上线") == "ＡＢＣ项目在３月"


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert word_matching.find("cafe\u0301 talk", "Our café talk") == "café talk"


def test_text_that_databases_refuse_is_cleaned() -> None:
    assert word_matching.clean(" a\x00b\ud800 ") == "ab"
