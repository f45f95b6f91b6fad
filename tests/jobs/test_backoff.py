"""Pauses between attempts grow up to their limit and never overflow."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from coach.jobs import Backoff

SECONDS = st.floats(min_value=0.01, max_value=600).map(lambda seconds: timedelta(seconds=seconds))
BACKOFFS = st.builds(
    lambda first, factor, further, jitter: Backoff(first, factor, first + further, jitter),
    SECONDS,
    st.floats(min_value=1.01, max_value=100.0),
    SECONDS,
    st.floats(min_value=0.0, max_value=0.5),
)


@given(BACKOFFS, st.integers(min_value=1, max_value=10**6))
def test_no_pause_is_longer_than_the_longest(backoff: Backoff, attempts: int) -> None:
    assert timedelta(0) < backoff.after(attempts) <= backoff.most


@given(BACKOFFS, st.integers(min_value=1, max_value=50))
def test_pauses_grow_apart_from_jitter(backoff: Backoff, attempts: int) -> None:
    calm = Backoff(backoff.first, backoff.factor, backoff.most, jitter=0)
    assert calm.after(attempts) <= calm.after(attempts + 1)


@given(BACKOFFS, st.floats(min_value=0, max_value=1e12), st.integers(min_value=1, max_value=20))
def test_a_pause_requested_by_a_service_is_honoured_up_to_the_longest_pause(
    backoff: Backoff, asked_for: float, attempts: int
) -> None:
    wait = backoff.after(attempts, asked_for=asked_for)
    assert wait >= min(timedelta(seconds=min(asked_for, 1e6)), backoff.most) - timedelta(microseconds=2)
