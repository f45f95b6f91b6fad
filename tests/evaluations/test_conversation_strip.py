"""The figures of how a conversation was spoken stand beside the trainee's usual figures."""

from datetime import UTC, datetime, timedelta

import pytest

from evaluations.page import conversation_strip, delivery_figures
from practice.models import PracticeSession, Scenario, Turn
from practice.views import script
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


def measured(own_ms: int, questions: int) -> dict[str, object]:
    times = {"durationMs": own_ms, "leadMs": 0, "speakingMs": own_ms, "pauses": []}
    return times | {"words": 8, "fillers": 0, "questions": questions}


def test_a_typed_question_counts_as_a_question(scenario: Scenario) -> None:
    session = spoken(scenario, 0, questions=1)
    asked = {"speaker": "trainee", "transcript": "ok how long have you been doing that", "created_at": NOW}
    Turn.objects.create(session=session, sequence=3, started_at=NOW, ended_at=NOW + timedelta(seconds=4), **asked)
    Turn.objects.create(session=session, sequence=5, started_at=NOW, ended_at=NOW, **asked)
    strip = conversation_strip.of(session, list(session.turns.order_by("sequence")))
    assert strip is not None
    assert next(figure.value for figure in strip.figures if figure.name == "Questions you asked") == "3"
    figures = delivery_figures.of_session(session.pk)
    assert figures
    assert figures["questions"] == 3


@pytest.fixture
def redone(scenario: Scenario) -> PracticeSession:
    """A redo from line 3 on; the page took 40 s to load and read, then the trainee answered twice."""
    session = past_session(scenario, at=NOW)
    PracticeSession.objects.filter(pk=session.pk).update(
        continues_from=past_session(scenario, at=NOW - timedelta(days=1)), continues_at=3
    )
    session.refresh_from_db()
    said(session, "Come in.", "Why is it late?", "So?", "On Friday.", "Hm.", "What now?")
    session.turns.filter(sequence__lt=3).update(started_at=NOW, ended_at=NOW)  # as `redo.begin` copies them
    session.turns.filter(sequence=0).update(interrupted=True)
    times: list[tuple[int, int, int, dict[str, object] | None]] = [
        (3, 40, 50, measured(10_000, 0)),
        (4, 51, 55, None),
        (5, 57, 60, measured(3_000, 1)),
    ]
    for sequence, begun, over, found in times:
        session.turns.filter(sequence=sequence).update(
            started_at=NOW + timedelta(seconds=begun), ended_at=NOW + timedelta(seconds=over), delivery=found
        )
    return session


def test_a_redo_is_measured_by_its_own_lines_alone(redone: PracticeSession) -> None:
    found = delivery_figures.of_session(redone.pk)
    assert found
    assert (found["timeToAnswerMs"], found["questions"]) == (2_000, 1)
    assert [(one["sequence"], one["startMs"]) for one in found["strip"]] == [(3, 0), (4, 11_000), (5, 17_000)]
    strip = conversation_strip.of(redone, list(redone.turns.order_by("sequence")))
    assert strip
    shown = {figure.name: figure.value for figure in strip.figures}
    assert (shown["Time before you answered"], shown["Questions you asked"]) == ("2.0 s", "1")
    assert "You interrupted" not in shown
    assert [segment.at_seconds for segment in strip.segments] == [0, 11, 17]
    assert strip.total_seconds == 20


def test_a_redos_own_lines_are_timed_from_the_first_of_them(redone: PracticeSession) -> None:
    """The script and the strip beside it show the same times."""
    lines = script.lines(redone, redone.turns.order_by("sequence"), startable=False)
    assert [getattr(line, "at", None) for line in lines] == [None, None, None, 0, 11, 17]
