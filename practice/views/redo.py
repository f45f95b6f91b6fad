"""Offers the trainee's lines for a redo, on the pages of an ended session."""

import json
from collections.abc import Iterable

from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession, Turn


def offered(session: PracticeSession, turns: Iterable[Turn]) -> list[Turn]:
    """The turns; those at which a redo can begin get `redo_body`, the body of its POST /api/sessions."""
    found = list(turns)
    answered = {
        turn.sequence for turn in found if turn.speaker == Speaker.AI and turn.reply_status == ReplyStatus.COMPLETE
    }
    for turn in found:
        if turn.speaker == Speaker.TRAINEE and turn.sequence - 1 in answered:
            turn.redo_body = json.dumps(  # type: ignore[attr-defined]
                {
                    "scenarioId": session.scenario_id,
                    "continuesFrom": session.pk,
                    "continuesAt": turn.sequence,
                    "difficulty": session.difficulty,
                    "coaching": session.coaching,
                }
            )
    return found
