"""Reports what the models cost: by day and by session, beside the ceiling."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from coach.config import config, model_prices
from coach.model_use import totals
from practice.models import PracticeSession

DEAREST_SHOWN = 5


def money(pico: int) -> Decimal:
    """An amount in the currency of MODEL_PRICES, to the hundredth.

    Smaller amounts get more digits instead of becoming zero.
    """
    exact = Decimal(pico) / model_prices.PICO
    rounded = exact.quantize(Decimal("0.01"))
    return rounded if rounded or not exact else exact.quantize(Decimal("0.0001"))


@dataclass(frozen=True)
class DayCost:
    day: date
    sessions: int
    tokens: int
    cost: Decimal
    unpriced_calls: int
    height: float
    """Share of its column, from 0 to 100."""


@dataclass(frozen=True)
class SessionCost:
    session_id: str
    title: str
    tokens: int
    cost: Decimal


@dataclass(frozen=True)
class Costs:
    """`ceiling` None: there is none. `has_prices`: whether costs can be computed at all."""

    today: Decimal
    tokens_today: int
    ceiling: Decimal | None
    is_reached: bool
    typical: Decimal | None
    has_prices: bool
    days: list[DayCost]
    dearest: list[SessionCost]

    @property
    def busy_days(self) -> list[DayCost]:
        """Those on which a model was used, the latest first."""
        return [day for day in reversed(self.days) if day.sessions or day.tokens]

    @property
    def share(self) -> int:
        """Share of the ceiling in percent, at most 100."""
        return min(100, round(100 * self.today / self.ceiling)) if self.ceiling else 0


def costs(*, now: datetime, days: int) -> Costs:
    today = totals.day_of(now)
    by_day = totals.by_day(today - timedelta(days=max(days, 7) - 1), today)
    most = max((day.cost for day in by_day), default=0)
    rows = [
        DayCost(
            day.day,
            day.sessions,
            day.input_tokens + day.output_tokens,
            money(day.cost),
            day.unpriced_calls,
            round(100 * day.cost / most, 1) if most else 0.0,
        )
        for day in by_day
    ]
    spent = by_day[-1].cost
    ceiling = config.daily_cost_ceiling_pico
    typical = totals.typical_session()
    return Costs(
        today=money(spent),
        tokens_today=rows[-1].tokens,
        ceiling=None if ceiling is None else money(ceiling),
        is_reached=ceiling is not None and spent >= ceiling,
        typical=None if typical is None else money(typical),
        has_prices=bool(config.model_prices.per_million),
        days=rows,
        dearest=_dearest(today),
    )


def _dearest(day: date) -> list[SessionCost]:
    used = totals.dearest_sessions(day, DEAREST_SHOWN)
    ids = [each.session_id for each in used]
    titles = dict(PracticeSession.objects.filter(pk__in=ids).values_list("pk", "scenario_title"))
    return [
        SessionCost(
            each.session_id if each.session_id in titles else "",
            titles.get(each.session_id, ""),
            each.input_tokens + each.output_tokens,
            money(each.cost),
        )
        for each in used
    ]
