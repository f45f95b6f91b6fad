"""Describes one kind of durable work by the columns of its rows; see `coach.jobs`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import F, Q, QuerySet

from coach.ids import new_id
from coach.jobs.backoff import Backoff

M = TypeVar("M", bound=models.Model)

KINDS: "dict[tuple[str, str], JobKind[Any]]" = {}
"""Every kind there is, by model and column of the lease."""


@dataclass(frozen=True)
class JobKind(Generic[M]):
    """Which rows of a model are jobs, and which of their columns the mechanism uses.

    `owed`: rows that have work to do. `taken`: rows that are claimed, if they look different (a status of their own);
    `claim` then gets the changes that make them so. `held_until`: column with the time before which nobody else may
    begin, because the job is claimed or was put off; null: at once. `due_at`: column, if there is one, that says
    instead until when the job is put off. `attempts`: column that counts tries; `limit`: the maximum (None: unlimited).
    `holder`: column with the proof of who holds the lease; without it, the number of the attempt is the proof. A kind
    has one of the two, or both. `error`: column with the last error, in a word.
    """

    name: str
    model: type[M]
    owed: Q
    held_until: str
    lease: timedelta
    backoff: Backoff
    attempts: str = ""
    limit: int | None = None
    due_at: str = ""
    holder: str = ""
    error: str = ""
    taken: Q = field(default_factory=Q)

    def __post_init__(self) -> None:
        KINDS[self.model._meta.label, self.held_until] = self

    @property
    def times(self) -> set[str]:
        """The columns whose times say who may begin, and when."""
        return {self.held_until, self.due_at} - {""}

    def move_along(self, step: timedelta) -> None:
        """The clock was set by `step`: leases and pauses last as long as they would have lasted."""
        self._rows(self.owed | self.taken).update(**{column: F(column) + step for column in self.times})

    def due(self, now: datetime) -> "QuerySet[M]":
        """Jobs to begin now: due, unclaimed, with attempts left."""
        return self._rows(self._free(now) & self._tries_left)

    def exhausted(self, now: datetime) -> "QuerySet[M]":
        """Unclaimed jobs without attempts left: to be given up."""
        return self._rows(self._free(now) & ~self._tries_left) if self.limit else self.model._default_manager.none()

    def claim(
        self,
        pk: Any,
        *,
        now: datetime,
        lease: timedelta | None = None,
        holder: str = "",
        or_when: Q | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> "Lease[M] | None":
        """Claim one job; None if it is not due, claimed by another, out of attempts, or gone.

        `or_when`: rows that may be claimed although their lease has not expired. `changes`: other changes to write with
        the claim.
        """
        proof = holder or (new_id() if self.holder else "")
        if not self.take(pk, now=now, lease=lease, holder=proof, or_when=or_when, changes=changes):
            return None
        attempt = self._rows(Q(pk=pk)).values_list(self.attempts, flat=True).first() if self.attempts else 0
        return None if attempt is None else Lease(self, pk, attempt, proof)

    def take(
        self,
        pk: Any,
        *,
        now: datetime,
        lease: timedelta | None = None,
        holder: str = "",
        or_when: Q | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> bool:
        """Like `claim`, in one statement, for callers that need no proof of their lease."""
        free = self._free(now) if or_when is None else self._free(now) | (self.owed & or_when)
        values: dict[str, Any] = {self.held_until: now + (lease or self.lease)}
        if self.attempts:
            values[self.attempts] = F(self.attempts) + 1
        if self.holder:
            values[self.holder] = holder
        values |= dict(changes or {})
        return bool(self._rows(free & self._tries_left).filter(pk=pk).update(**values))

    def _free(self, now: datetime) -> Q:
        due = Q(**{f"{self.due_at}__lte": now}) if self.due_at else Q()
        return self.owed & due & (Q(**{self.held_until: None}) | Q(**{f"{self.held_until}__lte": now}))

    @property
    def _tries_left(self) -> Q:
        return Q() if self.limit is None else Q(**{f"{self.attempts}__lt": self.limit})

    def _rows(self, which: Q) -> "QuerySet[M]":
        return self.model._default_manager.filter(which)


@dataclass(frozen=True)
class Lease(Generic[M]):
    """Proof that we hold a job. `attempt`: the number of this try, from 1."""

    kind: JobKind[M]
    pk: Any
    attempt: int
    holder: str = ""

    @property
    def held(self) -> "QuerySet[M]":
        """The row while it is ours: results must be stored through this."""
        kind = self.kind
        proof = {kind.holder: self.holder} if kind.holder else {kind.attempts: self.attempt}
        return kind.model._default_manager.filter(kind.taken or kind.owed, pk=self.pk, **proof)

    @property
    def is_last_attempt(self) -> bool:
        return self.kind.limit is not None and self.attempt >= self.kind.limit

    def renew(self, now: datetime) -> bool:
        """Extend the lease; False if the job is no longer ours."""
        return bool(self.held.update(**{self.kind.held_until: now + self.kind.lease}))

    def give_back(self, now: datetime) -> bool:
        """Have somebody else take it up at once, as after a death; False where the job is no longer ours."""
        return bool(self.held.update(**{self.kind.held_until: now}))

    def put_off(
        self,
        now: datetime,
        *,
        error: str = "",
        asked_for: float | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> bool:
        """Let it be tried again later; False if this was the last attempt, or it is no longer ours.

        `asked_for`: seconds that a service asked us to wait.
        """
        if self.is_last_attempt:
            return False
        kind, again_at = self.kind, now + self.kind.backoff.after(self.attempt, asked_for=asked_for)
        values: dict[str, Any] = {kind.held_until: None}
        values[kind.due_at or kind.held_until] = again_at
        if kind.holder:
            values[kind.holder] = ""
        if kind.error:
            values[kind.error] = error
        return bool(self.held.update(**(values | dict(changes or {}))))
