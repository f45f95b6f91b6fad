"""The rating table, and properties that hold for every possible set of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.findings.ratings import Answer, rate

SHOWN, NOT, NONE, UNSURE = Answer.SHOWN, Answer.NOT_SHOWN, Answer.NOT_APPLICABLE, Answer.UNSURE

behaviours = st.lists(st.tuples(st.sampled_from(["do", "avoid"]), st.sampled_from(list(Answer))), max_size=10)
one = st.integers(min_value=0, max_value=9)


def do(*answers):
    return [("do", answer) for answer in answers]


def value(rating):
    """No rating sorts below every rating."""
    return 0 if rating is None else rating


@pytest.mark.parametrize(
    ("answers", "rating"),
    [
        (do(NOT, NOT, NOT, NOT), 1),
        (do(SHOWN, NOT, NOT, NOT), 2),
        (do(SHOWN, SHOWN, NOT, NOT), 3),
        (do(SHOWN, SHOWN, SHOWN, NOT), 4),
        (do(SHOWN, SHOWN, SHOWN, SHOWN), 5),
        (do(*[SHOWN] * 3, *[NOT] * 5), 2),  # 0.375
        (do(*[SHOWN] * 2, *[NOT] * 3), 3),  # 0.40
        (do(*[SHOWN] * 5, *[NOT] * 3), 3),  # 0.625
        (do(*[SHOWN] * 2, NOT), 4),  # 0.67
        (do(*[SHOWN] * 8, NOT), 4),  # 0.89
        (do(*[SHOWN] * 9, NOT), 5),  # 0.90
        (do(SHOWN, NONE, UNSURE), 3),
        (do(SHOWN, SHOWN, UNSURE), 4),
        (do(NONE, UNSURE), None),
        ([], None),
        ([*do(SHOWN, SHOWN, SHOWN), ("avoid", NOT)], 5),
        ([*do(SHOWN, SHOWN, SHOWN), ("avoid", SHOWN)], 4),
        ([*do(SHOWN, NOT, NOT), ("avoid", SHOWN), ("avoid", SHOWN)], 1),
        ([*do(SHOWN, NOT, NOT, NOT), ("avoid", SHOWN)], 2),
        ([*do(SHOWN, SHOWN, NOT, NOT), ("avoid", SHOWN), ("avoid", SHOWN)], 2),
        ([*do(NOT, NOT, NOT), ("avoid", SHOWN)], 1),
        ([*do(NONE, NONE), ("avoid", NOT)], None),
        ([*do(NONE, NONE), ("avoid", SHOWN)], 1),
    ],
)
def test_the_documented_table(answers, rating):
    assert rate(answers) == rating


@given(behaviours)
def test_a_rating_is_from_1_to_5_or_none(answers):
    assert rate(answers) in (None, 1, 2, 3, 4, 5)


@given(behaviours, one)
def test_one_more_behaviour_shown_never_lowers_the_rating(answers, at):
    for kind, _ in answers[at : at + 1]:
        if kind == "do":
            more = [*answers[:at], ("do", SHOWN), *answers[at + 1 :]]
            assert value(rate(more)) >= value(rate(answers))
    assert value(rate([*answers, ("do", SHOWN)])) >= value(rate(answers))


@given(behaviours, one, st.sampled_from([UNSURE, NONE]))
def test_unsure_or_inapplicable_behaviours_never_lower_the_rating(answers, at, answer):
    for kind, before in answers[at : at + 1]:
        if (kind, before) != ("do", SHOWN) and rate(answers) is not None:
            unclear = [*answers[:at], (kind, answer), *answers[at + 1 :]]
            assert rate(unclear) is None or rate(unclear) >= rate(answers)
    assert rate([*answers, ("do", answer)]) == rate(answers)
    assert rate([*answers, ("avoid", answer)]) == rate(answers)


@given(behaviours)
def test_avoided_behaviours_never_raise_the_rating(answers):
    credited = [(kind, NOT if kind == "avoid" and answer == NONE else answer) for kind, answer in answers]
    assert rate([*answers, ("avoid", NOT)]) == rate(credited) == rate(answers)


@given(behaviours)
def test_each_behaviour_to_avoid_lowers_the_rating(answers):
    before, after = rate(answers), rate([*answers, ("avoid", SHOWN)])
    assert after in ({1} if before is None else {before, max(1, before - 1)})
    assert after == (before or 1) - 1 or after <= 2


@given(behaviours)
def test_one_slip_beside_a_wanted_behaviour_is_not_rated_1(answers):
    shown, slips = answers.count(("do", SHOWN)), answers.count(("avoid", SHOWN))
    if shown and shown >= slips:
        assert rate(answers) >= 2


@given(behaviours)
def test_an_insult_keeps_every_rating_at_2_or_lower(answers):
    capped = rate(answers, insulting=True)
    assert capped == rate(answers) is None or 1 <= capped <= min(2, rate(answers))


@given(behaviours, st.randoms())
def test_the_order_does_not_matter(answers, random):
    shuffled = list(answers)
    random.shuffle(shuffled)
    assert rate(shuffled) == rate(answers)


@given(behaviours)
def test_without_applicable_behaviours_there_is_no_rating(answers):
    unclear = [(kind, UNSURE if answer in (SHOWN, NOT) else answer) for kind, answer in answers]
    assert rate(unclear) is None
