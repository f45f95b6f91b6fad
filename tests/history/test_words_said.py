"""A trainee finds sessions by words said in them, however the words are written."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from history import erasure, spoken_words
from history.models import SpokenWords
from history.queries import HistoryFilters, find
from history.tasks import note_spoken_words
from practice.lifecycle import AsrStatus
from practice.models import PracticeSession, Scenario, Turn
from practice.signals import turn_pulled
from practice.turns import correction
from tests import cast
from tests.history.cast import past_session, said

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def session_with(scenario: Scenario, *lines: str, user: str = "pilot-user", hours: int = 0) -> PracticeSession:
    session = past_session(scenario, at=NOW + timedelta(hours=hours), user=user)
    said(session, *lines)
    spoken_words.note(session.pk)
    return session


def found(words: str, user: str = "pilot-user") -> list[str]:
    return [session.pk for session in find(user, HistoryFilters(said=words))[:20]]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("The billing report came on Friday.", "report came on fri"),
        ("The billing report came on Friday.", "  REPORT,   came! "),
        ("Le café fermé, c’est fini", "cafe ferme"),
        ("Cafe\u0301 closed", "café"),
        ("Straße der Größe", "STRASSE"),
        ("İstanbul'da görüşelim", "istanbul"),
        ("ＦＵＬＬ ｗｉｄｔｈ", "full width"),
        ("上周五的报表晚了三天。", "报表晚了"),
        ("上周五的报表晚了三天。", "五"),
        ("昨日の報告書", "の報告"),
        ("रिपोर्ट देर से आई", "रिपोर्ट देर"),
        ("It was 3.5 days, not 1e5; 50% of O'Neil's", "3.5 days"),
        ("It was 3.5 days, not 1e5; 50% of O'Neil's", "o’neil"),
        ("Привет, как дела?", "ПРИВЕТ как де"),
        ("a" * 300 + " end", "a" * 200),
    ],
)
def test_words_are_found_however_they_are_written(scenario: Scenario, line: str, words: str) -> None:
    session = session_with(scenario, "Yes?", line)
    session_with(scenario, "Yes?", "Something else.")
    assert found(words) == [session.pk]
    (shown,) = spoken_words.lines([session.pk], words).values()
    assert (shown.sequence, shown.transcript) == (1, line)


@pytest.mark.parametrize(
    "words", ["came report", "report Friday", "eport", "came ", "friday now", '" OR *', "a:* & !b", "NOT x"]
)
def test_words_must_be_consecutive_and_only_the_last_may_be_incomplete(scenario: Scenario, words: str) -> None:
    session_with(scenario, "The report camera on Friday.", "Now then.")
    assert found(words) == []


def test_only_the_trainees_own_sessions_are_read(scenario: Scenario) -> None:
    """The owner is a word of the full-text index, so other trainees' sessions cost nothing."""
    session = session_with(scenario, "The report.")
    session_with(scenario, "The report.", user="somebody-else")
    ids = spoken_words.matching("pilot-user", "report")
    assert list(SpokenWords.objects.filter(session_id__in=ids).values_list("session_id", flat=True)) == [session.pk]


def test_a_search_without_any_word_filters_nothing(scenario: Scenario) -> None:
    session = session_with(scenario, "Hello.")
    assert [found(words) for words in ("…!?", "') | (", "\0")] == [[session.pk]] * 3


def test_searching_for_another_trainees_name_finds_none_of_their_sessions(scenario: Scenario) -> None:
    session_with(scenario, "A secret.", user="sam")
    mine = session_with(scenario, "A secret.")
    assert found("secret") == [mine.pk]
    assert found(spoken_words._owner("sam")) == []


def test_word_search_works_with_other_filters_and_both_orders(scenario: Scenario) -> None:
    many = [session_with(scenario, "On Friday.", hours=hour).pk for hour in range(30)]
    session_with(cast.scenario(), "On Friday.")
    filters = HistoryFilters(said="friday", scenario_id=scenario.pk)
    sessions = find("pilot-user", filters)
    assert len(sessions) == 30
    assert [one.pk for one in sessions[:20]] == many[::-1][:20]
    assert [one.pk for one in sessions[20:40]] == many[::-1][20:]


def test_a_line_that_is_transcribed_or_corrected_later_is_found(
    scenario: Scenario, django_capture_on_commit_callbacks
) -> None:
    session = session_with(scenario, "Hello.", "Good mourning.")
    turn = session.turns.get(sequence=1)
    turn.asr_status = AsrStatus.COMPLETED
    turn.save()
    with django_capture_on_commit_callbacks(execute=True):
        correction.correct(turn, "Good morning.", now=NOW)
    assert (found("good morning"), found("mourning")) == ([session.pk], [])


def test_the_job_indexes_older_sessions_and_an_erasure_removes_them(scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW)
    said(session, "Hello there.")
    assert found("hello there") == []
    note_spoken_words()
    assert found("hello there") == [session.pk]
    erasure.erase(session.pk, user_id="pilot-user", now=NOW)
    assert found("hello there") == []
    assert not SpokenWords.objects.exists()


def test_the_page_shows_the_matching_line_and_links_to_it(client: Client, scenario: Scenario) -> None:
    session = session_with(scenario, "Hello.", "The report came on Friday.")
    page = client.get("/history/?said=on+friday").content.decode()
    assert "The report came on Friday." in page
    assert f'href="/history/{session.pk}/#turn-1"' in page


def test_a_line_changed_by_a_pull_is_found_by_its_new_words(scenario: Scenario) -> None:
    session = session_with(scenario, "Yes?", "The billing report came on Friday.")
    turn = session.turns.get(sequence=1)
    turn.transcript = "The invoice came on Monday."
    turn.save()
    turn_pulled.send(Turn, turn=turn)
    note_spoken_words()
    assert (found("billing report"), found("invoice came")) == ([], [session.pk])
