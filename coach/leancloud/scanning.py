"""Iterate over a whole LeanCloud class in pages."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from coach.leancloud.jsonstream import Unreadable
from coach.leancloud.wire import CLASS_MISSING, LeanCloudRefused, ReplyCut, field_of, unexpected

Get = Callable[..., Any]
"""`get(path, params=...)`: the answer of one request."""


def pages(get: Get, class_name: str, *, size: int) -> Iterator[list[Any]]:
    """Pages of at most `size` objects, ordered by id.

    A page cut at 6 MB is requested again with fewer objects; a single object that is cut is returned as Unreadable. An
    expired cursor (they live ten minutes) is replaced by a new scan from the last id.
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
    """The id of the next object."""
    found = field_of(get(path, params={"limit": "1", "keys": "objectId", **_after(last)}), "results", list)
    return str(field_of(found[0] if found else None, "objectId", str))


def _after(last: str) -> dict[str, str]:
    return {"where": json.dumps({"objectId": {"$gt": last}})} if last else {}
