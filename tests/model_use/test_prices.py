"""The price table is read exactly; a faulty one stops the program with an example."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.config import ConfigError, load, model_prices, model_retirement

KEYS = {"DASHSCOPE_API_KEY": "sk-one", "CHATAI_API_KEY": "sk-two"}
prices = st.decimals(min_value=0, max_value=1000, places=6, allow_nan=False, allow_infinity=False)
tokens = st.integers(min_value=0, max_value=100_000_000)


@given(prices, prices, tokens, tokens)
def test_the_cost_of_a_call_is_exact(input_price: Decimal, output_price: Decimal, heard: int, said: int) -> None:
    table = model_prices.read(f"some-model={input_price:f}/{output_price:f}")
    cost = table.cost("some-model", input_tokens=heard, output_tokens=said)
    assert cost is not None
    assert Decimal(cost) / model_prices.PICO == (input_price * heard + output_price * said) / 1_000_000


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("gpt-5-mini", True),
        ("gpt-5-mini-2025-08-07", True),
        ("openai/gpt-5-mini", True),
        ("gpt-5-mini-latest", True),
        ("gpt-5-mini-pro", False),
        ("gpt-5", False),
    ],
)
def test_a_dated_snapshot_is_billed_as_its_model_and_a_similar_name_is_not(name: str, known: bool) -> None:
    assert model_prices.read("gpt-5-mini=0.25/2").knows(name) is known


@pytest.mark.parametrize(
    "table",
    ["gpt", "gpt=1", "gpt=1/x", "gpt=1/-2", "gpt=1/NaN", "gpt=1/2000", "gpt=0.1234567/1", "a=1/2,a=1/3", "=1/2"],
)
def test_an_invalid_table_is_refused_with_its_fault(table: str) -> None:
    with pytest.raises(ConfigError, match=r"MODEL_PRICES: cannot be read.*Example: MODEL_PRICES="):
        load({"MODEL_PRICES": table})


def test_a_ceiling_without_a_price_for_every_model_names_those() -> None:
    given = {**KEYS, "DAILY_COST_CEILING": "20", "MODEL_PRICES": "qwen3-omni-flash=0.4/3"}
    with pytest.raises(ConfigError, match="MODEL_PRICES: has no price for gpt-5-mini although DAILY_COST_CEILING"):
        load(given)
    assert load(given | {"MODEL_PRICES": "qwen3-omni-flash=0.4/3, gpt-5-mini=0.25/2"}).daily_cost_ceiling == 20
    assert load({"DAILY_COST_CEILING": "20"}).daily_cost_ceiling == 20


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DAILY_COST_CEILING", "0"),
        ("DAILY_COST_CEILING", "-1"),
        ("DAILY_COST_CEILING", "a lot"),
        ("OPERATOR_TIME_ZONE", "Berlin"),
        ("OPERATOR_TIME_ZONE", "../etc/passwd"),
        ("MODEL_ENDS", "gpt=tomorrow"),
        ("MODEL_ENDS", "2026-12-11"),
        ("RETAIN_AUDIO_DAYS", "0"),
        ("RETAIN_SESSIONS_DAYS", "ever"),
    ],
)
def test_malformed_settings_stop_the_program_with_an_example(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"{name}: .*Example: {name}="):
        load({name: value})


def test_announced_ends_may_have_a_day_a_successor_or_neither() -> None:
    ends = model_retirement.read("one=2026-12-11:two, three=, qwen=:qwen-next")
    assert {name: (str(end.on), end.instead) for name, end in ends.items()} == {
        "one": ("2026-12-11", "two"),
        "three": ("None", ""),
        "qwen": ("None", "qwen-next"),
    }
