"""A trainee's turn as it arrives, and the possible answers. Data only; `accept` checks and stores it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise

from practice.catalog.completeness import FieldProblem

ReceiptStatus = Literal["accepted", "duplicate", "closed"]


@dataclass(frozen=True)
class Receipt:
    session_id: str
    status: ReceiptStatus
    turn_id: str | None = None
    ai_turn_id: str | None = None


class TurnRefused(Exception):
    """Nothing was stored; the same sequence can be sent again. `code` is the protocol's."""

    def __init__(self, code: str, detail: str | Promise, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.extra = extra


class TurnMalformed(Exception):
    """The message itself is malformed."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("malformed turn")
        self.problems = problems


@dataclass(frozen=True)
class Submission:
    """A turn as sent by a client, parsed leniently: faults in its form are in `problems`.

    `sound` is None if no audio was sent; empty if it could not be decoded.
    """

    sequence: int | None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    client_sent_at: datetime | None = None
    sound: bytes | None = None
    text: str | None = None
    context: str | None = None
    body_bytes: int = 0
    arrived_at: datetime | None = None
    """When the server received it; None: now."""
    problems: list[FieldProblem] = field(default_factory=list)
