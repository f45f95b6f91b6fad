"""Walk a whole class of LeanCloud in pages."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from coach.leancloud.jsonstream import Unreadable
from coach.leancloud.wire import CLASS_MISSING, LeanCloudRefused, ReplyCut, field_of, unexpected

Get = Callable[..., Any]
"""`get(path, params=...)`: the answer of one request."""


def pages(get: Get, class_name: str, *, size: int) -> Iterator[list[Any]]:
    """Pages of at most `size` objects, in the order of the ids.

    A page that would be cut at 6 MB is asked for again, smaller; an object that is cut even alone comes as Unreadable.
    A cursor that has run out (it lives ten minutes) is replaced by a new one from where it was.
    """
    path, cursor, last = f"/scan/classes/{class_name}", "", ""
    before: list[Any] = []
    while True:
        after = {"cursor": cursor} if cursor else _after(last)
        try:
            reply = get(path, params={"limit": str(size), **after})
        except ReplyCut:
            if size == 1:
                cursor, last = "", _id_behind(get, path, last)
                yield [Unreadable(f"{class_name} {last}: is larger than LeanCloud sends")]
            size = max(1, size // 4)
            continue
        except LeanCloudRefused as error:
            if error.code == CLASS_MISSING:
                return
            if not cursor:
                raise
            cursor = ""
            continue
        results = field_of(reply, "results", list)
        if results:
            if results == before:
                raise unexpected("a scan that does not get on")
            before = results
            ids = [each["objectId"] for each in results if isinstance(each, dict) and each.get("objectId")]
            last = str(ids[-1]) if ids else last
            yield results
        cursor = reply.get("cursor") or ""
        if not cursor:
            return
        if not results:
            raise unexpected("a scan that does not get on")


def _id_behind(get: Get, path: str, last: str) -> str:
    """The id of the next object in the order of the ids."""
    found = field_of(get(path, params={"limit": "1", "keys": "objectId", **_after(last)}), "results", list)
    return str(field_of(found[0] if found else None, "objectId", str))


def _after(last: str) -> dict[str, str]:
    return {"where": json.dumps({"objectId": {"$gt": last}})} if last else {}
