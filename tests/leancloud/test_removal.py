"""The product works without its LeanCloud parts."""

from pathlib import Path

from tests.without import run, without

REMOVED = ["coach/leancloud", "tests/leancloud", "*/leancloud*.py"]
LISTED = '    "coach.leancloud",\n'
SMOKE = [
    "tests/storage/test_audio_upload.py",
    "tests/storage/test_moving_and_backup.py",
    "tests/history/test_erasure.py",
    "tests/history/test_pages.py",
    "tests/admin/test_operations.py",
]


def test_without_leancloud_the_rest_migrates_and_passes_its_tests(tmp_path: Path) -> None:
    rest = without(tmp_path, *REMOVED)
    settings = rest / "coach" / "settings.py"
    text = settings.read_text()
    assert text.count(LISTED) == 1
    settings.write_text(text.replace(LISTED, ""))
    assert "leancloud" not in run(rest, "manage.py", "help").stdout
    checked = run(rest, "manage.py", "makemigrations", "--check", "--dry-run")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = run(rest, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SMOKE)
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]
