"""Adds up model calls by day and session. Time is an argument; days are in the operator's time zone."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from coach.config import config
from coach.model_use.models import DayOfModelUse, ModelUse
from coach.providers.model_calls import ModelCall

RECENT_SESSIONS = 50
"""How many recent sessions the cost of a typical one is computed from."""
_RECENT_ROWS = 8 * RECENT_SESSIONS
SETTLED = timedelta(hours=1)
"""After the end of a day its sums are kept."""


def zone() -> ZoneInfo:
    return ZoneInfo(config.operator_time_zone)


def day_of(now: datetime) -> date:
    return now.astimezone(zone()).date()


def next_day(now: datetime) -> datetime:
    """When the operator's next day begins."""
    return datetime.combine(day_of(now) + timedelta(days=1), time.min, tzinfo=zone())


def add(call: ModelCall, *, now: datetime) -> None:
    """Add one call to its row. Concurrent calls are all counted."""
    spent = call.usage
    model = spent.model or call.endpoint.model
    priced = 0 if call.endpoint.local else _cost(call)
    row = {
        "day": day_of(now),
        "endpoint": call.role,
        "model": model[:120],
        "outcome": call.outcome,
        "session_id": call.session_id[:40],
    }
    more = {
        "calls": F("calls") + 1,
        "input_tokens": F("input_tokens") + spent.input_tokens,
        "output_tokens": F("output_tokens") + spent.output_tokens,
        "cost": F("cost") + (priced or 0),
        "unpriced_calls": F("unpriced_calls") + int(priced is None),
        "last_at": now,
    }
    with transaction.atomic():
        if ModelUse.objects.filter(**row).update(**more):
            return
        ModelUse.objects.bulk_create([ModelUse(**row, last_at=now)], ignore_conflicts=True)
        ModelUse.objects.filter(**row).update(**more)


def _cost(call: ModelCall) -> int | None:
    """A dated snapshot without a price of its own has the price of the requested model."""
    spent = call.usage
    if not spent.input_tokens and not spent.output_tokens:
        return 0
    names = [name for name in (spent.model, call.endpoint.model) if name]
    return config.model_prices.cost(*names, input_tokens=spent.input_tokens, output_tokens=spent.output_tokens)


def spent_on(day: date) -> int:
    """The cost of a day in pico-units."""
    total = ModelUse.objects.filter(day=day).aggregate(cost=Coalesce(Sum("cost"), 0))["cost"]
    return int(total)


def typical_session() -> int | None:
    """The average cost of the latest sessions, in pico-units; None if none has cost anything yet."""
    latest = ModelUse.objects.exclude(session_id="").order_by("-id").values_list("session_id", "cost")[:_RECENT_ROWS]
    costs: dict[str, int] = {}
    for session_id, cost in latest:
        costs[session_id] = costs.get(session_id, 0) + cost
    dear = [cost for cost in costs.values() if cost][:RECENT_SESSIONS]
    return -(-sum(dear) // len(dear)) if dear else None


@dataclass(frozen=True)
class DayOfUse:
    day: date
    sessions: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: int
    unpriced_calls: int


_SUMS = ("sessions", "calls", "input_tokens", "output_tokens", "cost", "unpriced_calls")


def by_day(first: date, last: date) -> list[DayOfUse]:
    """Every day from `first` to `last`, including those without calls."""
    kept = DayOfModelUse.objects.filter(day__range=(first, last)).values_list("day", *_SUMS)
    found = {row[0]: DayOfUse(*row) for row in kept}
    found |= _added_up(ModelUse.objects.filter(day__range=(first, last)).exclude(day__in=list(found)))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [found.get(day) or DayOfUse(day, 0, 0, 0, 0, 0, 0) for day in days]


def _added_up(rows: "QuerySet[ModelUse]") -> dict[date, DayOfUse]:
    sums = (
        rows.values_list("day")
        .annotate(
            asked_for=Count("session_id", filter=~Q(session_id=""), distinct=True),
            made=Sum("calls"),
            heard=Sum("input_tokens"),
            said=Sum("output_tokens"),
            paid=Sum("cost"),
            unpriced=Sum("unpriced_calls"),
        )
        .order_by("day")
    )
    return {row[0]: DayOfUse(row[0], *map(int, row[1:])) for row in sums}


def sum_up_days(now: datetime) -> int:
    """Keep the sums of all days that are over; returns how many days that were.

    A call is added on the day on which it is written, so past days do not change. The hours until `SETTLED` leave room
    for a process that began to write before midnight.
    """
    today = day_of(now - SETTLED)
    open_days = ModelUse.objects.filter(day__lt=today).exclude(day__in=DayOfModelUse.objects.values("day"))
    done = 0
    for day in list(open_days.order_by("day").values_list("day", flat=True).distinct()):
        rows = ModelUse.objects.filter(day=day)
        sums = _added_up(rows)[day]
        outcomes = _outcomes(rows)
        fields = {name: getattr(sums, name) for name in _SUMS}
        fields["outcomes"] = [asdict(each) | {"last_at": each.last_at.isoformat()} for each in outcomes]
        fields["last_at"] = max(each.last_at for each in outcomes)
        DayOfModelUse.objects.bulk_create([DayOfModelUse(day=day, **fields)], ignore_conflicts=True)
        done += 1
    return done


@dataclass(frozen=True)
class SessionUse:
    session_id: str
    input_tokens: int
    output_tokens: int
    cost: int


def dearest_sessions(day: date, most: int) -> list[SessionUse]:
    """The most expensive sessions of one day, by cost, then tokens."""
    rows = (
        ModelUse.objects.filter(day=day)
        .exclude(session_id="")
        .values_list("session_id")
        .annotate(heard=Sum("input_tokens"), said=Sum("output_tokens"), paid=Sum("cost"))
        .order_by("-paid", "-heard", "session_id")[:most]
    )
    return [SessionUse(row[0], *map(int, row[1:])) for row in rows]


@dataclass(frozen=True)
class OutcomeCount:
    """Calls of one endpoint and model with the same outcome since a day, and the latest of them."""

    endpoint: str
    model: str
    outcome: str
    calls: int
    last_at: datetime


def outcomes(since: date) -> list[OutcomeCount]:
    """Since that day, by endpoint, model and outcome."""
    kept = dict(DayOfModelUse.objects.filter(day__gte=since).values_list("day", "outcomes"))
    told = (each for day in kept.values() for each in day)
    counts = [OutcomeCount(**each | {"last_at": datetime.fromisoformat(each["last_at"])}) for each in told]
    counts += _outcomes(ModelUse.objects.filter(day__gte=since).exclude(day__in=list(kept)))
    found: dict[tuple[str, str, str], OutcomeCount] = {}
    for each in counts:
        key = (each.endpoint, each.model, each.outcome)
        before = found.get(key, each)
        calls = each.calls + (before.calls if key in found else 0)
        found[key] = replace(each, calls=calls, last_at=max(each.last_at, before.last_at))
    return [found[key] for key in sorted(found)]


def _outcomes(rows: "QuerySet[ModelUse]") -> list[OutcomeCount]:
    counted = rows.values_list("endpoint", "model", "outcome").annotate(Sum("calls"), Max("last_at"))
    return [OutcomeCount(endpoint, model, outcome, int(calls), at) for endpoint, model, outcome, calls, at in counted]
