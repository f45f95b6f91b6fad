"""Which sentence is quoted for a behaviour that several sentences show."""

import pytest

from evaluations.local import chosen_quotes
from evaluations.local.examples import Line
from evaluations.local.showing import SpokenPiece

EVENT, EFFECT, ASKS = ("feedback", "names-the-event"), ("feedback", "says-the-effect"), ("feedback", "asks")
FRIDAY = "On Friday the report wasn't there."
ELEVEN = "Lena sat here until eleven because it was missing."
GARBLED = "Because it was missing, Layness that here until eleven."
KNOWN = frozenset({"lena", "sam", "report"})


def quoted(
    odds: dict[chosen_quotes.Key, list[float]], *lines: str, language: str = "en"
) -> dict[chosen_quotes.Key, str]:
    said = [SpokenPiece(2 * at + 1, Line(text, (), frozenset()), text) for at, text in enumerate(lines)]
    found = chosen_quotes.chosen(said, odds, dict.fromkeys(odds, 0.0), known=KNOWN, language=language)
    return {key: piece.line.text for key, piece in found.items()}


def test_the_plainest_sentence_is_quoted() -> None:
    assert quoted({EFFECT: [0.6, 2.0]}, FRIDAY, ELEVEN) == {EFFECT: ELEVEN}


def test_a_behaviour_that_no_sentence_shows_has_no_quote() -> None:
    assert quoted({EFFECT: [-0.1, -2.0]}, FRIDAY, ELEVEN) == {}


def test_one_sentence_may_be_quoted_for_several_behaviours() -> None:
    odds = {EVENT: [0.6, 4.0], EFFECT: [-3.0, 2.0], ASKS: [-3.0, 1.0]}
    assert set(quoted(odds, FRIDAY, ELEVEN).values()) == {ELEVEN}


def test_a_garbled_sentence_gives_way_to_a_clean_one_that_shows_the_same() -> None:
    assert quoted({EFFECT: [2.4, 1.0]}, GARBLED, ELEVEN) == {EFFECT: ELEVEN}
    assert quoted({EFFECT: [2.4, 0.2]}, GARBLED, ELEVEN) == {EFFECT: GARBLED}, "the clean one barely shows it"


@pytest.mark.parametrize(
    ("key", "aside", "line"),
    [
        ("says-what-they-want", "Can you give me an answer by Friday?", "I'd like eight percent from March."),
        ("says-by-when", "You won't be without heat tonight.", "The technician is there by six tomorrow."),
    ],
)
def test_words_beside_the_matter_give_way_to_the_matter(key: str, aside: str, line: str) -> None:
    said = ("request", key)
    assert quoted({said: [2.4, 1.0]}, aside, line) == {said: line}
    assert quoted({said: [2.4, -1.0]}, aside, line) == {said: aside}, "nothing else shows it"


@pytest.mark.parametrize(
    "line",
    [
        "On Monday, Sam said so.",
        "I know, I'm late.",
        "Then Lena left in March.",
        "LENA sat here, OK.",
        "妈，您辛苦了。",
    ],
)
def test_scenario_names_days_and_first_words_do_not_look_garbled(line: str) -> None:
    assert quoted({EFFECT: [1.5, 0.9]}, line, ELEVEN) == {EFFECT: line}


def test_of_a_sentence_that_runs_on_the_part_that_shows_it_about_as_plainly_is_quoted() -> None:
    turn = "I'll give the tickets to Omar on Monday and you ring me the same day"
    part = "you ring me the same day"
    said = [SpokenPiece(1, Line(text, (), frozenset()), turn) for text in (turn, part)]

    def quoted_of(plainly: float) -> str:
        found = chosen_quotes.chosen(said, {ASKS: [3.0, plainly]}, {ASKS: 0.0}, known=KNOWN, language="en")
        return found[ASKS].line.text

    assert quoted_of(2.5) == part
    assert quoted_of(1.0) == turn, "the part leaves out what shows it"
