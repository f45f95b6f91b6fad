"""Socket updates: what a client already knows of a session, and what it still has to be sent. Reads the database."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from coach.edge.timestamps import iso
from practice import audio_links, end_reason_words
from practice.api import api_schemas
from practice.help import coaching
from practice.lifecycle import AsrStatus, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.ports import ports

EVALUATED = ("completed", "failed")


@dataclass(frozen=True)
class Snapshot:
    """A session as read at one moment. `replying`: the AI turn that is owed or being said."""

    session: PracticeSession
    shape: api_schemas.PracticeSession
    turns: list[Turn]
    evaluation: dict[str, Any] | None
    replying: Turn | None
    ai_turn_ids: dict[int, str]
    taken_at: datetime

    @property
    def number(self) -> int:
        return self.session.event_number

    def is_interrupted(self, turn_id: str) -> bool:
        return any(turn.pk == turn_id and turn.interrupted for turn in self.turns)


def look(session_id: str, *, user_id: str, now: datetime) -> Snapshot | None:
    """None: there is no such session (any more)."""
    session = PracticeSession.objects.without_briefs().filter(pk=session_id, user_id=user_id).first()
    if session is None:
        return None
    if session.status == SessionStatus.ENDED:
        session.refresh_from_db(fields=["brief"])  # The text about its end names the other person.
    turns = list(session.turns.defer("delivery", "role_state").order_by("sequence"))
    replying = [turn for turn in turns if turn.reply_status in (ReplyStatus.DUE, ReplyStatus.SPEAKING)]
    return Snapshot(
        session=session,
        shape=api_schemas.sessions([session])[0],
        turns=[turn for turn in turns if turn.speaker == Speaker.TRAINEE or turn.transcript is not None],
        evaluation=ports.evaluation_shape(session_id) if session.status == SessionStatus.ENDED else None,
        replying=replying[0] if replying and session.status == SessionStatus.ACTIVE else None,
        ai_turn_ids={turn.sequence: turn.pk for turn in turns if turn.speaker == Speaker.AI},
        taken_at=now,
    )


Heard = tuple[bool, str | None, bool]
"""Whether a turn was interrupted, what became of its transcription, and whether there are words."""
Messages = Iterator[dict[str, Any]]


@dataclass
class KnownToClient:
    """What one socket's client knows. `status` is None before the first snapshot."""

    status: str | None = None
    position: int | None = None
    turns: dict[str, Heard] = field(default_factory=dict)
    evaluation: tuple[Any, ...] | None = None
    hint: dict[str, Any] | None = None
    coaching: int | None = None
    """The AI turn before the latest coaching pause that the client was told about."""


def just_said(known: KnownToClient, found: Snapshot) -> Turn | None:
    """The last AI turn, if this socket was connected but has sent nothing of it."""
    latest = found.turns[-1] if found.turns else None
    if latest is None or latest.speaker != Speaker.AI or latest.interrupted or latest.pk in known.turns:
        return None
    return latest if known.status == found.session.status == SessionStatus.ACTIVE else None


def updates(known: KnownToClient, found: Snapshot, *, held: Collection[str | None] = ()) -> list[dict[str, Any]]:
    """Messages that bring a client from `known` (updated here) to `found`.

    `held`: AI turns still being streamed to this socket; a later call sends their `ai_turn`.
    """
    steps = (_whole_session, _queue_place, partial(_turns, held=held), _new_hint, _coaching_pause, _end, _feedback)
    return [message for step in steps for message in step(known, found)]


def _whole_session(known: KnownToClient, found: Snapshot) -> Messages:
    activated = known.status == SessionStatus.PENDING and found.session.status == SessionStatus.ACTIVE
    if known.status is not None and not activated:
        return
    # A turn accepted after this socket got its first snapshot still has its receipt to come, snapshot or not.
    in_snapshot = [turn for turn in found.turns if known.status is None or turn.speaker == Speaker.AI]
    known.turns = {turn.pk: _heard(turn) for turn in in_snapshot}
    known.evaluation = _evaluated(found)
    known.hint = found.session.last_hint
    known.status = found.session.status
    yield _snapshot(found)


def _queue_place(known: KnownToClient, found: Snapshot) -> Messages:
    session, position = found.session, found.shape.queuePosition
    if session.status == SessionStatus.PENDING and position != known.position:
        known.position = position
        expires_at = iso(session.queue_deadline) if session.queue_deadline else None
        yield {"type": "queued", "position": position, "expiresAt": expires_at}


def _turns(known: KnownToClient, found: Snapshot, *, held: Collection[str | None]) -> Messages:
    for turn in found.turns:
        if turn.pk in held:
            continue
        message = _turn_update(known.turns.get(turn.pk), turn, found)
        known.turns[turn.pk] = _heard(turn)
        if message:
            yield message


def _new_hint(known: KnownToClient, found: Snapshot) -> Messages:
    hint = found.session.last_hint
    if hint and hint != known.hint:
        known.hint = hint
        yield _hint(hint)


def _coaching_pause(known: KnownToClient, found: Snapshot) -> Messages:
    pause = coaching.under_way(found.session)
    if pause and pause["sequence"] != known.coaching:
        known.coaching = pause["sequence"]
        yield {"type": "coaching"} | {name: pause[name] for name in ("praise", "quote", "next")}


def _end(known: KnownToClient, found: Snapshot) -> Messages:
    if found.session.status == SessionStatus.ENDED and known.status != SessionStatus.ENDED:
        yield _termination(found.session)
    known.status = found.session.status


def _feedback(known: KnownToClient, found: Snapshot) -> Messages:
    evaluated = _evaluated(found)
    if evaluated != known.evaluation:
        known.evaluation = evaluated
        if evaluated:
            yield {"type": "evaluation_ready", "evaluation": found.evaluation}


def _hint(given: dict[str, Any]) -> dict[str, Any]:
    example = given["example"] if given["exampleShown"] else None
    return {"type": "hint", "hint": given["hint"], "example": example or None}


def _heard(turn: Turn) -> Heard:
    return turn.interrupted, turn.asr_status, bool(turn.transcript)


def _turn_update(before: Heard | None, turn: Turn, found: Snapshot) -> dict[str, Any] | None:
    if before is None and turn.speaker == Speaker.AI:
        return {"type": "ai_turn", "turn": api_schemas.json(api_schemas.turn(turn))}
    if before is None:
        return {"type": "turn_accepted", "receipt": receipt(turn, found)}
    if before == _heard(turn) or turn.asr_status == AsrStatus.PENDING:
        return None
    return {"type": "turn_updated", "turn": api_schemas.json(api_schemas.turn(turn))}


def receipt(turn: Turn, found: Snapshot) -> dict[str, Any]:
    answer = found.ai_turn_ids.get(turn.sequence + 1)
    return {"sessionId": turn.session_id, "turnId": turn.pk, "aiTurnId": answer, "status": "accepted"}


def _snapshot(found: Snapshot) -> dict[str, Any]:
    links = audio_links.Links(found.session.user_id, now=found.taken_at)
    return {
        "type": "session",
        "session": api_schemas.json(found.shape),
        "turns": [api_schemas.json(api_schemas.turn(turn, audio_url=links.to(turn.pk))) for turn in found.turns],
        "evaluation": found.evaluation,
        "serverTime": iso(found.taken_at),
    }


def _termination(session: PracticeSession) -> dict[str, Any]:
    return {
        "type": "termination",
        "termination": {
            "reason": session.termination_reason,
            "terminatedAt": session.ended_at and iso(session.ended_at),
            "latencyMs": session.termination_latency_ms,
        },
        "message": end_reason_words.sentence(session),
    }


def _evaluated(found: Snapshot) -> tuple[Any, ...] | None:
    evaluation = found.evaluation
    if not evaluation or evaluation.get("status") not in EVALUATED:
        return None
    return evaluation.get("id"), evaluation.get("status"), evaluation.get("attempts"), evaluation.get("completedAt")
