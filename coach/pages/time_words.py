"""Formats durations for all pages."""

from datetime import datetime
from typing import Any

from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext_lazy

from coach import clock

JUST_NOW_SECONDS = 60
# As people say it before "ago".
_SPANS: dict[str, Any] = {
    "year": ngettext_lazy("a year", "%(num)d years", "num"),
    "month": ngettext_lazy("a month", "%(num)d months", "num"),
    "week": ngettext_lazy("a week", "%(num)d weeks", "num"),
    "day": ngettext_lazy("a day", "%(num)d days", "num"),
    "hour": ngettext_lazy("an hour", "%(num)d hours", "num"),
    "minute": ngettext_lazy("a minute", "%(num)d minutes", "num"),
}


def clock_face(seconds: float | None) -> str:
    """A duration: 2:34, from an hour on 1:02:34; 0:00 if unknown."""
    minutes, rest = divmod(max(0, round(seconds or 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def is_just_now(moment: datetime) -> bool:
    return (clock.now() - moment).total_seconds() < JUST_NOW_SECONDS


def ago(moment: datetime) -> str:
    """How long ago, in the largest unit only: a list is scanned, the exact time stands beside it."""
    if is_just_now(moment):
        return gettext("just now")
    return gettext("%(span)s ago") % {"span": timesince(moment, clock.now(), time_strings=_SPANS, depth=1)}
