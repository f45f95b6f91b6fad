"""A trainee's turn as it arrives, and what is said to it. Data only: `accept` is entered once, with all of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.utils.functional import Promise

from practice.catalog import FieldProblem

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
    """The message itself is not of the form asked for."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("malformed turn")
        self.problems = problems


@dataclass(frozen=True)
class Submission:
    """A turn as a client sends it, read leniently: what is wrong with its form is in `problems`.

    `sound` is None where no audio was sent; empty where it could not even be read.
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
    """When the server read it; None: now."""
    problems: list[FieldProblem] = field(default_factory=list)
