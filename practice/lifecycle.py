"""The values that sessions and turns can have: statuses, end reasons, speakers, languages, difficulties.

The allowed moves between statuses, and the deadlines that end a session, are tables, which `practice.transitions` and
`practice.limits` read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Lifecycle:
    """The statuses in one column and which may follow which."""

    field: str
    moves: Mapping[Any, frozenset[Any]]

    def before(self, to: Any) -> list[str]:
        """The statuses from which `to` may be reached."""
        return [str(status) for status, following in self.moves.items() if to in following]

    def may_become(self, to: Any) -> Q:
        """A filter for rows that may move to `to`."""
        return Q(**{f"{self.field}__in": self.before(to)})

    def to(self, status: Any) -> dict[str, Any]:
        """The update of the column."""
        return {self.field: status}


class SessionStatus(TextChoices):
    PENDING = "pending", _("Waiting for a place")
    ACTIVE = "active", _("In progress")
    ENDED = "ended", _("Ended")


class Reason(TextChoices):
    """Why a session ended; the first decision wins."""

    MANUAL = "manual", _("Stopped by you")
    IDLE = "idle", _("Nobody spoke for a while")
    DURATION = "duration", _("Time was up")
    OBJECTIVE_MET = "objective_met", _("Goal reached")
    OBJECTIVE_FAILED = "objective_failed", _("Goal not reached")
    QA_ERROR = "qa_error", _("The AI was unavailable")
    MEDIA_ERROR = "media_error", _("Sound problem")
    CLIENT_CLOSED = "client_closed", _("Page was closed")
    CAPACITY = "capacity", _("No place became free")


DEADLINES: Mapping[str, Reason] = {
    "duration_deadline": Reason.DURATION,
    "idle_deadline": Reason.IDLE,
    "socket_deadline": Reason.CLIENT_CLOSED,
    "queue_deadline": Reason.CAPACITY,
}
"""Which deadline ends a session with which reason; if several have passed, the earliest counts."""

STOP_REASONS = frozenset({Reason.MANUAL, Reason.QA_ERROR, Reason.MEDIA_ERROR})
"""The reasons a client may give for its stop."""

SESSION_MOVES: dict[SessionStatus, frozenset[SessionStatus]] = {
    SessionStatus.PENDING: frozenset({SessionStatus.ACTIVE, SessionStatus.ENDED}),
    SessionStatus.ACTIVE: frozenset({SessionStatus.ENDED}),
    SessionStatus.ENDED: frozenset(),
}
SESSION = Lifecycle("status", SESSION_MOVES)


class ObjectiveStatus(TextChoices):
    UNKNOWN = "unknown", _("Open")
    SUCCEEDED = "succeeded", _("Reached")
    FAILED = "failed", _("Not reached")


class Speaker(TextChoices):
    AI = "ai", _("AI")
    TRAINEE = "trainee", _("You")


class AsrStatus(TextChoices):
    """The transcription of a spoken trainee turn."""

    PENDING = "pending", _("Being transcribed")
    COMPLETED = "completed", _("Transcribed")
    FAILED = "failed", _("Could not be transcribed")


ASR_MOVES: dict[AsrStatus, frozenset[AsrStatus]] = {
    AsrStatus.PENDING: frozenset({AsrStatus.COMPLETED, AsrStatus.FAILED}),
    # Completed: the trainee typed what could not be transcribed.
    AsrStatus.FAILED: frozenset({AsrStatus.PENDING, AsrStatus.COMPLETED}),
    AsrStatus.COMPLETED: frozenset(),
}
TRANSCRIPTION = Lifecycle("asr_status", ASR_MOVES)


class ReplyStatus(TextChoices):
    """The state of an AI turn, from when it is owed until it is said, cut short or given up."""

    DUE = "due", _("Due")
    SPEAKING = "speaking", _("Being said")
    COMPLETE = "complete", _("Said")
    FAILED = "failed", _("Given up")


REPLY_MOVES: dict[ReplyStatus, frozenset[ReplyStatus]] = {
    # Complete at once: interrupted before any process began it.
    ReplyStatus.DUE: frozenset({ReplyStatus.SPEAKING, ReplyStatus.COMPLETE, ReplyStatus.FAILED}),
    # Taken over by another process, or back to due: the lease expired, the process shut down, or the reply broke off.
    ReplyStatus.SPEAKING: frozenset({ReplyStatus.SPEAKING, ReplyStatus.DUE, ReplyStatus.COMPLETE, ReplyStatus.FAILED}),
    ReplyStatus.COMPLETE: frozenset(),
    ReplyStatus.FAILED: frozenset(),
}
REPLY = Lifecycle("reply_status", REPLY_MOVES)


class ScenarioStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Language(TextChoices):
    ENGLISH = "en", _("English")
    CHINESE = "zh", _("Chinese")


class Difficulty(TextChoices):
    """How hard it is to get the other person to open up; chosen by the trainee beside Start."""

    GENTLE = "gentle", _("Gentle")
    REALISTIC = "realistic", _("Realistic")
    TOUGH = "tough", _("Tough")
