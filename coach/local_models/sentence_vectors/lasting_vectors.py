"""Vectors of texts that every talk is compared with, kept on disk so that a new process need not read them again.

Only the product's own texts belong here, never what a person said.
"""

import hashlib
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST = 65_536  # vectors, 1.6 KB each: all briefs of the seed data twice over
NUMBERS = 384
RECORD = np.dtype([("key", "V32"), ("tokens", "<i4"), ("vector", "<f4", (NUMBERS,))])

log = logging.getLogger(__name__)


class LastingVectors:
    """Unit vectors and token counts of one encoder. A file that cannot be read or written costs time, nothing else.

    Records are appended whole, so several processes may share a file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = self._read()

    def recall(self, text: str) -> tuple[NDArray[np.float32], int] | None:
        found = self._known.get(_key(text))
        return None if found is None else (found["vector"], int(found["tokens"]))

    def keep(self, found: dict[str, tuple[NDArray[np.float32], int]]) -> None:
        """From now on these texts need not be read again."""
        fresh = {key: read for text, read in found.items() if (key := _key(text)) not in self._known}
        if not fresh or len(self._known) + len(fresh) > MOST:
            return
        records = np.array([(key, tokens, vector) for key, (vector, tokens) in fresh.items()], RECORD)
        self._known |= zip(fresh, records, strict=True)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab", buffering=0) as file:
                file.write(records.tobytes())
        except OSError as error:
            log.warning("sentence vectors cannot be kept: %s", error)

    def _read(self) -> dict[bytes, np.void]:
        try:
            data = self._file.read_bytes()
        except OSError:
            return {}
        records = np.frombuffer(data[: len(data) - len(data) % RECORD.itemsize], RECORD)
        lengths = np.linalg.norm(records["vector"], axis=1)
        if len(data) % RECORD.itemsize or not np.allclose(lengths, 1, atol=1e-3):
            # A disk that was full, or something else that wrote here.
            self._file.unlink(missing_ok=True)
            return {}
        return {bytes(record["key"]): record for record in records}


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
