"""A plain no after an earlier one repeats it, in whatever words."""

from evaluations.local import repeated_no
from evaluations.local.examples import Line
from evaluations.local.showing import SpokenPiece


def said(sequence: int, text: str = "No.") -> SpokenPiece:
    return SpokenPiece(sequence, Line(text, (), frozenset()), text)


def test_only_a_plain_no_in_a_later_turn_repeats_the_first() -> None:
    pieces = [said(1), said(1), said(3), said(3), said(5)]
    again = [-1.0] * 5
    no = [0.0, 2.0, 0.4, 0.6, -3.0]
    raised = repeated_no.raised(again, no, 0.0, pieces)
    assert [one > odds for one, odds in zip(raised, again, strict=True)] == [False, False, False, True, False]


def test_nothing_is_repeated_before_a_no_was_said() -> None:
    assert repeated_no.raised([-1.0, -1.0], [-0.1, -0.1], 0.0, [said(1), said(3)]) == [-1.0, -1.0]
