"""The other person's trust in the trainee: a whole number from -3 to 3, moved only by what the trainee does.

What moves it is the `trust` of the reactions that a turn calls for (`rules.role_rules`): every loss counts, a gain only
the first time its reaction happens. Trust that is used up ends the talk (`rules.leaving`); the difficulty changes where
it begins and how much reactions need (`rules.difficulty`). Independent of the database.
"""

from collections.abc import Iterable

TRUST_MIN, TRUST_MAX = -3, 3


def bounded(trust: int) -> int:
    """`trust`, no lower than -3 and no higher than 3."""
    return max(TRUST_MIN, min(TRUST_MAX, trust))


def moved(trust: int, *, losses: Iterable[int] = (), gains: Iterable[int] = ()) -> int:
    """The trust after one turn. `losses` and `gains`: the `trust` of its reactions that count."""
    return bounded(trust + sum(losses) + sum(gains))
