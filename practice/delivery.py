"""Measures how somebody spoke: pace, pauses and turn-taking, from audio and clocks. Never their emotions. Pure.

Measurements of one turn's recording are stored with the turn, so that sessions, history and progress only add up. A
redo is measured by its own lines: the clocks of those copied into it say nothing about how anybody spoke.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

from coach.audio import recording_limits, speech_activity
from coach.audio.speech_activity import SpeechActivity
from practice import printed_line
from practice.lifecycle import Language, Speaker

PAUSE_MS = 1_000
BAND_FROM = 5
"""A usual band is shown only after this many of the trainee's own sessions."""
PACE_FROM_MS = 2_000
"""Below this much speech, no pace is given."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FILLER = {
    Language.ENGLISH: re.compile(r"\b(?:u+h+m*|u+m+|e+r+m*|h+m+|mm+|a+h+m+)\b", re.IGNORECASE),
    Language.CHINESE: re.compile(r"[嗯呃额唔]+|那个那个|就是就是"),
}
_QUESTION = re.compile(r"[?？]+")


@dataclass(frozen=True)
class TurnDelivery:
    """One spoken turn. Times in milliseconds from the start of its recording; `words` are characters in Chinese."""

    duration_ms: int
    lead_ms: int
    speaking_ms: int
    pauses: tuple[tuple[int, int], ...]
    words: int
    questions: int
    fillers: int

    def stored(self) -> dict[str, Any]:
        return {
            "durationMs": self.duration_ms,
            "leadMs": self.lead_ms,
            "speakingMs": self.speaking_ms,
            "pauses": [list(pause) for pause in self.pauses],
            "words": self.words,
            "questions": self.questions,
            "fillers": self.fillers,
        }


@dataclass(frozen=True)
class WordCounts:
    """What can be counted from the words of a turn alone."""

    words: int
    questions: int
    fillers: int


@dataclass(frozen=True)
class SpokenTurn:
    """A turn on the session's timeline; `ended_at` of an AI turn is when its playback ended.

    `delivery` is a trainee turn's, as stored; None if nothing was recorded or measured. `coached_ms`: how long the
    clocks were stopped after it for a coaching pause. `typed_questions`: what a turn without a recording asks.
    """

    sequence: int
    speaker: str
    started_at: datetime | None
    ended_at: datetime | None
    interrupted: bool
    delivery: Mapping[str, Any] | None
    coached_ms: int = 0
    typed_questions: int = 0


@dataclass(frozen=True)
class SessionDelivery:
    """A whole conversation; a figure is None if there was nothing to measure.

    `words_per_minute` leaves out pauses over a second (Chinese: characters per minute); `share_of_talk` is from 0 to 1.
    """

    words_per_minute: int | None
    pauses: int
    longest_pause_ms: int
    time_to_answer_ms: int | None
    longest_monologue_ms: int
    share_of_talk: float | None
    questions: int
    fillers: int

    def shape(self) -> dict[str, Any]:
        """As in the API."""
        return {
            "wordsPerMinute": self.words_per_minute,
            "pauses": self.pauses,
            "longestPauseMs": self.longest_pause_ms,
            "timeToAnswerMs": self.time_to_answer_ms,
            "longestMonologueMs": self.longest_monologue_ms,
            "shareOfTalk": self.share_of_talk,
            "questions": self.questions,
            "fillers": self.fillers,
        }


def speech_in(recording: bytes) -> SpeechActivity | None:
    """Where somebody speaks in an MP3; None if it cannot be decoded (any more)."""
    try:
        return speech_activity.find(*recording_limits.decode(recording))
    except recording_limits.RecordingRefused:
        return None


def of_turn(activity: SpeechActivity, transcript: str, language: str) -> TurnDelivery:
    """Measure one recording and its words."""
    counts = of_words(transcript, language)
    return TurnDelivery(
        duration_ms=activity.duration_ms,
        lead_ms=activity.lead_ms,
        speaking_ms=activity.speaking_ms,
        pauses=tuple(activity.pauses(PAUSE_MS)),
        words=counts.words,
        questions=counts.questions,
        fillers=counts.fillers,
    )


def of_words(transcript: str, language: str) -> WordCounts:
    fillers = _FILLER.get(Language(language), _FILLER[Language.ENGLISH])
    return WordCounts(
        words=count_words(transcript, language),
        questions=len(_QUESTION.findall(printed_line.printed(transcript, language))),
        fillers=len(fillers.findall(transcript)),
    )


def count_words(text: str, language: str) -> int:
    """The number of words; for Chinese, characters plus words in other scripts between them."""
    if language == Language.CHINESE:
        return len(_HAN.findall(text)) + len(_WORD.findall(_HAN.sub(" ", text)))
    return len(_WORD.findall(text))


def with_typed_questions(turn: SpokenTurn, text: str, language: str) -> SpokenTurn:
    """A typed turn with what it asks; any other as it is."""
    if turn.speaker != Speaker.TRAINEE or turn.delivery:
        return turn
    return replace(turn, typed_questions=of_words(text, language).questions)


def of_session(turns: Sequence[SpokenTurn]) -> SessionDelivery | None:
    """The figures of one conversation; None if no trainee turn was recorded."""
    spoken = [turn for turn in turns if turn.speaker == Speaker.TRAINEE and turn.delivery]
    if not spoken:
        return None
    measured = [turn.delivery for turn in spoken if turn.delivery]
    pauses = [end - start for one in measured for start, end in one["pauses"]]
    talking = [one["speakingMs"] - sum(end - start for start, end in one["pauses"]) for one in measured]
    words = sum(one["words"] for one in measured)
    pace = round(words * 60_000 / sum(talking)) if sum(talking) >= PACE_FROM_MS and words else None
    answers = _times_to_answer(turns)
    theirs = sum(_length_ms(turn) for turn in turns if turn.speaker == Speaker.AI)
    total = sum(talking) + theirs
    return SessionDelivery(
        words_per_minute=pace,
        pauses=len(pauses),
        longest_pause_ms=max(pauses, default=0),
        time_to_answer_ms=round(median(answers)) if answers else None,
        longest_monologue_ms=max(one["speakingMs"] for one in measured),
        share_of_talk=round(sum(talking) / total, 3) if total else None,
        questions=sum(one["questions"] for one in measured) + sum(turn.typed_questions for turn in turns),
        fillers=sum(one["fillers"] for one in measured),
    )


def strip(turns: Sequence[SpokenTurn]) -> list[dict[str, Any]]:
    """Who spoke when: one entry per turn, in milliseconds since the first turn began, without coaching pauses."""
    timed = [(turn, turn.started_at) for turn in turns if turn.started_at and turn.ended_at]
    if not timed:
        return []
    begun = min(started_at for _, started_at in timed)
    entries, coached = [], timedelta()
    for turn, started_at in timed:
        entries.append(_entry(turn, begun, max(begun, started_at - coached)))
        coached += timedelta(milliseconds=turn.coached_ms)
    return entries


def usual_band(sessions: Iterable[SessionDelivery]) -> dict[str, list[float]] | None:
    """The middle half of the trainee's own earlier sessions: figure → [low, high]; None until there are five."""
    known = [session.shape() for session in sessions]
    if len(known) < BAND_FROM:
        return None
    found: dict[str, list[float]] = {}
    for name in known[0]:
        values = [one[name] for one in known if one[name] is not None]
        if len(values) >= BAND_FROM:
            low, _middle, high = quantiles(values, n=4, method="inclusive")
            found[name] = [round(low, 3), round(high, 3)]
    return found


def _entry(turn: SpokenTurn, begun: datetime, started_at: datetime) -> dict[str, Any]:
    start = _ms(started_at - begun)
    pauses = turn.delivery["pauses"] if turn.delivery else []
    lead = turn.delivery["leadMs"] if turn.delivery else 0
    spoken = turn.delivery["speakingMs"] if turn.delivery else _length_ms(turn)
    return {
        "sequence": turn.sequence,
        "speaker": turn.speaker,
        "startMs": start + lead,
        "endMs": start + lead + spoken,
        "pauses": [[start + first, start + last] for first, last in pauses],
        "interrupted": turn.interrupted,
    }


def _times_to_answer(turns: Sequence[SpokenTurn]) -> list[int]:
    """From the end of the AI's audio to the trainee's first word. Answers to an interrupted turn are left out."""
    found = []
    for before, turn in zip(turns, turns[1:], strict=False):
        if turn.speaker != Speaker.TRAINEE or not turn.delivery or before.interrupted:
            continue
        if before.ended_at and turn.started_at:
            found.append(max(0, _ms(turn.started_at - before.ended_at) - before.coached_ms + turn.delivery["leadMs"]))
    return found


def _length_ms(turn: SpokenTurn) -> int:
    return max(0, _ms(turn.ended_at - turn.started_at)) if turn.started_at and turn.ended_at else 0


def _ms(length: timedelta) -> int:
    return round(length / timedelta(milliseconds=1))
