"""Exit statuses and messages of `manage.py leancloud`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from coach.leancloud.client import LeanCloud
from practice.models import PracticeSession
from tests.fakes.leancloud import LeanCloudFake

pytestmark = pytest.mark.django_db


def test_the_command_needs_settings_and_says_so() -> None:
    with pytest.raises(CommandError, match="LEAN_APP_ID") as refusal:
        call_command("leancloud", "verify", stdout=StringIO())
    assert refusal.value.returncode == 2


def test_verify_exits_1_with_differences_and_2_when_it_cannot_compare(
    session: PracticeSession, lean: LeanCloud, fake: LeanCloudFake, tmp_path: Path
) -> None:
    out = StringIO()
    (tmp_path / "Skill.json").write_text("[]")
    with pytest.raises(CommandError) as refusal:
        call_command("leancloud", "verify", from_export=tmp_path, stdout=out)
    assert refusal.value.returncode == 1
    assert "is not in LeanCloud" in out.getvalue()
    (tmp_path / "Skill.json").write_text("[{")
    with pytest.raises(CommandError, match="Not everything could be compared") as refusal:
        call_command("leancloud", "verify", from_export=tmp_path, stdout=out, stderr=StringIO())
    assert refusal.value.returncode == 2
