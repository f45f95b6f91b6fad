"""No module or class has a name that the glossary replaced."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("coach", "practice", "evaluations", "history")
# The word is still used for another concept that the glossary names.
STAYS = {"mirror"}


def replaced() -> set[str]:
    rows = re.findall(r"^\|.*\|.*\|(.*)\|$", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE)[2:]
    # The new name follows the arrow.
    words = re.findall(r"(?<!→ )`([^`]+)`", " ".join(row.partition("→")[0] for row in rows))
    return {Path(word).stem for word in words if not word.endswith(".js")} - STAYS


def names() -> dict[str, Path]:
    found = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            found[path.stem] = path
            found |= {node.name: path for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}
    return found


def test_no_module_or_class_has_a_replaced_name() -> None:
    words = replaced()
    assert len(words) > 30
    assert {word: path for word, path in names().items() if word in words} == {}
