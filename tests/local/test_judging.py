"""Where on a described scale a conversation lies, told by what the model is inclined to answer."""

from collections.abc import Mapping, Sequence

import pytest

from coach.local import judging
from coach.local.forms import Scale
from coach.local.llm import Tally, odds

SCALE = Scale(
    ("rating",), "Calm", "Which one fits?", {1: "Shouts.", 3: "Holds back.", 5: "Keeps to the matter."}, (1, 2, 3, 4, 5)
)
SAID = [{"role": "user", "content": "Robin: Let us look at the numbers."}]


class Inclined:
    """Prefers the better description by `drawn`, and what stands first by `first`."""

    def __init__(self, drawn: float, *, first: float = 0.0) -> None:
        self._drawn, self._first = drawn, first

    async def inclination(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: Tally
    ) -> float | None:
        better_first = "A: Keeps" in messages[-1]["content"]
        return self._first + (self._drawn if better_first else -self._drawn)


async def judged(engine: object) -> int | None:
    return await judging.judged(SCALE, SAID, engine, Tally())  # type: ignore[arg-type]


@pytest.mark.parametrize(("drawn", "rating"), [(-9, 1), (0.3, 2), (0.5, 3), (0.8, 4), (9, 5)])
async def test_the_further_the_inclination_the_further_the_rating(drawn: float, rating: int) -> None:
    assert await judged(Inclined(drawn)) == rating


async def test_a_liking_for_what_stands_first_counts_for_nothing() -> None:
    assert await judged(Inclined(0.4, first=3.0)) == await judged(Inclined(0.4))


async def test_an_engine_that_tells_no_probabilities_is_not_guessed_for() -> None:
    class Silent(Inclined):
        async def inclination(self, *asked: object, **also: object) -> float | None:
            return None

    assert await judged(Silent(1)) is None


def test_odds_are_read_from_a_completions_logprobs() -> None:
    tops = [{"token": " A", "logprob": -0.5}, {"token": "B", "logprob": -2.0}, {"token": "the", "logprob": -4.0}]
    assert odds([{"token": "A", "top_logprobs": tops}], ("A", "B")) == 1.5
    assert odds([{"token": "A", "top_logprobs": [tops[0], tops[2]]}], ("A", "B")) == 3.5
    assert odds([{"token": "the", "top_logprobs": [tops[2]]}], ("A", "B")) is None
    assert odds(None, ("A", "B")) is None
