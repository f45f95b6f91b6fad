"""The deployment check warns of a SQLite version with a bug that may damage the database."""

import sqlite3
from typing import Any

import pytest
from django.core import checks

from coach.database import wal_reset


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_which_versions_have_the_bug(version: tuple[int, ...], affected: bool) -> None:
    assert wal_reset.has_bug(version) is affected


def test_the_deployment_check_names_the_bug_only_with_sqlite(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")

    def found(*, deploy: bool) -> list[str]:
        return [
            each.id or "" for each in checks.run_checks(include_deployment_checks=deploy) if each.id == "coach.W001"
        ]

    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert (found(deploy=True), found(deploy=False)) == (["coach.W001"], [])
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "coach.database")
    assert found(deploy=True) == []
