"""The figures of how a conversation was spoken stand beside the trainee's usual figures."""

from datetime import UTC, datetime, timedelta

import pytest

from evaluations.page import conversation_strip, delivery_figures
from practice.models import PracticeSession, Scenario, Turn
from tests import cast
from tests.history.cast import past_session, said

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def spoken(scenario: Scenario, day: int, *, own_ms: int = 41_000, questions: int = 0) -> PracticeSession:
    """A session of 100 seconds in which the trainee spoke for `own_ms`."""
    session = past_session(scenario, at=NOW + timedelta(days=day))
    theirs, mine = said(session, "Come in.", "Thank you.")
    begun, lasts = session.sorted_at, timedelta(milliseconds=100_000 - own_ms)
    Turn.objects.filter(pk=theirs.pk).update(started_at=begun, ended_at=begun + lasts)
    measured = {"durationMs": own_ms, "leadMs": 0, "speakingMs": own_ms, "pauses": [], "words": 80, "fillers": 0}
    Turn.objects.filter(pk=mine.pk).update(
        started_at=begun + lasts,
        ended_at=begun + timedelta(seconds=100),
        delivery=measured | {"questions": questions},
    )
    return session


def note(session: PracticeSession, name: str) -> str:
    strip = conversation_strip.of(session, list(session.turns.order_by("sequence")))
    assert strip is not None
    return next(figure.note for figure in strip.figures if figure.name == name)


@pytest.mark.parametrize(
    ("usual", "now", "words"),
    [
        ([41_000] * 5, 41_300, ""),
        ([41_000] * 5, 48_000, "above your usual 41%"),
        ([41_000, 41_100, 41_200, 41_000, 41_300], 20_000, "below your usual 41%"),
        ([30_000, 36_000, 40_000, 44_000, 50_000], 60_000, "above your usual 36% to 44%"),
        ([30_000, 36_000, 40_000, 44_000, 50_000], 20_000, "below your usual 36% to 44%"),
        ([30_000, 36_000, 40_000, 44_000, 50_000], 44_400, ""),
        ([30_000, 36_000, 40_000, 44_000, 50_000], 41_000, ""),
        ([30_000] * 4, 90_000, ""),
    ],
)
def test_an_unusual_figure_gets_a_note(scenario: Scenario, usual: list[int], now: int, words: str) -> None:
    for day, own_ms in enumerate(usual):
        spoken(scenario, day, own_ms=own_ms)
    assert note(spoken(scenario, 30, own_ms=now), "Your share of the talk") == words


def test_a_usual_figure_is_named_once(scenario: Scenario) -> None:
    for day in range(5):
        spoken(scenario, day, questions=3)
    assert note(spoken(scenario, 30, questions=5), "Questions you asked") == "above your usual 3"


def test_a_typed_question_counts_as_a_question(scenario: Scenario) -> None:
    session = spoken(scenario, 0, questions=1)
    for sequence, seconds in ((3, 4), (5, 0)):  # the second was copied into a redo
        Turn.objects.create(
            session=session,
            sequence=sequence,
            speaker="trainee",
            transcript="ok how long have you been doing that",
            created_at=NOW,
            started_at=NOW,
            ended_at=NOW + timedelta(seconds=seconds),
        )
    strip = conversation_strip.of(session, list(session.turns.order_by("sequence")))
    assert strip is not None
    assert next(figure.value for figure in strip.figures if figure.name == "Questions you asked") == "2"
    figures = delivery_figures.of_session(session.pk)
    assert figures
    assert figures["questions"] == 2
