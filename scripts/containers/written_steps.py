"""Reads the container commands of docs/operations.md."""

import re
import textwrap
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
BLOCK = re.compile(r"^( *)```sh with-containers (\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def steps() -> dict[str, str]:
    """Shell commands by the word that follows `with-containers` at their code block."""
    return {name: textwrap.dedent(text) for _, name, text in BLOCK.findall(DOCUMENT.read_text())}
