"""An importer run from the command line, on files written for the occasion."""

from pathlib import Path

import pytest

from tests.seeding.records import Importer


@pytest.fixture
def seed(tmp_path: Path, db: None) -> Importer:
    return Importer(tmp_path)
