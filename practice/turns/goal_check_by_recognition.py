"""Recognises what the trainee's turns called for, if a model with a key plays a role brief and a small one judges."""

from collections.abc import Sequence

import structlog

from coach.providers.ports import ProviderError, SentenceEmbeddings
from practice.models import PracticeSession
from practice.persona.recognition.turn_recognition import recognise
from practice.persona.rules import role_storage
from practice.persona.rules.role_storage import RolePart
from practice.turns import roleplay_prompt

log = structlog.get_logger(__name__)


def parts(session: PracticeSession, turns: Sequence[int]) -> list[RolePart]:
    """What is needed to recognise the trainee's turns before these AI turns; none without a role brief."""
    said = roleplay_prompt.said_before(session) if turns else []
    found = [
        role_storage.part(session, sequence, [turn for turn in said if turn.sequence < sequence]) for sequence in turns
    ]
    return [part for part in found if part is not None]


async def called_for(parts: Sequence[RolePart], embeddings: SentenceEmbeddings) -> dict[int, list[str]]:
    """By AI turn, the reactions; what could not be recognised is left out."""
    called = {}
    for part in parts:
        try:
            found = await recognise(
                part.brief, part.heard or "", embeddings, language=part.language, happened=part.state.happened
            )
        except ProviderError as error:
            log.warning("reactions could not be told apart", error=str(error))
            break
        called[part.sequence] = [each.key for each in found]
    return called
