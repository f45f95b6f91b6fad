"""All processes use the database server's clock, however wrong their machines' clocks are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from types import ModuleType

import pytest
from django.db import connection

from coach import clock
from coach.database import server_clock as database_clock
from practice.turns import replies

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def ahead_by(seconds: float) -> type[datetime]:
    """A `datetime` class whose clock is ahead."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=seconds)

    return Ahead


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`machine(seconds)`: from now on this machine's clock is that far ahead, and the process has just connected."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has the machine's clock")

    def become(seconds: float) -> None:
        modules: list[ModuleType] = [clock, database_clock]
        for module in modules:
            monkeypatch.setattr(module, "datetime", ahead_by(seconds))
        monkeypatch.setattr(database_clock, "_measured_at", None)
        monkeypatch.setattr(clock, "_difference", timedelta(0))
        connection.close()
        connection.ensure_connection()

    return become


@pytest.mark.parametrize("seconds", [6.0, -6.0, 3600.0])
def test_a_machine_with_a_wrong_clock_uses_the_servers_time(machine: Callable[[float], None], seconds: float) -> None:
    machine(seconds)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    assert abs(clock.difference() + timedelta(seconds=seconds)) < timedelta(seconds=1)


def test_setting_a_machines_clock_does_not_change_its_time(
    machine: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(0)
    for module in (clock, database_clock):
        monkeypatch.setattr(module, "datetime", ahead_by(3_600))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    database_clock.measure(connection)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_no_machine_considers_anothers_lease_expired(machine: Callable[[float], None]) -> None:
    machine(0)
    lease_until = clock.now() + replies.LEASE
    machine(replies.LEASE.total_seconds() + 1)
    assert clock.now() < lease_until
