"""The charset a client claims for its body, read before Django: it takes any codec Python has, zlib and idna included,
for query and form alike, and fails outside all error handling.
"""

import codecs
from email.message import Message

from django.http import HttpResponse

from coach.edge.drain_gate import Application, Receive, Scope, Send, send_response
from coach.edge.problems import problem

READABLE = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
"""Names as in codecs.lookup."""
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
DETAIL = "This charset is not read here. Send text as UTF-8."


class ReadableCharset:
    """Answers 415 for a body in another charset; without a body the claim is meaningless and dropped."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope.get("headers", ())
        claim = next((value for name, value in headers if name == b"content-type"), b"")
        if scope["type"] != "http" or b"charset" not in claim.lower() or _is_readable(claim.decode("latin-1")):
            await self._application(scope, receive, send)
        elif scope["method"] in WITH_BODY:
            await send_response(send, _refusal(scope["path"]))
        else:
            kept = [(name, value) for name, value in headers if name != b"content-type"]
            await self._application({**scope, "headers": kept}, receive, send)


def _is_readable(content_type: str) -> bool:
    message = Message()
    message["content-type"] = "".join(filter(str.isprintable, content_type))
    charset = message.get_content_charset()
    try:
        return charset is None or codecs.lookup(charset).name in READABLE
    except (LookupError, ValueError):
        return False


def _refusal(path: str) -> HttpResponse:
    if path.startswith("/api/"):
        return problem(415, DETAIL)
    return HttpResponse(DETAIL, status=415, content_type="text/plain; charset=utf-8")
