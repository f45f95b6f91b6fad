"""States and the moves between them, as data. Every move is a conditional update; who comes second leaves quietly."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SessionStatus(TextChoices):
    PENDING = "pending", _("Waiting for a place")
    ACTIVE = "active", _("In progress")
    ENDED = "ended", _("Ended")


class Reason(TextChoices):
    """Why a session ended; the first decision wins."""

    MANUAL = "manual", _("Stopped by you")
    IDLE = "idle", _("Nobody spoke for a while")
    DURATION = "duration", _("Time was up")
    OBJECTIVE_MET = "objective_met", _("Objective reached")
    OBJECTIVE_FAILED = "objective_failed", _("Objective out of reach")
    QA_ERROR = "qa_error", _("The AI was unavailable")
    MEDIA_ERROR = "media_error", _("Sound problem")
    CLIENT_CLOSED = "client_closed", _("Page was closed")
    CAPACITY = "capacity", _("No place became free")


STOP_REASONS = frozenset({Reason.MANUAL, Reason.QA_ERROR, Reason.MEDIA_ERROR})
"""What a client may give as the reason of its stop."""

SESSION_MOVES: dict[SessionStatus, frozenset[SessionStatus]] = {
    SessionStatus.PENDING: frozenset({SessionStatus.ACTIVE, SessionStatus.ENDED}),
    SessionStatus.ACTIVE: frozenset({SessionStatus.ENDED}),
    SessionStatus.ENDED: frozenset(),
}


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
    AsrStatus.FAILED: frozenset({AsrStatus.PENDING}),
    AsrStatus.COMPLETED: frozenset(),
}


class ReplyStatus(TextChoices):
    """An AI turn: owed from the moment it is promised until it is said, cut short or given up."""

    DUE = "due", _("Due")
    SPEAKING = "speaking", _("Being said")
    COMPLETE = "complete", _("Said")
    FAILED = "failed", _("Given up")


REPLY_MOVES: dict[ReplyStatus, frozenset[ReplyStatus]] = {
    ReplyStatus.DUE: frozenset({ReplyStatus.SPEAKING, ReplyStatus.FAILED}),
    # Back to due: the process that spoke died and its lease ran out.
    ReplyStatus.SPEAKING: frozenset({ReplyStatus.DUE, ReplyStatus.COMPLETE, ReplyStatus.FAILED}),
    ReplyStatus.COMPLETE: frozenset(),
    ReplyStatus.FAILED: frozenset(),
}


class ScenarioStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Language(TextChoices):
    ENGLISH = "en", _("English")
    CHINESE = "zh", _("Chinese")


class Difficulty(TextChoices):
    """How much the other person asks before they open up; chosen by the trainee beside Start."""

    GENTLE = "gentle", _("Gentle")
    REALISTIC = "realistic", _("Realistic")
    TOUGH = "tough", _("Tough")
