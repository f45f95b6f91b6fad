"""Computes the geometry of small column charts on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from history.operator_reports.success_criteria import SuccessCriterion

WIDTH, HEIGHT = 300.0, 72.0
GAP = 2.0
LEAST = 2.0
"""Minimum height, so that a share of zero is still visible."""


@dataclass(frozen=True)
class Column:
    """One step of the chart; `is_met` is None if nothing was counted, and no column is drawn."""

    at: datetime
    x: float
    y: float
    width: float
    height: float
    is_met: bool | None
    kept: int
    of: int
    share: float | None


@dataclass(frozen=True)
class ColumnChart:
    """`target_y`: the position of the target line."""

    columns: list[Column]
    target_y: float
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def counted(self) -> list[Column]:
        return [column for column in self.columns if column.of]


def columns(steps: Sequence[tuple[datetime, SuccessCriterion]], *, target: int) -> ColumnChart:
    """A column for each step, as high as the share that was kept."""
    pitch = WIDTH / max(1, len(steps))
    drawn = []
    for number, (at, step) in enumerate(steps):
        height = 0.0 if step.share is None else max(LEAST, HEIGHT * step.share / 100)
        x = round(number * pitch + GAP / 2, 2)
        width = round(max(1.0, pitch - GAP), 2)
        drawn.append(
            Column(
                at, x, round(HEIGHT - height, 2), width, round(height, 2), step.is_met, step.kept, step.of, step.share
            )
        )
    return ColumnChart(drawn, round(HEIGHT * (1 - target / 100), 2))
