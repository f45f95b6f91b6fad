"""A redo beside its original: what changed in the moment that was redone."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from evaluations.models import Evaluation
from history import redo_comparison
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.history.cast import past_session, said, scored

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SAME = "The same behaviours were seen both times."

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario(title="Deadlines keep slipping")


@pytest.fixture
def redone(scenario: Scenario) -> PracticeSession:
    """A redo of a session from line 3 on."""
    original = scored(past_session(scenario, at=NOW), names="notShown", asks=("shown", 3), blames=("shown", 3))
    said(original, "Hi.", "Hello.", "What is it?", "You are always late.", "Says who?")
    again = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=again.pk).update(continues_from=original, continues_at=3)
    said(again, "Hi.", "Hello.", "What is it?", "The report came on Friday.", "It slid.", "And now?")
    return scored(again, names=("shown", 3), asks="notShown", blames="notShown")


def test_a_redo_is_compared_with_its_original_from_the_shared_moment_on(
    client: Client, redone: PracticeSession
) -> None:
    found = compared(redone)
    assert found.shared
    assert found.shared.transcript == "What is it?"
    assert [[turn.transcript for turn in lines] for lines in found.lines] == [
        ["You are always late.", "Says who?"],
        ["The report came on Friday.", "It slid.", "And now?"],
    ]
    assert [one.text for one in found.gained] == ["Behaviour names", "Behaviour blames"]
    assert [one.text for one in found.lost] == ["Behaviour asks"]
    page = client.get(f"/history/{redone.pk}/compare/").content.decode()
    for words in ("You are always late.", "The report came on Friday.", "quote of names at 3", "quote of asks at 3"):
        assert words in page
    assert "Hello." not in page, "said before the shared moment"


def test_identical_lines_are_shown_once_and_a_long_rest_is_folded(client: Client, scenario: Scenario) -> None:
    original = past_session(scenario, at=NOW)
    said(original, "Hi.", "You are always late.", "Says who?", *(f"Then line {number}." for number in range(4)))
    again = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=again.pk).update(continues_from=original, continues_at=1)
    said(again, "Hi.", "The report came on Friday.", "Says who?")
    page = client.get(f"/history/{again.pk}/compare/").content.decode()
    assert page.count("Says who?") == 1
    assert "Both times" in page
    folded = page[page.index("The first time went on for 4 more lines") : page.index("</details>")]
    assert all(f"Then line {number}." in folded for number in range(4))


def test_a_redo_links_to_its_comparison_and_names_the_help_used(client: Client, redone: PracticeSession) -> None:
    PracticeSession.objects.filter(pk=redone.pk).update(hints_used=1, coaching_pauses=[{"sequence": 6}])
    for path in (f"/history/{redone.pk}/", f"/sessions/{redone.pk}/"):
        assert f'href="/history/{redone.pk}/compare/"' in client.get(path).content.decode()
    Evaluation.objects.update(opened_at=NOW)
    feedback = client.get(f"/sessions/{redone.pk}/evaluation/").content.decode()
    assert "1 hint, 1 coaching pause" in feedback


def test_a_session_without_an_original_is_shown_alone(client: Client, redone: PracticeSession) -> None:
    assert redone.continues_from_id is None, "as it was read before"
    original = PracticeSession.objects.get(pk=redone.pk).continues_from
    assert original
    assert client.get(f"/history/{original.pk}/compare/")["Location"] == f"/history/{original.pk}/"
    original.delete()
    assert client.get(f"/history/{redone.pk}/compare/")["Location"] == f"/history/{redone.pk}/"
    assert client.get("/history/none/compare/").status_code == 404


def test_without_feedback_only_the_lines_are_compared(client: Client, redone: PracticeSession) -> None:
    Evaluation.objects.filter(session=redone).delete()
    page = client.get(f"/history/{redone.pk}/compare/").content.decode()
    assert "only the words can be compared" in page
    assert "The report came on Friday." in page


def redo(scenario: Scenario, *said_again: str, at: int = 3) -> tuple[PracticeSession, PracticeSession]:
    """A talk of nine lines, and its redo from line `at` on with these lines; neither has feedback."""
    original = past_session(scenario, at=NOW)
    lines = [f"Line {number}." for number in range(9)]
    said(original, *lines)
    again = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=again.pk).update(continues_from=original, continues_at=at)
    said(again, *lines[:at], *said_again)
    return original, again


def compared(again: PracticeSession) -> redo_comparison.RedoComparison:
    found = redo_comparison.compare(PracticeSession.objects.select_related("continues_from").get(pk=again.pk))
    assert found
    return found


def shown(client: Client, again: PracticeSession) -> str:
    """The words of the page up to the lines."""
    page = client.get(f"/history/{again.pk}/compare/").content.decode()
    changes = page.partition("What changed")[2].partition('aria-labelledby="compare-lines"')[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", changes)).split())


def rows(client: Client, again: PracticeSession) -> list[list[str]]:
    """Behaviour, first time, this time."""
    page = client.get(f"/history/{again.pk}/compare/").content.decode()
    table = page.partition('class="compare-behaviours')[2].partition('aria-labelledby="compare-lines"')[0]
    cells = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr")]
    plain = [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]
    return [row for row in plain if row and row[0].removeprefix("Not this: ").startswith("Behaviour ")]


def test_a_redo_in_which_nothing_was_said_has_nothing_to_compare(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario)
    scored(original, names=("shown", 3))
    scored(again).evaluation.scores.all().delete()
    page = shown(client, again)
    assert SAME not in page
    assert "There was nothing to score this time, so there is nothing to compare." in page


def test_an_original_in_which_nothing_was_scored_has_nothing_to_compare(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario, "Better.")
    scored(original).evaluation.scores.all().delete()
    scored(again, names=("shown", 3))
    assert "There was nothing to score the first time, so there is nothing to compare." in shown(client, again)


def test_feedback_of_ratings_only_claims_no_same_behaviours(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario, "Better.")
    scored(original, 2)
    scored(again, 4, names=("shown", 3))
    page = shown(client, again)
    assert SAME not in page
    assert "The feedback on one of the two has ratings only, so there are no behaviours to compare." in page
    assert "4 of 5" in page


@pytest.mark.parametrize(
    ("before", "after", "labels"),
    [
        ("notApplicable", "shown", ["Didn't come up", "You did this “quote of names at 3”"]),
        ("shown", "notApplicable", ["You did this “quote of names at 3”", "Didn't come up"]),
        ("shown", "unsure", ["You did this “quote of names at 3”", "Could be read either way"]),
        ("notApplicable", "notShown", ["Didn't come up", "Not yet"]),
        ("notApplicable", "unsure", ["Didn't come up", "Could be read either way"]),
    ],
)
def test_whatever_changed_is_told_in_words_old_and_new(
    client: Client, scenario: Scenario, before: str, after: str, labels: list[str]
) -> None:
    original, again = redo(scenario, "Better.", "So?")
    scored(original, 2, names=(before, 3), asks="notShown")
    scored(again, 4, names=(after, 3), asks="notShown")
    assert [one.key for one in compared(again).changes] == ["names"]
    assert SAME not in shown(client, again)
    assert rows(client, again) == [["Behaviour names", *labels], ["Behaviour asks", "Not yet", "Not yet"]]


def test_sameness_is_claimed_only_where_nothing_changed(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario, "Better.")
    scored(original, names=("shown", 3), asks="notShown")
    scored(again, names=("shown", 3), asks="notShown")
    assert SAME in shown(client, again)
    assert len(rows(client, again)) == 2


def test_what_came_after_the_redos_last_line_is_neither_missing_nor_mended(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario, "Better.", "So?", "", "Hm.")
    scored(original, names="notShown", asks=("shown", 7), blames=("shown", 5))
    scored(again, names=("shown", 3), asks="notShown", blames="notShown")
    assert [row[0] for row in rows(client, again)] == ["Behaviour names"]
    found = compared(again)
    assert ([one.key for one in found.gained], found.lost) == (["names"], [])
    assert "or the first time further on, is left out" in shown(client, again)


def test_what_was_said_before_the_redone_line_is_left_out(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario, "Better.", "So?")
    scored(original, names=("shown", 1), asks="notShown", blames="notShown")
    scored(again, names="notShown", asks=("shown", 1), blames=("shown", 1))
    assert rows(client, again) == []
    page = shown(client, again)
    assert SAME not in page
    assert "None of what the feedback looks for belongs to these lines" in page


def test_what_was_lost_in_the_redone_lines_is_told(client: Client, scenario: Scenario) -> None:
    original, again = redo(scenario, "Worse.", "So?", "Even worse.")
    scored(original, names=("shown", 5), asks=("shown", 3), blames="notShown")
    scored(again, names="notShown", asks=("shown", 5), blames=("shown", 3))
    assert [one.key for one in compared(again).lost] == ["names", "blames"]
    assert [row[0] for row in rows(client, again)] == [
        "Behaviour names",
        "Not this: Behaviour blames",
        "Behaviour asks",
    ]


def test_the_comparison_takes_the_same_queries_however_much_was_found(
    client: Client, scenario: Scenario, django_assert_num_queries: Any
) -> None:
    few, many = (redo(scenario, "Better.", "So?") for _ in range(2))
    for one in few:
        scored(one, names="notShown")
    for one in many:
        scored(one, names="notShown", asks=("shown", 3), blames="notShown")
    client.get(f"/history/{few[1].pk}/compare/")
    with django_assert_num_queries(9) as spent:
        client.get(f"/history/{few[1].pk}/compare/")
    with django_assert_num_queries(len(spent)):
        client.get(f"/history/{many[1].pk}/compare/")
