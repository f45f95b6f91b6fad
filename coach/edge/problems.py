"""Errors of the JSON API as `application/problem+json` (RFC 9457). `detail` says what to do next."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

from coach.edge.timestamps import iso

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """Raise in an API view to answer with a problem document."""

    def __init__(
        self,
        status: int,
        detail: object,
        *,
        code: str | None = None,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code or status)
        self.status = status
        self.detail = detail
        self.code = code
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = extra

    def response(self) -> HttpResponse:
        return problem(self.status, self.detail, code=self.code, errors=self.errors, headers=self.headers, **self.extra)


def problem(
    status: int,
    detail: object,
    *,
    title: str | None = None,
    code: str | None = None,
    errors: Iterable[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> HttpResponse:
    """`errors`: `{field, message}` each; `extra` members beside the standard ones (times as ISO 8601)."""
    body: dict[str, Any] = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status}
    body["detail"] = str(detail)
    if code:
        body["code"] = code
    found = [{"field": str(one["field"]), "message": str(one["message"])} for one in errors]
    if found:
        body["errors"] = found
    body |= {name: iso(value) if isinstance(value, datetime) else value for name, value in extra.items()}
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type=CONTENT_TYPE,
        headers=dict(headers or {}),
    )
