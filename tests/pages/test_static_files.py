"""What `collectstatic` leaves behind for the pages."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import storage
from django.core.management import call_command
from django.template import engines
from django.test import override_settings

from coach.config import ROOT
from coach.pages.staticfiles import HashedWhereCollected


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our own files, collected into a folder of this test and served by name from there."""
    with override_settings(STATIC_ROOT=tmp_path):
        monkeypatch.setattr(storage.staticfiles_storage, "_wrapped", HashedWhereCollected())
        monkeypatch.setattr(HashedWhereCollected, "post_process_with_compression", lambda self, files: files)
        others = ["npm", "ninja", "admin", "django_htmx", "auditlog"]
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=others)
        yield tmp_path


def test_all_styles_come_as_one_file_the_tokens_first(collected: Path) -> None:
    links = engines["django"].from_string("{% stylesheets %}").render({})
    address = re.fullmatch(r'<link rel="stylesheet" href="/static/(css/site\.[0-9a-f]{12}\.css)">', links)
    assert address is not None
    together = (collected / address.group(1)).read_text("utf-8")
    parts = [path.read_text("utf-8").strip() for path in (ROOT / "static/css").glob("*.css")]
    assert all(part in together for part in parts)
    assert together.startswith("@layer tokens, base, components, pages, print;")
