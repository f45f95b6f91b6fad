"""Records as in seed files, and an importer that writes them to files and runs the import command."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

RUBRIC = "1: Talks past it.\n3: Says it once.\n5: Says it, and checks that it arrived."


def skill(key: str = "listening", **fields: Any) -> dict[str, Any]:
    return {"externalId": key, "name": f"The art of {key}", "category": "Understanding", "rubric": RUBRIC} | fields


def scenario(key: str = "late-again", **fields: Any) -> dict[str, Any]:
    """A complete scenario record."""
    return {
        "externalId": key,
        "title": f"A talk about {key}",
        "category": "Work",
        "description": "You are in a small room.",
        "objective": "Agree on one change.",
        "aiPersona": {"name": "Sam", "role": "Colleague", "background": "You are tired and joke about it."},
        "traineePersona": {"name": "Jordan", "role": "Lead", "background": "You avoid conflict."},
        "endCriteria": ["Sam names one change.", "It fails if Sam leaves."],
        "skills": ["listening"],
        "status": "published",
    } | fields


@dataclass
class Run:
    """One run of the import command: its output and exit status."""

    ok: bool
    out: str
    error: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def problems(self) -> list[str]:
        return self.error.splitlines()[:-1]


class Importer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        if not isinstance(content, bytes):
            content = json.dumps(content, ensure_ascii=False).encode()
        path.write_bytes(content)
        return path

    def __call__(self, skills: Any = None, scenarios: Any = None, *options: str) -> Run:
        arguments = [*options]
        for name, content in (("skills", skills), ("scenarios", scenarios)):
            if content is not None:
                path = content if isinstance(content, Path) else self.write(f"{name}.json", content)
                arguments += [f"--{name}", str(path)]
        out = io.StringIO()
        try:
            call_command("seed_scenarios", *arguments, stdout=out)
        except CommandError as refusal:
            return Run(False, out.getvalue(), str(refusal).replace(f"{self.folder}/", ""))
        return Run(True, out.getvalue(), "")


def behaviour(key: str = "names-it", **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "text": f"Does {key}",
        "kind": "do",
        "shown": [f"On Monday I did {key}."],
        "notShown": [f"One should {key}."],
    } | fields


def behaviours(**first: Any) -> list[dict[str, Any]]:
    """Four of them, the first with these fields."""
    return [behaviour(**first), behaviour("asks"), behaviour("waits"), behaviour("blames", kind="avoid")]
