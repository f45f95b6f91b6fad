"""Recognised Chinese gets Chinese punctuation and no broken characters."""

import pytest

from coach.local_models.speech.asr_models import joined, whole_characters, written


@pytest.mark.parametrize(
    ("heard", "spelled"),
    [
        ("妈,您辛苦了.", "妈，您辛苦了。"),
        ("行吗?好!", "行吗？好！"),
        ("他说:OK,我们走", "他说：OK，我们走"),
        ("一共3,000元,不是3.5", "一共3,000元，不是3.5"),
        ("Hello, Sam. OK?", "Hello, Sam. OK?"),
        ("等等...", "等等..."),
        ("", ""),
    ],
)
def test_punctuation_beside_chinese_characters_is_chinese(heard: str, spelled: str) -> None:
    assert written(heard) == spelled
    assert written(spelled) == spelled


def test_half_a_character_is_left_out_of_text_and_words() -> None:
    heard = whole_characters("好\ufffd", [("好", 0.9), ("\ufffd", 0.2)])
    assert (heard.text, heard.words) == ("好", (("好", 0.9),))
    assert joined([heard, heard], "zh").words == (("好", 0.9), ("好", 0.9))


def test_only_half_a_character_counts_as_silence() -> None:
    assert joined([whole_characters(" \ufffd", [(" \ufffd", 0.2)])], "zh").text == ""
