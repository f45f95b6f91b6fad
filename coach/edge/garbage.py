"""Keeps garbage collection short: its pauses were the longest waits of a busy process."""

import gc

# With Python's default of 700, every reply interrupted twenty people's conversations for a millisecond.
OBJECTS_BETWEEN_COLLECTIONS = 3_000


def keep_what_is_loaded() -> None:
    """Leave everything that exists now out of later collections, and collect less often.

    Modules, classes and settings stay to the end; looking for garbage in them took up to 180 ms in which nobody was
    answered. Call it once the process has started.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
