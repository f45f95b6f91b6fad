"""The stored session counts follow every way of writing sessions."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from history import erasure, tally
from history.models import Tally
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.history.cast import past_session, past_sessions

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def one() -> Scenario:
    return cast.scenario()


@pytest.fixture
def other(one: Scenario) -> Scenario:
    return cast.scenario(external_id="other", title="Another one")


def counted() -> dict[tuple[str, str], int]:
    return {(row.user_id, row.scenario_id): row.sessions for row in Tally.objects.all()}


def test_each_trainee_and_scenario_has_a_count(one: Scenario, other: Scenario) -> None:
    for scenario, user in ((one, "alex"), (one, "alex"), (other, "alex"), (one, "sam")):
        past_session(scenario, at=NOW, user=user)
    assert counted() == {("alex", one.pk): 2, ("alex", other.pk): 1, ("sam", one.pk): 1}


def test_bulk_created_sessions_are_all_counted(one: Scenario, other: Scenario) -> None:
    past_sessions([one, other], 9, at=NOW)
    assert counted() == {("pilot-user", one.pk): 5, ("pilot-user", other.pk): 4}


def test_a_session_moved_to_another_trainee_is_counted_there(one: Scenario, other: Scenario) -> None:
    session = past_session(one, at=NOW)
    PracticeSession.objects.filter(pk=session.pk).update(scenario=other)
    session.refresh_from_db()
    session.save()
    assert counted() == {("pilot-user", other.pk): 1}


def test_time_counts_only_for_sessions_that_began_and_ended(one: Scenario) -> None:
    session = past_session(one, at=NOW)
    past_session(one, at=NOW, minutes=1)

    def held() -> tuple[int, int, int]:
        return Tally.objects.values_list("sessions", "held", "seconds").get()

    assert held() == (2, 2, 300)
    PracticeSession.objects.filter(pk=session.pk).update(ended_at=None, status="active", termination_reason="")
    assert held() == (2, 1, 60)
    PracticeSession.objects.filter(pk=session.pk).update(
        ended_at=NOW + timedelta(seconds=90.6), status="ended", termination_reason="idle"
    )
    assert held() == (2, 2, 151)
    PracticeSession.objects.filter(pk=session.pk).update(started_at=None)
    assert held() == (2, 1, 60)


def test_nothing_of_an_erased_trainee_is_left(one: Scenario, other: Scenario) -> None:
    for scenario in (one, other, one):
        past_session(scenario, at=NOW)
    erasure.erase_all(user_id="pilot-user", now=NOW)
    assert counted() == {}


def test_sessions_written_while_triggers_were_missing_are_counted_on_reinstallation(one: Scenario) -> None:
    tally.stop()
    past_session(one, at=NOW)
    assert counted() == {}
    tally.keep()
    assert counted() == {("pilot-user", one.pk): 1}
    past_session(one, at=NOW)
    assert counted() == {("pilot-user", one.pk): 2}


def test_every_migration_leaves_the_triggers_installed() -> None:
    tally.stop()
    call_command("migrate", verbosity=0, stdout=StringIO())
    with connection.cursor() as cursor:
        assert tally.kept(cursor)
