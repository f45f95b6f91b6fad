"""Computes a skill's rating, 1 to 5, from its behaviours. Pure.

For a skill without behaviours a cloud evaluator gives the rating itself (`cloud.model_answer`).

Only `do` behaviours with a clear answer count: `applicable` is shown or not shown, `share` is shown ÷ applicable.

    share of applicable `do` shown      rating
    none                                1
    under 0.40                          2
    0.40 to under 0.65                  3
    0.65 to under 0.90                  4
    0.90 and more                       5

    only 1 applicable                   at most 3   (one thing seen does not stand for a whole skill)
    only 2 applicable                   at most 4
    each `avoid` behaviour shown        1 lower, never below 1, nor below 2 while at least as many `do` were shown
    each `avoid` behaviour avoided      nothing: not doing something earns no rating
    a plain insult, mockery or threat   at most 2, and 1 is possible whatever was heard

No rating (None, "no occasion") if no `do` is applicable and no `avoid` was shown; 1 if only an `avoid` was. `unsure`
and `notApplicable` count as if the behaviour had not been asked about, so neither lowers a rating.
"""

from collections.abc import Iterable
from enum import StrEnum

from practice.catalog.behaviours import BehaviourKind
from practice.catalog.rubric import RATINGS


class Answer(StrEnum):
    """A reading's answer about one behaviour."""

    SHOWN = "shown"
    NOT_SHOWN = "notShown"
    NOT_APPLICABLE = "notApplicable"
    UNSURE = "unsure"


STEPS = ((0.90, 5), (0.65, 4), (0.40, 3), (0.0, 2))
"""The minimum share for each rating, best first; a share of zero is a 1."""
AT_MOST = {1: 3, 2: 4}
"""The highest rating by number of applicable `do` behaviours."""
INSULT_AT_MOST = 2
SOMETHING_AT_LEAST = 2
"""A 1 means that nothing was done well, so somebody who did one thing well and slipped once gets more."""
STRONGEST_FROM = 3
"""The least rating, or mean of ratings, of a skill that is called the strongest or praised."""


def rate(answers: Iterable[tuple[str, str]], *, insulting: bool = False) -> int | None:
    """The rating for (kind, answer) of each behaviour of one skill; None if there was no occasion."""
    given = [(BehaviourKind(kind), Answer(answer)) for kind, answer in answers]
    done = [answer for kind, answer in given if kind is BehaviourKind.DO]
    shown = done.count(Answer.SHOWN)
    applicable = shown + done.count(Answer.NOT_SHOWN)
    avoidable = sum(given_answer == (BehaviourKind.AVOID, Answer.SHOWN) for given_answer in given)
    if not applicable and not avoidable:
        return None
    rating = _of_share(shown, applicable) - avoidable
    if shown >= max(1, avoidable) and not insulting:
        rating = max(SOMETHING_AT_LEAST, rating)
    if insulting:
        rating = min(rating, INSULT_AT_MOST)
    return max(RATINGS[0], rating)


def _of_share(shown: int, applicable: int) -> int:
    if not shown:
        return RATINGS[0]
    share = shown / applicable
    reached = next(rating for least, rating in STEPS if share >= least)
    return min(reached, AT_MOST.get(applicable, RATINGS[-1]))
