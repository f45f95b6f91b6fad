"""A thing to avoid is also heard by its likeness to known lines, if it is nearly plain already."""

from pathlib import Path

import pytest

from evaluations.local import detectors, known_lines
from evaluations.local.detectors import Detector
from evaluations.local.examples import Line
from evaluations.local.showing import ALIKE, MADE_UP, Showing, SpokenPiece, bound
from tests.evaluations.test_detectors import SHIPPED

TO_AVOID = next(each for each in SHIPPED if each.key == "makes-excuses")
TO_DO = next(each for each in SHIPPED if each.key == "says-what-went-wrong")
LINE = "That's down to the warehouse and the way they plan things there."


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> known_lines.KnownLines:
    """Two keys, in two directions of three: lines along the first show "one", along the second "two"."""
    monkeypatch.setattr(known_lines, "FILE", tmp_path / "known_lines.bin")
    along = [[1.0, 0.01 * at] for at in range(5)] + [[0.01 * at, 1.0] for at in range(5)]
    known_lines.write(
        keys=["one", "two"],
        mean=[0.0, 0.0, 10.0],
        directions=[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        lines=along,
        shown=[1] * 5 + [2] * 5,
        usual={"one": (0.0, 0.5), "two": (-1.0, 1.0)},
    )
    return known_lines.shipped.__wrapped__()


def test_a_piece_is_like_the_lines_that_point_its_way(written: known_lines.KnownLines) -> None:
    assert written.likeness("one", [2.0, 0.0, 10.0]) == pytest.approx(1.0 / 0.5, abs=0.1)
    assert written.likeness("one", [0.0, 2.0, 10.0]) == pytest.approx(-1.0 / 0.5, abs=0.1)
    assert written.likeness("two", [0.0, 2.0, 10.0]) == pytest.approx((1.0 + 1.0) / 1.0, abs=0.1)
    assert written.likeness("two", [1.0, 1.0, 10.0]) == pytest.approx(1.0, abs=0.1), "as like the one as the other"


def test_every_shipped_behaviour_to_avoid_has_lines_to_compare_with() -> None:
    known = known_lines.shipped()
    keys = {each.key for each in SHIPPED if not each.is_wanted}
    assert set(known.places) == set(known.usual) == keys
    few = [key for key in keys if sum(shown >> known.places[key] & 1 for shown in known.shown) < known_lines.NEAREST]
    assert few == []


@pytest.mark.parametrize(
    ("below", "likeness", "line", "is_shown"),
    [
        (MADE_UP / 2, ALIKE + 0.1, LINE, True),
        (MADE_UP / 2, ALIKE - 0.1, LINE, False),
        (MADE_UP + 0.1, ALIKE + 9.0, LINE, False),
        (MADE_UP / 2, ALIKE + 0.1, "The warehouse, again.", False),
        (MADE_UP / 2, ALIKE + 0.1, "My old boss said it was down to the warehouse.", False),
        (MADE_UP / 2, ALIKE + 0.1, "A client wrote to us that the warehouse is the one to blame.", False),
        (MADE_UP / 2, ALIKE + 0.1, "I understand that the warehouse was late.", False),
    ],
)
def test_only_what_is_nearly_plain_and_long_enough_is_shown_by_likeness(
    monkeypatch: pytest.MonkeyPatch, below: float, likeness: float, line: str, is_shown: bool
) -> None:
    monkeypatch.setattr(known_lines, "likeness", lambda key, vector: likeness)
    monkeypatch.setattr(Showing, "_telling", lambda self, behaviour, text: 0.0)
    piece = SpokenPiece(1, Line(line, [0.0] * 384, frozenset()), line, [0.0] * 8)
    for behaviour, shown in ((TO_AVOID, is_shown), (TO_DO, False)):
        least = bound(behaviour)
        at_odds = Detector(least - below, [0.0] * 384, [0.0] * 99, [0.0] * 8)
        monkeypatch.setattr(Detector, "odds", lambda self, *given: self.base)
        monkeypatch.setattr(detectors, "of", lambda behaviour, one=at_odds: one)
        assert (Showing("en", {}).odds("skill", behaviour, piece) >= least) == shown
