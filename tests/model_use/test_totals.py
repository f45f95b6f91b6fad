"""Every model call is counted once, on the operator's day, at the price of that time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pydantic import SecretStr

from coach.config import ModelEndpoint, config, model_prices
from coach.model_use import recorder, totals
from coach.model_use.models import ModelUse
from coach.providers import model_calls
from coach.providers.model_calls import ModelCall
from coach.providers.ports import Usage

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
CLOUD = ModelEndpoint("https://models.example/v1", "talker", SecretStr("sk"), False, "KEY", "MODEL")
LOCAL = ModelEndpoint("http://127.0.0.1/v1", "local-roleplay", None, True, "KEY", "MODEL")
TABLE = "talker=0.43/3.06,judge=0.25/2"


def use(name: str, value: Any) -> Any:
    """Set a value of the frozen config; returns the old one."""
    before = config.__dict__.get(name)
    config.__dict__[name] = value
    return before


@pytest.fixture(autouse=True)
def _prices() -> Iterator[None]:
    before = use("model_prices", model_prices.read(TABLE)), use("operator_time_zone", "UTC")
    yield
    use("model_prices", before[0])
    use("operator_time_zone", before[1])


def called(tokens_in: int = 0, tokens_out: int = 0, *, model: str = "talker", **given: Any) -> ModelCall:
    fields = {"role": "roleplay", "endpoint": CLOUD, "usage": Usage(model, tokens_in, tokens_out)}
    return ModelCall(**(fields | given))


calls = st.lists(
    st.tuples(
        st.sampled_from(["one", "two", ""]),
        st.sampled_from(["talker", "judge", "judge-2026-01-01", "unlisted"]),
        st.integers(0, 100_000_000),
        st.integers(0, 100_000_000),
        st.integers(0, 72 * 60),
    ),
    max_size=12,
)
TARIFF = {"talker": ("0.43", "3.06"), "judge": ("0.25", "2"), "judge-2026-01-01": ("0.25", "2")}


class TestSums(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(calls, st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]))
    def test_sums_by_day_and_session_equal_the_calls(self, made: list[Any], zone: str) -> None:
        use("operator_time_zone", zone)
        first = datetime(2026, 3, 7, 0, 0, tzinfo=UTC)  # New York's clocks go forward on the 8th
        by_day: dict[date, Decimal] = {}
        by_session: Counter[str] = Counter()
        for session, model, heard, said, minutes in made:
            at = first + timedelta(minutes=minutes)
            endpoint = CLOUD if model in TARIFF else ModelEndpoint("https://x/v1", model, SecretStr("s"), False, "", "")
            totals.add(called(heard, said, model=model, session_id=session, endpoint=endpoint), now=at)
            price = [Decimal(each) for each in TARIFF.get(model, ("0", "0"))]
            day = at.astimezone(totals.zone()).date()
            by_day[day] = by_day.get(day, Decimal(0)) + (price[0] * heard + price[1] * said) / 1_000_000
            by_session[session] += heard + said
        days = totals.by_day(date(2026, 3, 6), date(2026, 3, 11))
        assert sum(day.calls for day in days) == len(made)
        assert {day.day: Decimal(day.cost) / model_prices.PICO for day in days if day.cost} == {
            day: cost for day, cost in by_day.items() if cost
        }
        assert all(totals.spent_on(day.day) == day.cost for day in days)
        del by_session[""]  # calls for no session
        used: Counter[str] = Counter()
        for day in days:
            for each in totals.dearest_sessions(day.day, len(made)):
                used[each.session_id] += each.input_tokens + each.output_tokens
        assert used == by_session


@pytest.mark.django_db
@pytest.mark.postgres
class TestOneCall:
    def test_a_local_call_costs_nothing_and_is_counted(self) -> None:
        totals.add(called(500, 50, endpoint=LOCAL, model="local-roleplay", session_id="s"), now=NOW)
        row = ModelUse.objects.get()
        assert (row.calls, row.input_tokens, row.cost, row.unpriced_calls) == (1, 500, 0, 0)

    def test_a_call_without_a_price_is_distinguished_from_a_free_one(self) -> None:
        unlisted = ModelEndpoint("https://x/v1", "unlisted", SecretStr("s"), False, "", "")
        totals.add(called(500, 50, endpoint=unlisted, model="unlisted"), now=NOW)
        assert ModelUse.objects.get().unpriced_calls == 1

    def test_a_fault_is_kept_by_its_kind_with_the_latest_time(self) -> None:
        for minutes in (0, 5):
            totals.add(called(outcome="unavailable"), now=NOW + timedelta(minutes=minutes))
        totals.add(called(10, 10), now=NOW)
        found = {each.outcome: (each.calls, each.last_at) for each in totals.outcomes(NOW.date())}
        assert found == {"unavailable": (2, NOW + timedelta(minutes=5)), "ok": (1, NOW)}

    def test_the_day_is_the_operators(self) -> None:
        use("operator_time_zone", "Asia/Shanghai")
        totals.add(called(1, 1), now=datetime(2026, 3, 10, 17, 0, tzinfo=UTC))
        assert ModelUse.objects.get().day == date(2026, 3, 11)
        assert totals.next_day(NOW).astimezone(UTC) == datetime(2026, 3, 10, 16, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_calls_at_the_same_time_are_all_counted() -> None:
    def add(_: int) -> None:
        totals.add(called(100, 10, session_id="s"), now=NOW)
        connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(40)))
    row = ModelUse.objects.get()
    assert (row.calls, row.input_tokens, row.output_tokens) == (40, 4_000, 400)


@pytest.mark.django_db
def test_a_database_outage_loses_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    add: Callable[..., None] = totals.add

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    recorder.start()
    try:
        monkeypatch.setattr(totals, "add", away)
        model_calls.tell(called(7, 1))
        assert not ModelUse.objects.exists()
        monkeypatch.setattr(totals, "add", add)
        model_calls.tell(called(5, 1))
    finally:
        model_calls.stop_listening(recorder.note)
    assert ModelUse.objects.get().input_tokens == 12


@pytest.mark.django_db
def test_calls_are_recorded_without_waiting_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    writing, may_go_on = Event(), Event()
    written: list[int] = []

    def slow(call: Any, **_: Any) -> None:
        if not written:
            writing.set()
            assert may_go_on.wait(20)
        written.append(call.usage.input_tokens)

    monkeypatch.setattr(totals, "add", slow)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(recorder.note, called(7, 1))
        assert writing.wait(20)
        recorder.note(called(5, 1))
        assert written == []
        may_go_on.set()
        first.result(20)
    assert written == [7, 5]


async def test_an_event_loop_hands_its_call_to_the_thread_that_is_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It used to ask for a thread repeatedly until the other had written, five times per reply."""
    writing, may_go_on = Event(), Event()
    written: list[int] = []

    def slow(call: Any, **_: Any) -> None:
        if not written:
            writing.set()
            assert may_go_on.wait(60)
        written.append(call.usage.input_tokens)

    monkeypatch.setattr(totals, "add", slow)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(recorder.note, called(7, 1))
        try:
            assert await asyncio.to_thread(writing.wait, 20)
            recorder.note(called(5, 1))
            async with asyncio.timeout(30):
                await recorder.finish()
        finally:
            may_go_on.set()
        await asyncio.wrap_future(first)
    assert written == [7, 5]
