"""Progress output for the person waiting: steps, and in each step the progress, speed and time left."""

import sys
import threading
import time

MB = 1_000_000


class Trouble(Exception):
    """Something the reader can act on; `str()` is one clear sentence."""


class Step:
    """One line that is redrawn on a terminal and repeated every few seconds elsewhere.

    with Step("Python packages") as step:
        step.show("12 of 90", done_bytes=…, left_seconds=…)
    """

    repeat_seconds = 3.0

    def __init__(self, title, stream=None):
        self.title = title
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty()
        self.started = time.monotonic()
        self.last_shown = 0.0
        self.drawn = 0
        self.outcome = "done"

    def __enter__(self):
        if not self.terminal:
            self._line(f"· {self.title} …")
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self._clear()
            self._line(f"✓ {self.title}: {self.outcome} ({spent(time.monotonic() - self.started)})")
        else:
            self._clear()
            self._line(f"✗ {self.title}")
        return False

    def show(self, text, done_bytes=None, left_seconds=None):
        """Show the progress; with `done_bytes` also the rate."""
        now = time.monotonic()
        if now - self.last_shown < (0.1 if self.terminal else self.repeat_seconds):
            return
        self.last_shown = now
        parts = [text] if text else []
        elapsed = now - self.started
        if done_bytes is not None:
            rate = done_bytes / elapsed if elapsed > 0.5 else 0
            parts.append(size(done_bytes))
            if rate:
                parts.append(f"{size(rate)}/s")
        if left_seconds is not None and elapsed > 2:
            parts.append(f"about {spent(left_seconds)} left")
        line = f"  {self.title}: " + " · ".join(parts)
        if self.terminal:
            self._clear()
            self.stream.write(line)
            self.stream.flush()
            self.drawn = len(line)
        else:
            self._line(line)

    def _clear(self):
        if self.drawn:
            self.stream.write("\r\x1b[2K")
            self.drawn = 0

    def _line(self, text):
        self.stream.write(text + "\n")
        self.stream.flush()


class Heartbeat:
    """Calls `look` every second on a thread while something that reports nothing runs."""

    def __init__(self, look):
        self._look = look
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *ignored):
        self._stop.set()
        self._thread.join()
        return False

    def _run(self):
        while not self._stop.wait(1):
            self._look()


def size(count):
    """Bytes for people: 950 kB, 12.3 MB, 1.12 GB."""
    if count < MB:
        return f"{count / 1000:.0f} kB"
    if count < 1000 * MB:
        return f"{count / MB:.1f} MB"
    return f"{count / (1000 * MB):.2f} GB"


def spent(seconds):
    """Seconds for people: 0.4 s, 12 s, 3 min 20 s."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
