"""Draws a conversation as a strip: who spoke when, pauses, pace. Uses data stored with the turns; judges nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coach.pages.tags import clock_face
from evaluations.page import delivery_figures
from practice import delivery
from practice.delivery import SpokenTurn
from practice.help import coaching_pauses
from practice.lifecycle import Language, Speaker
from practice.models import PracticeSession, Turn

WIDTH = 1_000
"""The strip's width in units, from the first word to the last."""
NARROWEST = 5
"""Minimum width, so that one word in a long talk is still visible."""


@dataclass(frozen=True)
class Segment:
    """One turn. `x`, `width` and `pauses` in units of the strip; `begins_ms` and `lasts_ms` in its recording."""

    sequence: int
    is_own: bool
    x: int
    width: int
    pauses: tuple[tuple[int, int], ...]
    at_seconds: float
    lasts_seconds: float
    longest_pause: str
    interrupted: bool
    turn_id: str
    begins_ms: int
    lasts_ms: int


@dataclass(frozen=True)
class Figure:
    """One number with its name; `note` if it is outside the trainee's usual band."""

    name: str
    value: str
    note: str


@dataclass(frozen=True)
class Strip:
    segments: tuple[Segment, ...]
    figures: tuple[Figure, ...]
    total_seconds: float


def of(session: PracticeSession, turns: Sequence[Turn]) -> Strip | None:
    """None if nothing of the trainee was recorded. Two queries, for the usual band."""
    turns = [turn for turn in turns if turn.sequence >= session.own_from]
    coached = coaching_pauses.lengths_ms(session.coaching_pauses, ended_at=session.ended_at)
    spoken = [
        delivery.with_typed_questions(
            SpokenTurn(
                *(turn.sequence, turn.speaker, turn.started_at, turn.ended_at, turn.interrupted, turn.delivery),
                coached_ms=coached.get(turn.sequence, 0),
            ),
            turn.transcript or "",
            session.language,
        )
        for turn in turns
    ]
    figures = delivery.of_session(spoken)
    if figures is None:
        return None
    band = delivery_figures.usual_band(session) or {}
    entries = [entry for entry in delivery.strip(spoken) if entry["endMs"] > entry["startMs"]]
    total = max((entry["endMs"] for entry in entries), default=0) or 1
    by_sequence = {turn.sequence: turn for turn in turns}
    return Strip(
        tuple(_segment(entry, by_sequence[entry["sequence"]], total) for entry in entries),
        tuple(_figures(figures.shape(), band, session.language, spoken)),
        total / 1_000,
    )


def _segment(entry: dict[str, Any], turn: Turn, total: int) -> Segment:
    start, end = entry["startMs"], entry["endMs"]
    width = max(NARROWEST, round((end - start) * WIDTH / total))
    lead = turn.delivery["leadMs"] if turn.delivery else 0
    return Segment(
        sequence=turn.sequence,
        is_own=turn.speaker == Speaker.TRAINEE,
        x=min(round(start * WIDTH / total), WIDTH - width),
        width=width,
        pauses=tuple(
            (round(low * WIDTH / total), max(1, round((high - low) * WIDTH / total))) for low, high in entry["pauses"]
        ),
        at_seconds=start / 1_000,
        lasts_seconds=(end - start) / 1_000,
        longest_pause=_seconds(max((high - low for low, high in entry["pauses"]), default=None)),
        interrupted=turn.interrupted,
        turn_id=turn.pk if turn.audio_id else "",
        begins_ms=lead,
        lasts_ms=end - start,
    )


def _figures(
    found: dict[str, Any], band: dict[str, list[float]], language: str, turns: Sequence[SpokenTurn]
) -> list[Figure]:
    cut_in = sum(turn.interrupted for turn in turns if turn.speaker == Speaker.AI)
    pace = _("Characters per minute") if language == Language.CHINESE else _("Words per minute")
    rows: list[tuple[str, str, str]] = [
        ("shareOfTalk", _("Your share of the talk"), _percent(found["shareOfTalk"])),
        ("wordsPerMinute", pace, "" if found["wordsPerMinute"] is None else str(found["wordsPerMinute"])),
        ("timeToAnswerMs", _("Time before you answered"), _seconds(found["timeToAnswerMs"])),
        ("longestMonologueMs", _("Your longest turn"), clock_face(round(found["longestMonologueMs"] / 1_000))),
        ("longestPauseMs", _("Your longest pause"), _seconds(found["longestPauseMs"] or None)),
        ("pauses", _("Pauses over a second"), str(found["pauses"])),
        ("questions", _("Questions you asked"), str(found["questions"])),
        ("fillers", _("“Um” and “er”"), str(found["fillers"])),
    ]
    shown = [Figure(name, value, _outside(found[key], band.get(key), key)) for key, name, value in rows if value]
    if cut_in:
        times = ngettext("%(number)s time", "%(number)s times", cut_in) % {"number": cut_in}
        shown.append(Figure(_("You interrupted"), times, ""))
    return shown


def _outside(value: float | None, band: list[float] | None, key: str) -> str:
    """Where the value lies beside the usual band; empty if it is in it, or if no reader could see a difference."""
    if value is None or band is None or band[0] <= value <= band[1]:
        return ""
    said, low, high = (_said(key, number) for number in (value, *band))
    if said in (low, high):
        return ""
    if low == high:
        below, above = _("below your usual %(usual)s"), _("above your usual %(usual)s")
        return (below if value < band[0] else above) % {"usual": low}
    below, above = _("below your usual %(low)s to %(high)s"), _("above your usual %(low)s to %(high)s")
    return (below if value < band[0] else above) % {"low": low, "high": high}


def _said(key: str, value: float) -> str:
    if key.endswith("Ms"):
        return _seconds(value) or "0"
    return _percent(value) if key == "shareOfTalk" else str(round(value))


def _percent(share: float | None) -> str:
    return "" if share is None else f"{round(share * 100)}%"


def _seconds(milliseconds: float | None) -> str:
    if milliseconds is None:
        return ""
    return _("%(seconds)s s") % {"seconds": number_format(milliseconds / 1_000, decimal_pos=1)}
