"""How likely a statement is, measured by the model's yes/no log-odds."""

from collections.abc import Mapping, Sequence

import pytest

from coach.local_models.language_model import judging
from coach.local_models.language_model.llm import TokenCount, odds

SAID = [{"role": "system", "content": "Judge."}, {"role": "user", "content": "Robin: Let us look at the numbers."}]


class Inclined:
    """An engine with these yes/no log-odds, which records what it was asked."""

    def __init__(self, drawn: float | None) -> None:
        self.drawn = drawn
        self.asked: list[tuple[Sequence[Mapping[str, str]], tuple[str, str]]] = []

    async def yes_no_log_odds(
        self, messages: Sequence[Mapping[str, str]], answers: tuple[str, str], *, tally: TokenCount
    ) -> float | None:
        self.asked.append((messages, answers))
        return self.drawn


async def likelihood(engine: Inclined, question: str = "Is Robin calm?") -> float | None:
    return await judging.likelihood(question, SAID, engine, TokenCount())  # type: ignore[arg-type]


@pytest.mark.parametrize(("drawn", "share"), [(0, 0.5), (2.2, 0.9), (-2.2, 0.1), (-800, 0.0), (800, 1.0)])
async def test_log_odds_become_a_probability(drawn: float, share: float) -> None:
    assert await likelihood(Inclined(drawn)) == pytest.approx(share, abs=0.01)


async def test_the_prompt_before_the_question_is_constant_so_that_it_is_prefilled_once() -> None:
    engine = Inclined(1)
    await likelihood(engine, "Is Robin calm?")
    await likelihood(engine, "Is Robin kind?")
    first, second = (messages[-1]["content"] for messages, _ in engine.asked)
    assert first == f"{SAID[-1]['content']}\n\nIs Robin calm?"
    assert second == f"{SAID[-1]['content']}\n\nIs Robin kind?"


async def test_a_chinese_question_is_answered_in_chinese() -> None:
    engine = Inclined(1)
    await likelihood(engine, "小李冷静吗？")
    await likelihood(engine)
    assert [answers for _, answers in engine.asked] == [("是", "否"), ("Yes", "No")]


async def test_without_probabilities_from_the_engine_there_is_no_estimate() -> None:
    assert await likelihood(Inclined(None)) is None


def test_odds_are_read_from_a_completions_logprobs() -> None:
    tops = [{"token": " A", "logprob": -0.5}, {"token": "B", "logprob": -2.0}, {"token": "the", "logprob": -4.0}]
    assert odds([{"token": "A", "top_logprobs": tops}], ("A", "B")) == 1.5
    assert odds([{"token": "A", "top_logprobs": [tops[0], tops[2]]}], ("A", "B")) == 3.5
    assert odds([{"token": "the", "top_logprobs": [tops[2]]}], ("A", "B")) is None
    assert odds(None, ("A", "B")) is None
