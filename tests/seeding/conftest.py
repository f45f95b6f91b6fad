"""Fixture `seed`: runs the import command on records of the test."""

from pathlib import Path

import pytest

from tests.seeding.records import Importer


@pytest.fixture
def seed(tmp_path: Path, db: None) -> Importer:
    return Importer(tmp_path)
