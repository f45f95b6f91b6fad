"""The operator's console: every line is prefixed with the name of its part."""

import asyncio
import contextlib
import sys
from typing import TextIO

WIDTH = 8
COLOURS = {"redis": 35, "web": 36, "worker": 32, "live": 32, "evaluation": 32, "beat": 34, "models": 33}


class Console:
    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty()

    def say(self, name: str, line: str) -> None:
        prefix = f"{name:<{WIDTH}}|"
        if self._coloured:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        self.write(f"{prefix} {line}")

    def write(self, line: str) -> None:
        """Where the line cannot be written (its log's disk is full, the terminal has gone) the parts go on without."""
        with contextlib.suppress(OSError):
            self._stream.write(line + "\n")
            self._stream.flush()

    async def pump(self, name: str, output: asyncio.StreamReader | None, *, unsaid: str = "") -> None:
        """Show a process's output line by line until it closes it."""
        while output is not None:
            try:
                line = await output.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                self._show(name, end.partial, unsaid)
                return
            except asyncio.LimitOverrunError as overrun:
                line = await output.readexactly(overrun.consumed)
            self._show(name, line, unsaid)

    def _show(self, name: str, line: bytes, unsaid: str) -> None:
        text = line.decode(errors="replace").rstrip()
        if text and not self._quiet and not (unsaid and unsaid in text):
            self.say(name, text)
