"""A PostgreSQL server that a test may stop, started by scripts/bootstrap."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coach.config import ROOT


@contextmanager
def running() -> Iterator[Any]:
    """Yields a running `scripts.bootstrap.postgres.Server`: `url`, `stop(how)`, `start()`."""
    path = str(ROOT / "scripts" / "bootstrap")
    sys.path.insert(0, path)
    try:
        import postgres
    finally:
        sys.path.remove(path)
    with postgres.running() as server:
        yield server
