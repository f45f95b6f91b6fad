"""A start prepares the installation again once anything that the preparation reads has changed."""

from pathlib import Path

import pytest
from django.apps import apps

from coach.supervision import prepare

FOLDERS = [Path(app.name.replace(".", "/"), "migrations") for app in apps.get_app_configs()]


@pytest.mark.parametrize("migrations", [folder for folder in FOLDERS if (prepare.ROOT / folder).exists()], ids=str)
def test_a_new_migration_of_any_app_is_noticed(
    migrations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / migrations
    folder.mkdir(parents=True)
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    before = prepare.fingerprint()
    (folder / "9999_new.py").write_text("")
    assert prepare.fingerprint() != before
