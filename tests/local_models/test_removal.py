"""The product works after deleting the two folders of the local models."""

import re
from pathlib import Path

from tests.without import COPIED, ROOT, run, without

REMOVED = ["coach/local_models", "tests/local_models"]
IMPORTED = re.compile(r"^(?:from|import) (?:coach|tests)\.local_models\b", re.MULTILINE)
SMOKE = ["tests/test_config.py", "tests/providers/test_model_health.py"]


def test_nothing_imports_the_local_models() -> None:
    found = [path for folder in COPIED for path in (ROOT / folder).rglob("*.py")]
    rest = [path for path in found if not str(path.relative_to(ROOT)).startswith(tuple(REMOVED))]
    assert len(rest) > 500
    assert [str(path) for path in rest if IMPORTED.search(path.read_text())] == []


def test_without_the_local_models_the_rest_passes_its_tests(tmp_path: Path) -> None:
    rest = without(tmp_path, *REMOVED)
    shipped = "from coach.supervision import __main__ as up, processes; print(processes.local_models_are_shipped())"
    asked = run(rest, "-c", shipped)
    assert asked.stdout == "False\n", asked.stderr
    tested = run(rest, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SMOKE)
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]
