"""An in-memory LeanCloud service: classes, batches, scans and files of one app, with the real service's traps.

    with leancloud_wire.serve(LeanCloudFake()) as fake:
        fake.url, fake.objects["Turn"], fake.files, fake.requests
        fake.fail_next(503, times=3)
        fake.answer("/bytes/", b"<html>Blocked</html>", headers={"Content-Type": "text/html"})

Traps, as documented: a missing id answers 200 `{}`, a missing class 404 code 101, a limit out of range silently becomes
100, a reply over 6 MB is cut, a batch answers 200 although some of it failed, 429 above the concurrency limit, code 137
on a unique index, 305 on a failed condition; a lost answer (the write happened, the connection broke) on request.
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CURSOR_SECONDS = 600


@dataclass
class Fault:
    """How the next requests fail: with an HTTP status or, with `lose_answer`, by a lost connection after the work."""

    status: int = 0
    path: str = ""
    lose_answer: bool = False
    times: int = 1
    retry_after: str = ""


@dataclass
class ExactAnswer:
    """A raw answer to requests whose path contains `path`: exactly these bytes and headers.

    `silent`: nothing is sent until the client leaves. `on_drip`: one byte after the other is sent until the client
    leaves, and this is called before each.
    """

    path: str
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None
    silent: bool = False
    on_drip: Callable[[], None] | None = None

    async def send(self, receive: Any, send: Any) -> None:
        if self.silent:
            await _left(receive)
            return
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        if self.on_drip:
            # Sending to a client that has left raises nothing, so this task has to end the drip.
            leaving = asyncio.ensure_future(_left(receive))
            while not leaving.done():
                self.on_drip()
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
                await asyncio.sleep(0)
            return
        await send({"type": "http.response.body", "body": self.body})


async def _left(receive: Any) -> None:
    """Wait until the client goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass


@dataclass
class LeanCloudFake:
    app_id: str = "fake-app"
    app_key: str = "fake-app-key"
    master_key: str = "fake-master-key"
    provider: str = "s3"
    concurrent_max: int = 60
    url: str = ""
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    content: dict[str, bytes] = field(default_factory=dict)
    unique: set[tuple[str, str]] = field(default_factory=set)
    requests: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    exact: list[ExactAnswer] = field(default_factory=list)
    down: bool = False
    read_only: bool = False
    under_way: int = 0
    cursors: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    clock: Any = time.time

    def fail_next(self, status: int, *, times: int = 1, path: str = "", retry_after: str = "") -> None:
        self.faults.append(Fault(status=status, times=times, path=path, retry_after=retry_after))

    def answer(self, path: str, body: bytes | str = b"", **options: Any) -> None:
        """Send exactly this for every path that contains `path`."""
        self.exact.append(ExactAnswer(path, body.encode() if isinstance(body, str) else body, **options))

    def exact_answer_for(self, path: str) -> ExactAnswer | None:
        for answer in self.exact:
            if answer.path in path:
                if answer.times is not None:
                    answer.times -= 1
                    if not answer.times:
                        self.exact.remove(answer)
                return answer
        return None

    def put(self, class_name: str, body: dict[str, Any]) -> str:
        """Store an object exactly as given, under its `objectId` or a new one; returns the id."""
        object_id = body.get("objectId")
        key = object_id if isinstance(object_id, str) and object_id else secrets.token_hex(12)
        times = {} if "createdAt" in body else {"createdAt": self.now()}
        times |= {} if "updatedAt" in body else {"updatedAt": self.now()}
        self.objects[class_name][key] = {"objectId": key, **times, **body}
        return key

    def add_file(self, name: str, content: bytes) -> str:
        """Add a `_File` whose bytes are at `/bytes/{name}`; returns its id."""
        checksum = hashlib.md5(content).hexdigest()
        body = {"name": name, "metaData": {"size": len(content), "_checksum": checksum}}
        object_id = secrets.token_hex(12)
        self.files[object_id] = body | {"objectId": object_id, "key": name, "url": f"{self.url}/bytes/{name}"}
        self.content[name] = content
        return object_id

    def lose_next_answer(self, path: str = "") -> None:
        self.faults.append(Fault(lose_answer=True, path=path))

    def fault_for(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.path in path:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def authorised(self, headers: Mapping[str, str]) -> bool:
        if headers.get("x-lc-id") != self.app_id:
            return False
        if "x-lc-key" in headers:
            key, _, kind = headers["x-lc-key"].partition(",")
            return key == (self.master_key if kind == "master" else self.app_key)
        sign, moment, *kind = headers.get("x-lc-sign", ",").split(",")
        key = self.master_key if kind == ["master"] else self.app_key
        return sign == hashlib.md5((moment + key).encode()).hexdigest()

    # The operations of one object, used by single calls and batches alike: (status, body).

    def create(self, class_name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if refusal := self._taken(class_name, body, ""):
            return 400, refusal
        object_id, moment = secrets.token_hex(12), self.now()
        self.objects[class_name][object_id] = _without_operators({}, body) | {
            "objectId": object_id,
            "createdAt": moment,
            "updatedAt": moment,
        }
        return 201, {"objectId": object_id, "createdAt": moment}

    def update(self, class_name: str, object_id: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self.objects[class_name].get(object_id)
        if found is None:
            return 404, {"code": 101, "error": "object not found for update"}
        if refusal := self._taken(class_name, body, object_id):
            return 400, refusal
        self.objects[class_name][object_id] = _without_operators(found, body) | {"updatedAt": self.now()}
        return 200, {"objectId": object_id, "updatedAt": self.objects[class_name][object_id]["updatedAt"]}

    def delete(self, class_name: str, object_id: str) -> tuple[int, dict[str, Any]]:
        if self.objects[class_name].pop(object_id, None) is None:
            return 404, {"code": 101, "error": "object not found for delete"}
        return 200, {}

    def query(self, class_name: str, params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        if class_name not in self.objects:
            return 404, {"code": 101, "error": "Class or object doesn't exists."}
        where = json.loads(params.get("where", "{}"))
        found = [item for item in self.objects[class_name].values() if matches(item, where)]
        for key in reversed([key for key in params.get("order", "").split(",") if key]):
            found.sort(key=lambda item: str(item.get(key.lstrip("-"), "")), reverse=key.startswith("-"))
        reply: dict[str, Any] = {"count": len(found)} if params.get("count") == "1" else {}
        skip, limit = int(params.get("skip", "0")), _limit(params.get("limit"))
        keys = [key for key in params.get("keys", "").split(",") if key]
        reply["results"] = [_only(item, keys) for item in found[skip : skip + limit]]
        return 200, reply

    def query_files(self, params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        where, limit = json.loads(params.get("where", "{}")), _limit(params.get("limit"))
        ids = (
            where.get("objectId", {}).get("$in", self.files) if isinstance(where.get("objectId"), dict) else self.files
        )
        found = [self.files[each] for each in ids if each in self.files and matches(self.files[each], where)]
        return 200, {"results": found[:limit]}

    def scan(self, class_name: str, params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        if class_name not in self.objects:
            return 404, {"code": 101, "error": "Class or object doesn't exists."}
        after = ""
        if cursor := params.get("cursor"):
            known = self.cursors.get(cursor)
            if known is None or known[0] != class_name or self.clock() - known[2] > CURSOR_SECONDS:
                return 400, {"code": 1, "error": "cursor is invalid or expired"}
            after = known[1]
        where, limit = json.loads(params.get("where", "{}")), _limit(params.get("limit"))
        rest = sorted(key for key, item in self.objects[class_name].items() if key > after and matches(item, where))
        page, reply = rest[:limit], {}
        reply["results"] = [self.objects[class_name][key] for key in page]
        if len(rest) > limit:
            reply["cursor"] = secrets.token_hex(8)
            self.cursors[reply["cursor"]] = (class_name, page[-1], self.clock())
        return 200, reply

    def _taken(self, class_name: str, body: Mapping[str, Any], object_id: str) -> dict[str, Any] | None:
        for unique_class, name in self.unique:
            if unique_class != class_name or name not in body:
                continue
            if any(item.get(name) == body[name] and key != object_id for key, item in self.objects[class_name].items()):
                return {"code": 137, "error": "A unique field was given a value that is already taken."}
        return None

    def now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _limit(text: str | None) -> int:
    return int(text) if text and text.isdigit() and 1 <= int(text) <= 1000 else 100


def _only(item: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    always = {"objectId", "createdAt", "updatedAt"}
    return {key: value for key, value in item.items() if not keys or key in always or key in keys}


def _without_operators(found: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    changed = dict(found)
    for key, value in body.items():
        if isinstance(value, dict) and value.get("__op") == "Delete":
            changed.pop(key, None)
        else:
            changed[key] = value
    return changed


def matches(item: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    return all(_holds(item.get(key), condition) for key, condition in where.items())


def _holds(value: Any, condition: Any) -> bool:
    if not isinstance(condition, dict) or not any(key.startswith("$") for key in condition):
        return bool(value == condition)
    checks = {
        "$in": lambda wanted: value in wanted,
        "$gt": lambda wanted: value is not None and value > wanted,
        "$gte": lambda wanted: value is not None and value >= wanted,
        "$lt": lambda wanted: value is not None and value < wanted,
        "$ne": lambda wanted: value != wanted,
        "$exists": lambda wanted: (value is not None) == wanted,
    }
    return all(checks[name](wanted) for name, wanted in condition.items())
