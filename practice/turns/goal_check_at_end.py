"""Judges the turns that no check has judged, once a conversation has ended: its feedback is read from that state.

Their check failed, came before their words, or was still to come when the trainee stopped.
"""

import structlog

from coach import clock
from coach.providers import blocking
from coach.providers.ports import ProviderError, SentenceEmbeddings, ToolCaller
from practice.lifecycle import ReplyStatus, Speaker
from practice.models import PracticeSession
from practice.persona.model import role_by_model
from practice.turns import goal_check_by_model, goal_check_by_recognition, goal_check_reactions

log = structlog.get_logger(__name__)

SECONDS = 10.0
"""Nobody waits for the next reply any more."""


def judge(session: PracticeSession, caller: ToolCaller, embeddings: SentenceEmbeddings | None = None) -> None:
    """Update the persona's state; the verdict stays. What cannot be judged now stays as it is.

    With `embeddings` reactions are recognised, because only a small model could judge.
    """
    turns = role_by_model.unjudged(session)
    if not turns:
        return
    if embeddings is not None:
        parts = goal_check_by_recognition.parts(session, turns)
        role_by_model.move(session, blocking.run(goal_check_by_recognition.called_for(parts, embeddings)))
        return
    last = session.turns.filter(speaker=Speaker.AI, reply_status=ReplyStatus.COMPLETE).latest("sequence")
    for first in range(0, len(turns), goal_check_reactions.AT_ONCE):
        asked = turns[first : first + goal_check_reactions.AT_ONCE]
        try:
            judged = goal_check_by_model.ask(
                last, caller, local=False, now=session.ended_at or clock.now(), timeout=SECONDS, unjudged=asked
            )
        except ProviderError as error:
            log.warning("turns not judged before the feedback", sessionId=session.pk, error=str(error))
            return
        role_by_model.move(session, judged.reactions)
