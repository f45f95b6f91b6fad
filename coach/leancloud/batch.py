"""The writes in one `/batch` request and their results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from coach.leancloud.wire import error_of, unexpected

BATCH_MAX = 100


@dataclass(frozen=True)
class BatchWrite:
    """One write of a batch."""

    method: Literal["POST", "PUT", "DELETE"]
    class_name: str
    object_id: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WriteOutcome:
    """The result of one write: either its answer or its error."""

    success: Mapping[str, Any] | None = None
    code: int = 0
    error: str = ""


def request_of(operations: Sequence[BatchWrite]) -> dict[str, Any]:
    """The body of the request. Raises ValueError for more than BATCH_MAX."""
    if len(operations) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} operations in a batch")
    return {"requests": [_batched(operation) for operation in operations]}


def outcomes_of(replies: Any, operations: Sequence[BatchWrite]) -> list[WriteOutcome]:
    """One outcome per write, in order. Raises LeanCloudUnavailable if the answer has another form."""
    if not isinstance(replies, list) or len(replies) != len(operations):
        raise unexpected("another number of results")
    return [_outcome(reply) for reply in replies]


def _batched(operation: BatchWrite) -> dict[str, Any]:
    path = f"/1.1/classes/{operation.class_name}" + (f"/{operation.object_id}" if operation.object_id else "")
    request: dict[str, Any] = {"method": operation.method, "path": path}
    return request | ({} if operation.method == "DELETE" else {"body": dict(operation.body)})


def _outcome(reply: Any) -> WriteOutcome:
    if not isinstance(reply, Mapping):
        return WriteOutcome(error="an answer of another form")
    if "error" in reply:
        code, words = error_of(reply["error"])
        return WriteOutcome(code=code, error=words)
    success = reply.get("success")
    return WriteOutcome(success=success if isinstance(success, Mapping) else {})
