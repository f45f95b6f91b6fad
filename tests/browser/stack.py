"""Runs the product's processes with the shipped catalog; with `collected`, also with static files as in production."""

import contextlib
import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests import programs, stack

# As setup does it, with hashed names and one style sheet, but without compressed copies, which take long to make.
COLLECT = """
from coach.pages.staticfiles import HashedWhereCollected
HashedWhereCollected.post_process_with_compression = lambda self, files: files
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
"""


@contextlib.contextmanager
def running(*, collected: bool = False, **settings: str) -> Iterator[stack.Stack]:
    with stack.running(prepare=functools.partial(_furnish, collected=collected), **settings) as up:
        yield up


def _furnish(up: stack.Stack, *, collected: bool) -> None:
    shutil.copy(programs.made_once("catalog", _catalog) / "coach.sqlite3", up.var_dir)
    if collected:
        shutil.copytree(
            programs.made_once("static", _static_files) / "static", up.var_dir / "static", dirs_exist_ok=True
        )


def _catalog(folder: Path) -> None:
    shutil.copy(stack.migrated(), folder)
    programs.manage("seed_scenarios", "--if-empty", **programs.in_folder(folder))


def _static_files(folder: Path) -> None:
    programs.manage("shell", "--no-imports", "-v", "0", "-c", COLLECT, **programs.in_folder(folder))
