"""A redo from a talk in which a line has no words (yet): the recording stays with the original, late words follow."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from coach.providers.ports import Transcript
from coach.storage import audio
from history import spoken_words
from history.models import SpokenWords
from practice import sessions
from practice.lifecycle import AsrStatus, SessionStatus, Speaker
from practice.limits import capacity
from practice.models import PracticeSession, Scenario, Turn
from practice.turns import redo, transcription
from tests import cast
from tests.audio import sounds
from tests.history.cast import past_session, said

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WORDS = "The search page was four days late."

pytestmark = pytest.mark.django_db


class Recogniser:
    """Understands every recording."""

    def transcribe(self, mp3: bytes, *, language: str, session_id: str = "") -> Transcript:
        return Transcript(WORDS)


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def unheard(scenario: Scenario, status: AsrStatus) -> PracticeSession:
    """A talk whose first line of the trainee is a recording without words."""
    session = past_session(scenario, at=NOW)
    said(session, "Well?", "", "And?", "Nothing.", "Fine.")
    session.turns.filter(sequence=1).update(
        transcript=None,
        asr_status=status,
        asr_next_attempt_at=NOW if status == AsrStatus.PENDING else None,
        audio=audio.keep(sounds.mp3(1.5), duration_ms=1_500, now=NOW),
    )
    return session


def heard(scenario: Scenario) -> PracticeSession:
    session = past_session(scenario, at=NOW)
    said(session, "Well?", "Nothing is late.", "And?", "Nothing.")
    return session


def redone(original: PracticeSession, *, hours: int = 1) -> PracticeSession:
    """Its redo from line 3 on, in which nothing was said."""
    at = NOW + timedelta(hours=hours)
    session = past_session(original.scenario, at=at)
    PracticeSession.objects.filter(pk=session.pk).update(continues_from=original, continues_at=3)
    session.refresh_from_db()
    assert redo.begin(session, now=at)
    return session


def transcribe(session: PracticeSession) -> None:
    assert transcription.transcribe(session.turns.get(sequence=1).pk, Recogniser(), now=NOW)


def line(session: PracticeSession) -> Turn:
    return session.turns.get(sequence=1)


@pytest.mark.parametrize("status", [AsrStatus.FAILED, AsrStatus.PENDING])
def test_a_line_without_words_promises_no_recording_in_the_redo(
    client: Client, scenario: Scenario, status: AsrStatus
) -> None:
    again = redone(unheard(scenario, status))
    assert (line(again).transcript, line(again).asr_status, line(again).audio) == ("", None, None)
    page = client.get(f"/history/{again.pk}/").content.decode()
    assert "No words were recognised." in page
    for words in ("the recording is kept", "play the recording", "Transcribe again", "Transcribing"):
        assert words not in page, words


def test_words_that_arrive_late_reach_the_redo_and_its_own_redo(
    scenario: Scenario, django_capture_on_commit_callbacks: Any
) -> None:
    original = unheard(scenario, AsrStatus.PENDING)
    second = redone(original)
    third = redone(second, hours=2)
    other = redone(heard(scenario), hours=3)
    with django_capture_on_commit_callbacks(execute=True):
        transcribe(original)
    assert [line(one).transcript for one in (original, second, third)] == [WORDS] * 3
    assert [line(one).asr_status for one in (second, third)] == [None, None]
    assert line(other).transcript == "Nothing is late."
    found = SpokenWords.objects.filter(session_id__in=spoken_words.matching("pilot-user", "search page"))
    assert set(found.values_list("session_id", flat=True)) == {original.pk, second.pk, third.pk}


def test_words_that_arrive_while_the_redo_begins_reach_it(
    scenario: Scenario, django_capture_on_commit_callbacks: Any
) -> None:
    original = unheard(scenario, AsrStatus.PENDING)
    with django_capture_on_commit_callbacks(execute=True):
        again = redone(original)
        # Another process, which cannot see the redo yet, stores them.
        original.turns.filter(sequence=1).update(transcript=WORDS, asr_status=AsrStatus.COMPLETED)
    assert line(again).transcript == WORDS


def test_a_line_that_the_trainee_has_written_in_the_redo_keeps_its_words(
    scenario: Scenario, django_capture_on_commit_callbacks: Any
) -> None:
    original = unheard(scenario, AsrStatus.PENDING)
    again = redone(original)
    again.turns.filter(sequence=1).update(transcript="It was late.")
    with django_capture_on_commit_callbacks(execute=True):
        transcribe(original)
    assert line(again).transcript == "It was late."


def test_a_redo_whose_original_is_erased_before_it_begins_is_a_talk_of_its_own(scenario: Scenario) -> None:
    original = unheard(scenario, AsrStatus.FAILED)
    waiting = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=waiting.pk).update(
        continues_from=original, continues_at=3, status=SessionStatus.PENDING, termination_reason="",
        started_at=None, ended_at=None, duration_deadline=None,
    )  # fmt: skip
    original.delete()
    with transaction.atomic():
        capacity.lock()
        assert sessions.activate(waiting.pk, now=NOW + timedelta(hours=1))
    waiting.refresh_from_db()
    assert (waiting.continues_at, waiting.own_from) == (None, 0)
    assert waiting.turns.get().speaker == Speaker.AI
