"""Pace, pauses and turn-taking of a conversation, computed from its stored turns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coach.audio.speech_activity import SpeechActivity
from practice import delivery
from practice.delivery import SpokenTurn
from practice.models import PracticeSession

BEGUN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def measured(text: str, *spans: tuple[int, int], language: str = "en", duration_ms: int = 20_000) -> dict[str, Any]:
    return delivery.of_turn(SpeechActivity(duration_ms, spans), text, language).stored()


def ai(sequence: int, start: float, end: float, interrupted: bool = False) -> SpokenTurn:
    return SpokenTurn(sequence, "ai", at(start), at(end), interrupted, None)


def trainee(sequence: int, start: float, end: float, found: dict[str, Any] | None) -> SpokenTurn:
    return SpokenTurn(sequence, "trainee", at(start), at(end), False, found)


def test_the_figures_of_a_conversation() -> None:
    first = measured("So what got in the way? Um, tell me.", (500, 4500), (6500, 8500))
    second = measured("word " * 20, (1000, 9000))
    found = delivery.of_session([ai(0, 0, 4), trainee(1, 5, 15, first), ai(2, 16, 20), trainee(3, 20.5, 30.5, second)])
    assert found is not None
    assert found.words_per_minute == round(29 / 14 * 60)
    assert (found.pauses, found.longest_pause_ms) == (1, 2000)
    # 1.5 s after the first AI turn, including half a second of silence; 1.5 s after the second.
    assert found.time_to_answer_ms == 1500
    assert found.longest_monologue_ms == 8000
    assert found.share_of_talk == round(14 / 22, 3)
    assert (found.questions, found.fillers) == (1, 1)


def test_chinese_counts_characters() -> None:
    found = measured("嗯，我想问一下，上周五的报表怎么了？", (0, 4000), language="zh")
    assert (found["words"], found["questions"], found["fillers"]) == (15, 1, 1)


def test_an_answer_to_an_interrupted_turn_has_no_time_to_answer() -> None:
    found = delivery.of_session([ai(0, 0, 4, interrupted=True), trainee(1, 4, 8, measured("Hello.", (0, 2000)))])
    assert found is not None
    assert found.time_to_answer_ms is None


def test_typed_and_unmeasured_turns_give_no_figures() -> None:
    assert delivery.of_session([ai(0, 0, 4), trainee(1, 4, 8, None)]) is None


def test_too_little_speech_has_no_pace() -> None:
    found = delivery.of_session([trainee(1, 0, 2, measured("Yes of course.", (0, 900)))])
    assert found is not None
    assert found.words_per_minute is None


def test_the_strip_shows_who_spoke_when_and_pauses_on_the_same_time_line() -> None:
    found = measured("one two", (500, 4500), (6500, 8500))
    strip = delivery.strip([ai(0, 0, 4), trainee(1, 5, 15, found)])
    assert [(one["speaker"], one["startMs"], one["endMs"]) for one in strip] == [
        ("ai", 0, 4000),
        ("trainee", 5500, 13500),
    ]
    assert strip[1]["pauses"] == [[9500, 11500]]


def test_the_strip_leaves_coaching_pauses_out() -> None:
    asked = replace(ai(0, 0, 2), coached_ms=30_000)
    answered = trainee(1, 33, 43, measured("Hm, well.", (500, 3000)))
    strip = delivery.strip([asked, answered, ai(2, 44, 46)])
    assert [(one["startMs"], one["endMs"]) for one in strip] == [(0, 2000), (3500, 6000), (14_000, 16_000)]


def test_the_usual_range_needs_five_sessions() -> None:
    def session(words: int) -> delivery.SessionDelivery:
        found = delivery.of_session([trainee(1, 0, 20, measured("word " * words, (0, 10_000)))])
        assert found is not None
        return found

    assert delivery.usual_band([session(20)] * 4) is None
    band = delivery.usual_band([session(words) for words in (10, 20, 20, 30, 40)])
    assert band is not None
    assert band["wordsPerMinute"] == [120, 180]
    assert "timeToAnswerMs" not in band


@pytest.mark.parametrize(("text", "words"), [("", 0), ("I'd say so.", 3), ("I’d say: no — well…", 4), ("…", 0)])
def test_words_are_counted_as_a_listener_would_count_them(text: str, words: int) -> None:
    assert delivery.count_words(text, "en") == words


def test_a_coaching_pause_counts_neither_as_time_to_answer_nor_as_time_spent() -> None:
    asked = replace(ai(0, 0, 2), coached_ms=30_000)
    found = delivery.of_session([asked, trainee(1, 33, 43, measured("Hm, well.", (500, 3000)))])
    assert found is not None
    assert found.time_to_answer_ms == 1500
    pauses = [
        {"sequence": 6, "pausedAt": "2026-01-05T09:01:00Z", "resumedAt": "2026-01-05T09:01:40Z"},
        {"sequence": 12, "pausedAt": "2026-01-05T09:03:00Z", "resumedAt": None},
    ]
    session = PracticeSession(
        started_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
        ended_at=datetime(2026, 1, 5, 9, 4, tzinfo=UTC),
        coaching_pauses=pauses,
    )
    assert session.total_duration_seconds == 240 - 40 - 60
