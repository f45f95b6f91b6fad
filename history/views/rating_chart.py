"""The geometry of a chart of ratings over time: a point for each at its true date, and the average of the last five."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Protocol

from django.utils import timezone

from history.progress import RECENT, SHOWN_FROM

WIDTH, HEIGHT, EDGE, LABELS = 320, 96, 10, 16
"""The view box, its margin, and the room for the numbers of the steps at its left."""


class DatedRating(Protocol):
    """A rating, 1 to 5, and its date."""

    @property
    def when(self) -> datetime: ...

    @property
    def rating(self) -> float: ...


@dataclass(frozen=True)
class Point:
    """The position of a rating, in units of the chart's view box."""

    x: float
    y: float
    rating: DatedRating


@dataclass(frozen=True)
class RatingChart:
    """`average`: a line through the averages of up to five ratings, from the third on; empty with fewer than five."""

    points: Sequence[Point]
    average: str

    @property
    def ends(self) -> list[Point]:
        """The first and last point, or one where all are of one day."""
        first, last = self.points[0], self.points[-1]
        one_day = timezone.localdate(first.rating.when) == timezone.localdate(last.rating.when)
        return [first] if one_day else [first, last]

    @property
    def dots(self) -> str:
        """A path of lines without length: their round ends are the points."""
        return "".join(f"M{point.x:g},{point.y:g}h0" for point in self.points)


def of(ratings: Sequence[DatedRating], *, latest: int) -> RatingChart:
    """The chart of the `latest` of these ratings, which come oldest first; those before still count in the average."""
    shown = ratings[-latest:]
    first, last = shown[0].when, shown[-1].when
    room = WIDTH - LABELS - 2 * EDGE

    def x(when: datetime) -> float:
        share = (when - first) / (last - first) if last > first else 0.5
        return round(LABELS + EDGE + room * share, 1)

    means = []
    for end in range(max(SHOWN_FROM, len(ratings) - len(shown) + 1), len(ratings) + 1):
        mean = fmean(one.rating for one in ratings[max(0, end - RECENT) : end])
        means.append(f"{x(ratings[end - 1].when):g},{height(mean):g}")
    points = [Point(x(one.when), height(one.rating), one) for one in shown]
    return RatingChart(points, " ".join(means) if len(ratings) >= RECENT else "")


def height(rating: float) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (rating - 1) / 4, 1)


MEASURES = {
    "width": WIDTH,
    "height": HEIGHT,
    "labels": LABELS,
    "plot": f"{LABELS} 0 {WIDTH - LABELS} {HEIGHT}",
    "steps": [(rating, height(rating)) for rating in range(1, 6)],
}
"""For the templates; `plot`: the view box without the labels, `steps`: each rating and its height."""
