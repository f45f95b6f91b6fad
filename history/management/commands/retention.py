"""`manage.py retention`: show what is past its retention; `--erase` erases it now instead of at night."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from coach import clock
from history import retention


class Command(BaseCommand):
    help = "List what is older than it is kept (RETAIN_*), and with --erase erase it now instead of next night."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--erase", action="store_true")

    def handle(self, *args: Any, erase: bool, **options: Any) -> None:
        if erase:
            run = retention.run_now(by=_who(), clock=clock.now)
            for name, count in run.erased.items():
                self.stdout.write(f"{name}: {count} erased")
            self.stdout.write("Done." if run.erased else "Nothing was due.")
            return
        for each in retention.preview(clock.now()):
            kept = "for ever" if each.days is None else f"{each.days} days" if each.days else "until they expire"
            due = f", {each.count} due since {each.oldest:%Y-%m-%d}" if each.oldest else ""
            variable = f" ({each.kind.variable})" if each.kind.variable else ""
            self.stdout.write(f"{each.kind.name}: kept {kept}{variable}{due}")
        self.stdout.write("Nothing was erased: pass --erase, or wait for the night.")


def _who() -> str:
    try:
        return f"{getpass.getuser()} (command)"
    except (KeyError, OSError):  # A container's user without a name.
        return "command"
