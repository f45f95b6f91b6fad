"""Names that scripts import from the product exist; mypy does not check scripts without a .py ending."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "scripts" / "bench"
OURS = ("coach", "practice", "evaluations", "history", "tests")


def scripts() -> list[Path]:
    files = (path for path in BENCH.iterdir() if path.is_file() and path.suffix in ("", ".py"))
    return sorted(path for path in files if path.suffix or "python" in path.open(encoding="utf-8").readline())


@pytest.mark.parametrize("script", scripts(), ids=lambda path: path.name)
def test_what_a_bench_imports_exists(script: Path) -> None:
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
            module = import_module(str(node.module))
            for name in node.names:
                found = hasattr(module, name.name) or find_spec(f"{node.module}.{name.name}")
                assert found, f"{script.name} imports {name.name} from {node.module}"
