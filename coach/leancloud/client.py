"""LeanCloud's REST API (`/1.1`) as Python calls.

Only safe requests are retried: reads, batches without creates, and anything rejected with a 429. If the answer to a
create is lost, the caller has to look the object up.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import requests

from coach.leancloud import scanning
from coach.leancloud.batch import BatchWrite, WriteOutcome, outcomes_of, request_of
from coach.leancloud.downloads import TRIES as DOWNLOAD_TRIES
from coach.leancloud.downloads import Downloads
from coach.leancloud.wire import (
    CLASS_MISSING,
    TIMEOUT,
    TRIES,
    LeanCloudError,
    LeanCloudRefused,
    LeanCloudUnavailable,
    answer,
    field_of,
    retries,
    session,
)
from coach.telemetry import names
from coach.telemetry.spans import span

PAGE_MAX = 1000
IDS_MAX = 50
"""Ids in one `where`; limited because it is part of the URL."""


@dataclass(frozen=True)
class RemoteFile:
    """A stored file. Anyone who has `url` can fetch it, so it never leaves the server."""

    object_id: str
    url: str
    key: str


class LeanCloud:
    """One app of LeanCloud. Safe to share between threads: `requests` pools the connections."""

    def __init__(
        self,
        *,
        server_url: str,
        app_id: str,
        master_key: str,
        sleep: Callable[[float], None] = time.sleep,
        pool: int = 8,
        tries: int = TRIES,
    ) -> None:
        self._base = server_url.rstrip("/") + "/1.1"
        self._app_id = app_id
        self._master_key = master_key
        self._sleep = sleep
        self._tries = tries
        self._http = session(pool)
        # By class: how many writes the outbox sends at once. Halved when a request fails, doubled when one succeeds.
        self.batch_sizes: dict[str, int] = {}
        self._downloads = Downloads(tries=min(tries, DOWNLOAD_TRIES), sleep=sleep, pool=pool)

    def find(self, class_name: str, where: Mapping[str, Any], *, limit: int = 100) -> list[dict[str, Any]]:
        """Up to `limit` (1 to 1000) matching objects; none if the class does not exist."""
        if not 1 <= limit <= PAGE_MAX:
            raise ValueError(f"limit must be 1 to {PAGE_MAX}: LeanCloud would silently take 100")
        params = {"where": json.dumps(where), "limit": str(limit)}
        reply = self._if_there({"results": []}, "GET", f"/classes/{class_name}", params=params)
        return list(field_of(reply, "results", list))

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[Any]]:
        """Iterate over a whole class in pages, ordered by id; no pages if the class does not exist.

        An object too large for LeanCloud to send is returned as Unreadable.
        """
        return scanning.pages(partial(self._call, "GET"), class_name, size=page)

    def found(self, class_name: str) -> list[str]:
        """`[class_name]` if the class exists, else `[]`."""
        params = {"limit": "1", "keys": "objectId"}
        exists = self._if_there(None, "GET", f"/classes/{class_name}", params=params) is not None
        return [class_name] if exists else []

    def where(self, class_names: Iterable[str]) -> str:
        return f"The LeanCloud app that LEAN_APP_ID names: looked for the classes {', '.join(class_names)}"

    def batch(self, operations: Sequence[BatchWrite]) -> list[WriteOutcome]:
        """Send up to 100 writes; returns one outcome each, in order. A 200 does not mean that all succeeded."""
        if not operations:
            return []
        repeatable = all(operation.method != "POST" for operation in operations)
        replies = self._call("POST", "/batch", body=request_of(operations), repeatable=repeatable)
        return outcomes_of(replies, operations)

    def upload(self, name: str, content: bytes, *, key: str, mime_type: str = "audio/mpeg") -> RemoteFile:
        """Upload a file through the app's provider. File objects are immutable."""
        checksum = hashlib.md5(content, usedforsecurity=False).hexdigest()
        request = {
            "name": name,
            "key": key,
            "mime_type": mime_type,
            "metaData": {"size": len(content), "_checksum": checksum, "mime_type": mime_type},
        }
        ticket = self._call("POST", "/fileTokens", body=request, repeatable=False)
        try:
            self._send_bytes(ticket, content, mime_type)
        except (requests.RequestException, LeanCloudError) as error:
            self._call("POST", "/fileCallback", body={"token": ticket["token"], "result": False})
            raise LeanCloudUnavailable(f"the upload failed: {type(error).__name__}") from None
        self._call("POST", "/fileCallback", body={"token": ticket["token"], "result": True})
        return RemoteFile(object_id=ticket["objectId"], url=ticket["url"], key=ticket["key"])

    def find_file(self, object_id: str) -> dict[str, Any] | None:
        """The file object (`url`, `name`, `metaData`), or None."""
        return self._if_there(None, "GET", f"/files/{object_id}") or None

    def find_files(self, object_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """File objects by id, fifty per request; missing ones are left out."""
        found: dict[str, dict[str, Any]] = {}
        ids = iter(object_ids)
        while some := list(islice(ids, IDS_MAX)):
            for item in self.find("_File", {"objectId": {"$in": some}}, limit=IDS_MAX):
                if isinstance(item, dict) and isinstance(item.get("objectId"), str):
                    found[item["objectId"]] = item
        return found

    def delete_file(self, object_id: str) -> None:
        """Delete a file and its bytes. Deleting one that no longer exists succeeds."""
        self._if_there(None, "DELETE", f"/files/{object_id}")

    def download(self, url: str) -> bytes:
        """Download a file. Raises FileNotFoundError if it does not exist, LeanCloudUnavailable if the server fails."""
        return self._downloads.get(url)

    def _send_bytes(self, ticket: Mapping[str, Any], content: bytes, mime_type: str) -> None:
        url = ticket["upload_url"]
        if ticket["provider"] == "s3":
            headers = {"Content-Type": mime_type, "Cache-Control": "public, max-age=31536000"}
            reply = self._http.put(url, data=content, headers=headers, timeout=TIMEOUT)
        elif ticket["provider"] == "qiniu":
            form = {"token": ticket["token"], "key": ticket["key"]}
            files = {"file": (ticket["key"], content, mime_type)}
            reply = self._http.post(url, data=form, files=files, timeout=TIMEOUT)
        else:
            raise LeanCloudRefused(f"unknown upload provider {ticket['provider']!r}", code=0, status=0)
        if reply.status_code not in (200, 201, 204):
            raise LeanCloudUnavailable(f"the upload was answered with {reply.status_code}")

    def _if_there(self, otherwise: Any, method: str, path: str, **options: Any) -> Any:
        """The answer, or `otherwise` where LeanCloud says that there is no such class, object or file."""
        try:
            return self._call(method, path, **options)
        except LeanCloudRefused as error:
            # A 404 without a code of LeanCloud's comes from another server: the address is wrong.
            if error.code == CLASS_MISSING or (error.status == 404 and error.code):
                return otherwise
            raise

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> Any:
        with span(names.MIRROR_REQUEST, **{names.METHOD: method}):
            again = retries(repeatable=repeatable, tries=self._tries, sleep=self._sleep)
            return again(self._once, method, path, params, body)

    def _once(self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None) -> Any:
        try:
            reply = self._http.request(
                method,
                self._base + path,
                params=params,
                json=body,
                headers=self._headers(),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.ConnectTimeout:
            raise LeanCloudUnavailable("no connection", turned_away=True) from None
        except requests.RequestException as error:
            raise LeanCloudUnavailable(type(error).__name__) from None
        return answer(reply)

    def _headers(self) -> dict[str, str]:
        moment = str(int(time.time() * 1000))
        sign = hashlib.md5((moment + self._master_key).encode(), usedforsecurity=False).hexdigest()
        return {"X-LC-Id": self._app_id, "X-LC-Sign": f"{sign},{moment},master"}
