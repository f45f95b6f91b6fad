"""Text rules: invisible characters do not count, and a search finds text that looks the same."""

import sys

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from coach import text

NOTHING = ["", " ", "\u00a0", "\u3000", "\u200b", "\u200d\u200c", "\ufeff", "\u2060", "\u00ad", "\u3164",
           "\u115f\u1160", "\u2800", "\u180e", "\ufe0f", "\U000e0041", "\u202e",
           "\u034f", "\0", "\t\n", "\u2028"]  # fmt: skip
SOMETHING = ["a", ".", "你", "👨‍👩‍👧", "é", "e\u0301", "ก", "…", "\u200bx\u200b"]


@pytest.mark.parametrize("nothing", NOTHING)
def test_text_without_a_visible_character_is_blank(nothing: str) -> None:
    assert text.is_blank(nothing)


@pytest.mark.parametrize("something", SOMETHING)
def test_text_with_a_visible_character_is_not_blank(something: str) -> None:
    assert not text.is_blank(something)


def test_every_ignorable_space_and_control_character_of_unicode_is_invisible() -> None:
    everything = "".join(chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF)
    invisible = regex.findall(r"[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}]", everything)
    assert len(invisible) > 4_000
    assert [hex(ord(each)) for each in invisible if not text.is_blank(each)] == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("istanbul", "İstanbul"),
        ("ISTANBUL", "istanbul"),
        ("diyarbakir", "Diyarbakır"),
        ("cafe", "Café"),
        ("cafe\u0301", "Café"),
        ("café", "Cafe\u0301"),
        ("strasse", "STRASSE"),
        ("straße", "Strasse"),
        ("leading people", "Leading\u00a0people"),
        ("leading people", "Leading  people"),
        ("家 庭", "家\u3000庭"),
        ("ＡＢＣ", "abc"),
        ("👨‍👩‍👧", "Talk 👨‍👩‍👧 now"),
        ("👨👩👧", "Talk 👨‍👩‍👧 now"),
        ("don't", "Don’t"),
        ("well-known", "well‑known"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("зеленый", "зелёный"),
    ],
)
def test_a_search_finds_text_that_looks_the_same(typed: str, stored: str) -> None:
    assert text.folded(typed) in text.folded(stored)


@pytest.mark.parametrize(("typed", "stored"), [("가", "각"), ("か", "が"), ("cot", "cat"), ("12", "1 2")])
def test_a_search_distinguishes_text_that_looks_different(typed: str, stored: str) -> None:
    assert text.folded(typed) not in text.folded(stored)


@given(st.text())
def test_folding_twice_changes_nothing_more(any_text: str) -> None:
    assert text.folded(text.folded(any_text)) == text.folded(any_text)
