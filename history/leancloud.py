"""What history knows that LeanCloud must not undo: sessions that were erased here."""

from collections.abc import Collection

from coach.storage.leancloud.records import register_erasures
from history.models import Erasure


def _erased(session_ids: Collection[str]) -> set[str]:
    return set(Erasure.objects.filter(session_id__in=session_ids).values_list("session_id", flat=True))


def plug_in() -> None:
    register_erasures("PracticeSession", _erased)
