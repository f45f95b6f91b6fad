"""LeanCloud's REST API (`/1.1`) as Python calls.

Only what may safely be repeated is repeated: reading, replacing fields by PUT, deleting, and what a 429 turned away.
A create whose answer was lost is the caller's to look up.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

import requests

from coach.storage.leancloud.wire import (
    TIMEOUT,
    TRIES,
    LeanCloudError,
    LeanCloudRefused,
    LeanCloudUnavailable,
    ReplyCut,
    answer,
    download,
    error_of,
    retries,
    session,
)
from coach.telemetry import names
from coach.telemetry.spans import span

__all__ = ["LeanCloud", "LeanCloudError", "LeanCloudRefused", "LeanCloudUnavailable", "Operation", "Outcome"]

PAGE_MAX = 1000
BATCH_MAX = 100
IDS_MAX = 50
"""Ids in one `where`: it travels in the address."""

CLASS_MISSING = 101
UNIQUE_TAKEN = 137


@dataclass(frozen=True)
class Operation:
    """One write of a batch."""

    method: Literal["POST", "PUT", "DELETE"]
    class_name: str
    object_id: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of one write: its answer, or its error."""

    success: Mapping[str, Any] | None = None
    code: int = 0
    error: str = ""


@dataclass(frozen=True)
class RemoteFile:
    """A stored file. `url` is public to whoever has it: it never leaves the server."""

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
        signed: bool = True,
        sleep: Callable[[float], None] = time.sleep,
        pool: int = 8,
        tries: int = TRIES,
    ) -> None:
        self._base = server_url.rstrip("/") + "/1.1"
        self._app_id = app_id
        self._master_key = master_key
        self._signed = signed
        self._sleep = sleep
        self._tries = tries
        self._http = session(pool)

    def create(self, class_name: str, body: Mapping[str, Any]) -> str:
        """Make an object; its id. Raises LeanCloudUnavailable also where it may have been made."""
        return str(self._call("POST", f"/classes/{class_name}", body=body, repeatable=False)["objectId"])

    def update(self, class_name: str, object_id: str, body: Mapping[str, Any]) -> None:
        """Replace fields of an object."""
        self._call("PUT", f"/classes/{class_name}/{object_id}", body=body)

    def delete(self, class_name: str, object_id: str) -> None:
        """Delete an object; one that is gone already counts as deleted."""
        try:
            self._call("DELETE", f"/classes/{class_name}/{object_id}")
        except LeanCloudRefused as error:
            if error.status != 404 and error.code != CLASS_MISSING:
                raise

    def get(self, class_name: str, object_id: str) -> dict[str, Any] | None:
        """One object, or None: LeanCloud answers a missing id with 200 and `{}`."""
        try:
            return self._call("GET", f"/classes/{class_name}/{object_id}") or None
        except LeanCloudRefused as error:
            if error.status == 404:
                return None
            raise

    def find(
        self, class_name: str, where: Mapping[str, Any], *, limit: int = 100, order: str = "", skip: int = 0
    ) -> list[dict[str, Any]]:
        """Objects that match, at most `limit` (1 to 1000); none where the class does not exist."""
        if not 1 <= limit <= PAGE_MAX:
            raise ValueError(f"limit must be 1 to {PAGE_MAX}: LeanCloud would silently take 100")
        params = {"where": json.dumps(where), "limit": str(limit), "skip": str(skip)} | (
            {"order": order} if order else {}
        )
        try:
            return list(self._call("GET", f"/classes/{class_name}", params=params)["results"])
        except LeanCloudRefused as error:
            if error.code == CLASS_MISSING:
                return []
            raise

    def count(self, class_name: str) -> int:
        """How many objects a class has; 0 where it does not exist."""
        try:
            return int(
                self._call("GET", f"/classes/{class_name}", params={"count": "1", "limit": "1", "keys": "objectId"})[
                    "count"
                ]
            )
        except LeanCloudRefused as error:
            if error.code == CLASS_MISSING:
                return 0
            raise

    def scan(self, class_name: str, *, page: int = 500) -> Iterator[list[dict[str, Any]]]:
        """Walk a whole class in pages, in the order of the ids. A page that would be cut at 6 MB is asked for again,
        smaller; a cursor that has run out (it lives ten minutes) is replaced by a new one from where it was.
        """
        cursor, size, last = "", page, ""
        while True:
            params = {"limit": str(size)}
            if cursor:
                params["cursor"] = cursor
            elif last:
                params["where"] = json.dumps({"objectId": {"$gt": last}})
            try:
                reply = self._call("GET", f"/scan/classes/{class_name}", params=params)
            except ReplyCut:
                if size == 1:
                    raise
                size = max(1, size // 4)
                continue
            except LeanCloudRefused as error:
                if error.code == CLASS_MISSING:
                    return
                if not cursor:
                    raise
                cursor = ""
                continue
            if reply["results"]:
                last = str(reply["results"][-1].get("objectId", ""))
                yield list(reply["results"])
            cursor = reply.get("cursor") or ""
            if not cursor:
                return

    def batch(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Carry out up to 100 writes; an outcome each, in order: 200 does not mean that all succeeded."""
        if len(operations) > BATCH_MAX:
            raise ValueError(f"at most {BATCH_MAX} operations in a batch")
        if not operations:
            return []
        body = {"requests": [_batched(operation) for operation in operations]}
        repeatable = all(operation.method != "POST" for operation in operations)
        replies = self._call("POST", "/batch", body=body, repeatable=repeatable)
        if not isinstance(replies, list) or len(replies) != len(operations):
            raise LeanCloudUnavailable("the batch was answered with another number of results")
        return [_outcome(reply) for reply in replies]

    def upload(self, name: str, content: bytes, *, key: str, mime_type: str = "audio/mpeg") -> RemoteFile:
        """Store a file, by whichever provider the app has; the file object is immutable from here on."""
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
        try:
            return self._call("GET", f"/files/{object_id}") or None
        except LeanCloudRefused as error:
            if error.status == 404:
                return None
            raise

    def find_files(self, object_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """File objects by their ids, fifty a request; those that do not exist are left out."""
        found: dict[str, dict[str, Any]] = {}
        ids = iter(object_ids)
        while some := list(islice(ids, IDS_MAX)):
            for item in self.find("_File", {"objectId": {"$in": some}}, limit=IDS_MAX):
                found[item["objectId"]] = item
        return found

    def delete_file(self, object_id: str) -> None:
        """Delete a file and its bytes; one that is gone already counts as deleted."""
        try:
            self._call("DELETE", f"/files/{object_id}")
        except LeanCloudRefused as error:
            if error.status != 404:
                raise

    def download(self, url: str) -> bytes:
        """The bytes behind a file's address. FileNotFoundError where there are none."""
        return download(self._http, url, tries=self._tries, sleep=self._sleep)

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
            for attempt in retries(repeatable=repeatable, tries=self._tries, sleep=self._sleep):
                with attempt:
                    return self._once(method, path, params, body)
        raise AssertionError("unreachable: Retrying re-raises")

    def _once(self, method: str, path: str, params: Mapping[str, str] | None, body: Mapping[str, Any] | None) -> Any:
        try:
            reply = self._http.request(
                method,
                self._base + path,
                params=params,
                json=body,
                headers=self._headers(),
                timeout=TIMEOUT,
            )
        except requests.ConnectTimeout:
            raise LeanCloudUnavailable("no connection", turned_away=True) from None
        except requests.RequestException as error:
            raise LeanCloudUnavailable(type(error).__name__) from None
        return answer(reply)

    def _headers(self) -> dict[str, str]:
        if not self._signed:
            return {"X-LC-Id": self._app_id, "X-LC-Key": f"{self._master_key},master"}
        moment = str(int(time.time() * 1000))
        sign = hashlib.md5((moment + self._master_key).encode(), usedforsecurity=False).hexdigest()
        return {"X-LC-Id": self._app_id, "X-LC-Sign": f"{sign},{moment},master"}


def _batched(operation: Operation) -> dict[str, Any]:
    path = f"/1.1/classes/{operation.class_name}" + (f"/{operation.object_id}" if operation.object_id else "")
    request: dict[str, Any] = {"method": operation.method, "path": path}
    return request | ({} if operation.method == "DELETE" else {"body": dict(operation.body)})


def _outcome(reply: Mapping[str, Any]) -> Outcome:
    if "error" in reply:
        code, words = error_of(reply["error"])
        return Outcome(code=code, error=words)
    return Outcome(success=reply.get("success") or {})
