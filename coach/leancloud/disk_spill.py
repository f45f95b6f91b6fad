"""Temporary storage on disk for data that may not fit in memory."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

KEYS_MAX = 500


class DiskSpill:
    """JSON values by key, in insertion order. Use from one thread only.

    A temporary SQLite database: about two megabytes stay in memory, the rest is in an unnamed file that disappears with
    the process.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, key TEXT UNIQUE, value TEXT)")

    def __len__(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM kept").fetchone()
        return int(count)

    def put(self, items: Iterable[tuple[str, Any]], *, replace: bool = False) -> None:
        """Store values by key. An existing key keeps its first value unless `replace` is set."""
        rows = ((key, json.dumps(value)) for key, value in items)
        instead = "DO UPDATE SET value = excluded.value" if replace else "DO NOTHING"
        statement = f"INSERT INTO kept (key, value) VALUES (?, ?) ON CONFLICT (key) {instead}"  # noqa: S608 (no data)
        self._database.executemany(statement, rows)

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """The values of the keys that exist."""
        wanted = list(keys)
        found: dict[str, Any] = {}
        for first in range(0, len(wanted), KEYS_MAX):
            some = wanted[first : first + KEYS_MAX]
            query = f"SELECT key, value FROM kept WHERE key IN ({', '.join('?' * len(some))})"  # noqa: S608 (marks)
            found |= {key: json.loads(value) for key, value in self._database.execute(query, some)}
        return found

    def pages(self, size: int) -> Iterator[list[Any]]:
        """All values, `size` at a time."""
        last = 0
        query = "SELECT number, value FROM kept WHERE number > ? ORDER BY number LIMIT ?"
        while rows := self._database.execute(query, (last, size)).fetchall():
            yield [json.loads(value) for _, value in rows]
            last = rows[-1][0]
