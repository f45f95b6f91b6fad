"""Fixture: the importer, run from the command line on files made for the test."""

from pathlib import Path

import pytest

from tests.seeding.records import Importer


@pytest.fixture
def seed(tmp_path: Path, db: None) -> Importer:
    return Importer(tmp_path)
