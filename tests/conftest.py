"""Fixtures and settings shared by all tests."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is not a failure: whether a property is true does not depend on how long an example takes.
settings.register_profile("no-clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no-clock")

PHASES = {"browser", "models", "postgres", "processes"}


def pytest_sessionstart() -> None:
    from django.conf import settings as of_django  # not set up before

    from coach.database import schema
    from tests import emptying

    schema._complete = True  # their database is migrated, and a test without one may not be asked for it
    emptying.install()
    # Django's own hashers take a third of a second on purpose, for every account that a test creates or signs in.
    of_django.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_finish() -> None:
    """What was imported stays for the whole run: the collector need not look through it again and again."""
    gc.enable()  # tests/environment.py
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """scripts/ci/validate-feature.sh looks for the tests of a phase in the files that name its mark."""
    text = {path: path.read_text("utf-8") for path in {item.path for item in items}}
    for item in items:
        for name in PHASES & {mark.name for mark in item.iter_markers()}:
            known = f"mark.{name}" in text[item.path] or item.path.parent == Path(__file__).parent / "browser"
            assert known, f"{item.nodeid} is marked {name}, and its file does not say so"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and item.get_closest_marker("browser"):
        from tests.browser import shown  # only here: Playwright takes half a second to import

        report.sections.append(("What the browser showed", shown.told()))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The process that sums up tells scripts/ci/second_try.py which tests failed."""
    listed = os.environ.get("FAILING_TESTS")
    if listed and report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        with Path(listed).open("a") as failing:
            failing.write(f"{report.nodeid}\n")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, request: pytest.FixtureRequest) -> bool:
    """On SQLite a test process begins with a copy of the file that one process of the run has migrated.

    pytest-django then takes the copy for a database that was kept, and `migrate` finds nothing to do.
    """
    from django.db import connection

    from tests import stack

    if connection.vendor != "sqlite":
        # It goes with the run's server, and dropping it would wait for every thread that keeps a connection.
        connection.creation._destroy_test_db = lambda *_: None  # type: ignore[attr-defined]
        return bool(request.config.getvalue("reuse_db"))
    database = Path(connection.creation._get_test_db_name())  # type: ignore[attr-defined]
    for old in database.parent.glob(f"{database.name}*"):
        old.unlink()
    shutil.copy(stack.migrated(), database)
    return True


@pytest.fixture(autouse=True)
def _models_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No local model server runs beside the tests; sessions would not start until it had loaded its models."""
    monkeypatch.setattr("practice.api.session_api.loading", lambda: None)


@pytest.fixture(autouse=True)
def _process_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose work waits for a second lets nobody in: here that would be the machine, or the test before."""
    from coach import threads

    waits = threads.Waits()
    monkeypatch.setattr(waits, "median", lambda: 0.0)
    monkeypatch.setattr(threads, "waits", waits)


@pytest.fixture(autouse=True)
def _language_ends_with_the_test() -> Iterator[None]:
    """A request in Chinese leaves its language active in this thread; the next test begins in English."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _threads_without_connections(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread of an earlier test may hold a connection, which a test without database may not look at."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        yield
        return
    from coach import threads

    with ThreadPoolExecutor(threads.THREADS, thread_name_prefix="work") as pool:
        monkeypatch.setattr(threads, "_POOL", pool)
        yield
