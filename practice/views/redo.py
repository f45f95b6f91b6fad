"""Lines of one's own that can be said anew, as the pages of an ended session offer them."""

import json
from collections.abc import Iterable

from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession, Turn


def offered(session: PracticeSession, turns: Iterable[Turn]) -> list[Turn]:
    """The turns; those that a new session can begin at have `redo_body`, what POST /api/sessions is asked for it."""
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
