"""Plays sessions by their role brief and evaluates them with the real local encoder, without any server."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.test import Client

from coach.config import ROOT
from coach.providers.ports import TurnPieces, Vector
from evaluations import evaluation_job
from evaluations.ask_evaluator import Evaluator
from evaluations.evaluate import evaluate
from practice.api import api_schemas
from practice.catalog import end_criteria
from practice.lifecycle import ObjectiveStatus
from practice.models import PracticeSession, Scenario, Turn
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.recognition.turn_recognition import understand
from practice.persona.rules import role_rules
from practice.seed_data import seeding
from practice.turns import goal_check
from tests.history.cast import past_session, said


class InProcess:
    """SentenceEmbeddings by the packaged encoder in this process; each text is encoded once."""

    def __init__(self) -> None:
        # Imported here because only tests marked `models` have local models.
        from coach.local_models.sentence_vectors.sentence_encoder import SentenceEncoder
        from coach.local_models.sentence_vectors.turn_encoder import DividedTurn, TurnEncoder
        from tests.local_models.real_server import models_folder

        self._encoder = SentenceEncoder(models_folder())
        self._turns, self._divided = TurnEncoder(self._encoder), DividedTurn
        self._kept: dict[str, Vector] = {}

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        return self.embed_blocking(texts)

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        if new := [text for text in dict.fromkeys(texts) if text not in self._kept]:
            vectors = self._encoder.encode(new)[0].tolist()
            self._kept |= dict(zip(new, vectors, strict=True))
        return [self._kept[text] for text in texts]

    def embed_pieces_blocking(self, turns: Sequence[TurnPieces], *, layers: str) -> list[list[Vector]]:
        divided = [self._divided(turn.text, turn.answered, turn.pieces) for turn in turns]
        return [vectors.tolist() for vectors in self._turns.encode(divided)[0]]


class NobodyAsked:
    def call(self, *given: Any, **options: Any) -> Any:
        raise AssertionError("the small model was asked")


@cache
def encoder() -> InProcess:
    return InProcess()


def shipped(external_id: str) -> Scenario:
    seeding.seed_paths(ROOT / "seed-data/skills.json", ROOT / "seed-data/scenarios.json")
    return Scenario.objects.get(external_id=external_id)


def held(scenario: Scenario, at: datetime, *lines: str) -> PracticeSession:
    """A past session with these alternating lines, the AI's first."""
    session = past_session(scenario, at=at)
    PracticeSession.objects.filter(pk=session.pk).update(
        behaviours=scenario.skill_behaviours(), brief=api_schemas.json(api_schemas.scenario(scenario))
    )
    session.refresh_from_db()
    said(session, *lines)
    return session


async def played(brief: RoleBrief, opening: str, lines: Sequence[str], language: str) -> tuple[list[str], list[Any]]:
    """All lines, and the persona's state at each AI turn; stops where the persona leaves."""
    state = role_rules.begin(brief, "realistic")
    told, states = [opening], [state]
    for number, line in enumerate(lines):
        found = await understand(brief, line, encoder(), language=language, happened=state.happened)
        called = [each.key for each in found.reactions]
        answer, state = role_rules.react(brief, state, called, sequence=2 * number + 1)
        if answer is None:
            answer, state = role_rules.hold_on(brief, state)
        told += [line, answer.text]
        states.append(state)
        if state.ended:
            break
    return told, states


def keep_states(session: PracticeSession, brief: RoleBrief, states: Sequence[Any]) -> None:
    """Store the states with the AI turns and the verdict with the session, as a running conversation does."""
    for number, state in enumerate(states):
        Turn.objects.filter(session=session, sequence=2 * number).update(role_state=state.stored())
    ended = role_rules.outcome(states[-1], end_criteria.wanted(session.brief["endCriteria"]))
    verdict: dict[str, Any] = {}
    if ended:
        status = ObjectiveStatus(ended)
        verdict = {"objective_status": status, "termination_reason": goal_check.ENDS[status]}
    PracticeSession.objects.filter(pk=session.pk).update(role_brief=brief.stored(), **verdict)


def evaluated(session: PracticeSession) -> PracticeSession:
    evaluation = evaluation_job.queue(session, now=session.sorted_at)
    assert evaluation
    local = Evaluator(NobodyAsked(), "sentence encoders", True, encoder())
    assert evaluate(evaluation.pk, local, clock=lambda: session.sorted_at + timedelta(hours=3))
    return session


def skip_own_view(client: Client, session: PracticeSession) -> None:
    """Skip the own view by sending its form empty, as the page's button does."""
    assert client.post(f"/sessions/{session.pk}/evaluation/", {"own": "skip"}).status_code == 302
