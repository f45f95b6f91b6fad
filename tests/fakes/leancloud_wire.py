"""The fake LeanCloud's HTTP layer: its routes, and the checks before them (keys, faults, concurrent requests)."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.fakes import server
from tests.fakes.leancloud import LeanCloudFake, matches

CUT_BYTES = 6_000_000


def app(fake: LeanCloudFake) -> Starlette:
    """The fake as an ASGI app."""

    async def classes(request: Request) -> Response:
        class_name, object_id = request.path_params["name"], request.path_params.get("id", "")
        if request.method == "GET":
            if class_name == "_File":
                return _json(*fake.query_files(request.query_params))
            if not object_id:
                return _json(*fake.query(class_name, request.query_params))
            if class_name not in fake.objects:
                return _json(404, {"code": 101, "error": "Class or object doesn't exists."})
            return _json(200, fake.objects[class_name].get(object_id, {}))
        if fake.read_only:
            return _json(503, {"code": 503, "error": "read only"})
        if request.method == "DELETE":
            return _json(*fake.delete(class_name, object_id))
        body = await request.json()
        if request.method == "POST":
            return _json(*fake.create(class_name, body))
        if where := request.query_params.get("where"):
            found = fake.objects[class_name].get(object_id, {})
            if not matches(found, json.loads(where)):
                return _json(400, {"code": 305, "error": "No effect on updating/deleting a document."})
        return _json(*fake.update(class_name, object_id, body))

    async def batch(request: Request) -> Response:
        replies = []
        for item in (await request.json())["requests"]:
            _, _, _, class_name, *rest = item["path"].split("?")[0].split("/")
            if item["method"] == "POST":
                status, reply = fake.create(class_name, item.get("body", {}))
            elif item["method"] == "PUT":
                status, reply = fake.update(class_name, rest[0], item.get("body", {}))
            else:
                status, reply = fake.delete(class_name, rest[0])
            replies.append({"success": reply} if status < 400 else {"error": reply})
        return _json(200, replies)

    async def scan(request: Request) -> Response:
        return _json(*fake.scan(request.path_params["name"], request.query_params))

    async def file_tokens(request: Request) -> Response:
        body = await request.json()
        object_id, token = secrets.token_hex(12), secrets.token_hex(8)
        key = body.get("key") or secrets.token_hex(8) + "-" + body["name"]
        fake.files[object_id] = body | {
            "objectId": object_id,
            "key": key,
            "url": f"{fake.url}/bytes/{key}",
            "createdAt": fake.now(),
            "updatedAt": fake.now(),
        }
        fake.tokens[token] = object_id
        upload = f"{fake.url}/upload/{key}" if fake.provider == "s3" else f"{fake.url}/upload"
        reply = {"provider": fake.provider, "token": token, "upload_url": upload, "bucket": "fake"}
        return _json(200, {**fake.files[object_id], **reply, "mime_type": body.get("mime_type") or "audio/mpeg"})

    async def file_callback(request: Request) -> Response:
        body = await request.json()
        object_id = fake.tokens.pop(body.get("token", ""), "")
        if object_id and not body["result"]:
            fake.files.pop(object_id, None)
        return _json(200, {})

    async def files(request: Request) -> Response:
        object_id = request.path_params["id"]
        if object_id not in fake.files:
            return _json(200, {}) if request.method == "GET" else _json(404, {"code": 154, "error": "not found"})
        if request.method == "GET":
            return _json(200, fake.files[object_id])
        fake.content.pop(fake.files.pop(object_id)["key"], None)
        return _json(200, {})

    async def upload(request: Request) -> Response:
        if request.method == "PUT":
            fake.content[request.path_params["key"]] = await request.body()
        else:
            form = await request.form()
            if str(form["token"]) not in fake.tokens:
                return _json(401, {"error": "bad token"})
            fake.content[str(form["key"])] = await form["file"].read()  # type: ignore[union-attr]
        return _json(200, {})

    async def content(request: Request) -> Response:
        stored = fake.content.get(request.path_params["key"])
        if stored is None:
            return Response(status_code=404)
        return Response(stored, media_type="audio/mpeg")

    async def date(request: Request) -> Response:
        return _json(200, {"__type": "Date", "iso": fake.now()})

    objects = ["GET", "POST", "PUT", "DELETE"]
    routes = [
        Route("/1.1/date", date),
        Route("/1.1/batch", batch, methods=["POST"]),
        Route("/1.1/scan/classes/{name}", scan),
        Route("/1.1/classes/{name}", classes, methods=objects),
        Route("/1.1/classes/{name}/{id}", classes, methods=objects),
        Route("/1.1/fileTokens", file_tokens, methods=["POST"]),
        Route("/1.1/fileCallback", file_callback, methods=["POST"]),
        Route("/1.1/files/{id}", files, methods=["GET", "DELETE"]),
        Route("/upload", upload, methods=["POST"]),
        Route("/upload/{key:path}", upload, methods=["PUT"]),
        Route("/bytes/{key:path}", content),
    ]
    return _Doorman(Starlette(routes=routes), fake)  # type: ignore[return-value]


class _Doorman:
    """Checks the keys, counts requests, and makes them fail before or after the app has done its work."""

    def __init__(self, inner: Starlette, fake: LeanCloudFake) -> None:
        self.inner, self.fake = inner, fake

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.inner(scope, receive, send)
        fake, path = self.fake, scope["path"]
        fake.requests.append((scope["method"], path))
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if exact := fake.exact_answer_for(path):
            return await exact.send(receive, send)
        fault = fake.fault_for(path)
        if fake.down or (fault and fault.status):
            status = 503 if fake.down else fault.status  # type: ignore[union-attr]
            extra = {"Retry-After": fault.retry_after} if fault and fault.retry_after else {}
            await _json(status, {"code": status, "error": "fault"}, extra)(scope, receive, send)
            return None
        if path.startswith("/1.1/") and not fake.authorised(headers):
            await _json(401, {"code": 401, "error": "Unauthorized."})(scope, receive, send)
            return None
        if fake.under_way >= fake.concurrent_max:
            await _json(429, {"code": 429, "error": "Too many requests."})(scope, receive, send)
            return None
        fake.under_way += 1
        try:
            if fault and fault.lose_answer:
                await self.inner(scope, receive, _nowhere)
                raise ConnectionAbortedError("the answer is lost on purpose")
            await self.inner(scope, receive, send)
        finally:
            fake.under_way -= 1
        return None


async def _nowhere(message: Any) -> None:
    return None


@contextmanager
def serve(fake: LeanCloudFake) -> Iterator[LeanCloudFake]:
    """Serve the fake on a free loopback port until the block ends."""
    with server.serving(app(fake)) as fake.url:
        yield fake


def _json(status: int, content: Any, headers: Mapping[str, str] | None = None) -> Response:
    # JSON escapes let lone surrogates through, as the real service does.
    body = json.dumps(content).encode()
    cut = body[:CUT_BYTES] if status == 200 else body
    return Response(cut, status_code=status, headers=dict(headers or {}), media_type="application/json")
