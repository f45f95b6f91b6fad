"""Reports the state of the system: models, disk, clocks, and announced ends of service."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import redis
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coach import clock
from coach.config import config
from coach.health import DISK_FREE_BYTES, SKEW_SECONDS
from coach.model_use import totals
from coach.providers import model_calls
from coach.telemetry import names
from coach.workers import heartbeats
from coach.workers.queues import QUEUES
from history.operator_reports import counted_days

ROLES: dict[str, str | Promise] = {
    names.ROLEPLAY: _("Roleplay"),
    names.ASR: _("Speech recognition"),
    names.EVALUATOR: _("Evaluator"),
    names.OBJECTIVE: _("Objective check"),
}
FAULTS: dict[str, str | Promise] = {
    "misconfigured": _("needs an operator (key, quota or model)"),
    "unavailable": _("unavailable or throttled"),
    "rejected": _("refused the request"),
}
SOON = timedelta(days=60)
LEANCLOUD_ENDS = date(2027, 1, 12)


@dataclass(frozen=True)
class Fault:
    words: str | Promise
    calls: int
    last_at: datetime


@dataclass(frozen=True)
class Provider:
    """One task of a model: which model is used now, and how the calls of the period went, with any model."""

    title: str | Promise
    model: str
    is_local: bool
    calls: int
    last_success: datetime | None
    faults: list[Fault]


def providers(*, now: datetime, days: int) -> list[Provider]:
    counted = totals.outcomes(totals.day_of(now - timedelta(days=days)))
    endpoints = {
        names.ROLEPLAY: config.roleplay,
        names.ASR: config.asr,
        names.EVALUATOR: config.evaluator,
        names.OBJECTIVE: config.objective_check,
    }
    found = []
    for role, endpoint in endpoints.items():
        theirs = [each for each in counted if each.endpoint == role]
        worked = [each.last_at for each in theirs if each.outcome == model_calls.OK]
        faults: dict[str, Fault] = {}
        for each in theirs:
            if each.outcome != model_calls.OK:
                before = faults.get(each.outcome)
                faults[each.outcome] = Fault(
                    FAULTS.get(each.outcome, each.outcome),
                    each.calls + (before.calls if before else 0),
                    max(each.last_at, before.last_at) if before else each.last_at,
                )
        calls = sum(each.calls for each in theirs)
        found.append(
            Provider(
                ROLES[role], endpoint.model, endpoint.local, calls, max(worked, default=None), list(faults.values())
            )
        )
    return found


WITHIN_SECONDS = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class FirstAudio:
    """Seconds from acceptance of a turn to the first sound of the answer; None if nothing was said.

    `within`: the percentage of replies that came within that many seconds.
    """

    count: int
    p50: float | None
    p95: float | None
    within: tuple[tuple[float, int], ...] = ()


def first_audio(*, now: datetime, days: int) -> FirstAudio:
    """Exact: the nearest-rank percentiles of every reply of the period."""
    kept, spans = counted_days.kept_latencies(now, now - timedelta(days=days))
    counts: Counter[int] = Counter()
    for latency, count in [*kept, *counted_days.latencies(spans)]:
        counts[latency] += count
    histogram = sorted(counts.items())
    total = sum(count for _ms, count in histogram)
    within = tuple((seconds, _percent_within(histogram, total, seconds)) for seconds in WITHIN_SECONDS if total)
    return FirstAudio(total, _rank(histogram, 50), _rank(histogram, 95), within)


def _percent_within(histogram: Sequence[tuple[int, int]], total: int, seconds: float) -> int:
    """The percentage, rounded down: 100 means all."""
    return 100 * sum(count for ms, count in histogram if ms <= seconds * 1000) // total


def _rank(histogram: Sequence[tuple[int, int]], percent: int) -> float | None:
    total = sum(count for _value, count in histogram)
    wanted = -(-total * percent // 100)
    for value, count in histogram:
        wanted -= count
        if wanted <= 0:
            return value / 1000
    return None


@dataclass(frozen=True)
class AnnouncedEnd:
    """A model or service in use whose end is announced.

    `on` None: no date known. `is_soon`: within two months, or past.
    """

    name: str
    on: date | None
    instead: str
    variable: str
    is_soon: bool


def announced_ends(now: datetime) -> list[AnnouncedEnd]:
    today = totals.day_of(now)
    found = []
    asked = (config.roleplay, config.asr, config.evaluator, config.objective_check)
    # The evaluator's variable also applies to the objective check if that has none of its own.
    for model, variable in {each.model: each.model_variable for each in reversed(asked) if not each.local}.items():
        if end := config.model_ends.get(model):
            found.append(
                AnnouncedEnd(model, end.on, end.instead, variable, end.on is not None and end.on - today <= SOON)
            )
    if config.lean_configured:
        soon = LEANCLOUD_ENDS - today <= SOON
        found.append(AnnouncedEnd("LeanCloud", LEANCLOUD_ENDS, "manage.py leancloud pull", "LEAN_*", soon))
    return found


@dataclass(frozen=True)
class Disk:
    """Space under VAR_DIR, in bytes."""

    free: int
    total: int

    @property
    def is_short(self) -> bool:
        return self.free < DISK_FREE_BYTES

    @property
    def used_share(self) -> int:
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def disk() -> Disk:
    usage = shutil.disk_usage(config.var_dir)
    return Disk(usage.free, usage.total)


@dataclass(frozen=True)
class ClockSkew:
    """How many seconds a machine's clock is ahead of the shared one (negative: behind)."""

    whose: str | Promise
    ahead: float

    @property
    def is_wrong(self) -> bool:
        return abs(self.ahead) >= SKEW_SECONDS

    @property
    def seconds(self) -> float:
        return abs(self.ahead)


@dataclass(frozen=True)
class Queue:
    """`silent_for`: seconds since a worker took a job from it; None if none ever did, or it is unknown."""

    name: str
    silent_for: float | None


@dataclass(frozen=True)
class Workers:
    clocks: list[ClockSkew]
    queues: list[Queue]
    can_be_asked: bool


def workers() -> Workers:
    """The workers' state; may wait a second for a Redis that is down."""
    clocks = [ClockSkew(_("This web process"), -clock.difference().total_seconds())]
    queues = []
    try:
        with heartbeats.server() as known:
            for queue in QUEUES:
                taken = heartbeats.taken(known, queue)
                queues.append(Queue(queue, taken.ago if taken else None))
                if taken:
                    clocks.append(ClockSkew(_("The worker that last took a job from %s") % queue, taken.ahead))
    except (redis.RedisError, OSError):
        return Workers(clocks, [Queue(queue, None) for queue in QUEUES], can_be_asked=False)
    return Workers(clocks, queues, can_be_asked=True)
