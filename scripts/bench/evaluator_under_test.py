"""The evaluator that the benches measure: the one of the settings, or the local one in this process.

Needs Django set up.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coach.providers import build
from coach.providers.ports import TurnPieces
from evaluations.ask_evaluator import Evaluator, Question
from evaluations.findings.results import Findings
from evaluations.lifecycle import TRIES_IN_A_ROW
from evaluations.local import detectors
from evaluations.transcript.conversation import Conversation


def of(models: Path | None, fitted: Path | None) -> Evaluator:
    """`models`: folder of the sentence encoders, for a run without a server; `fitted`: what `fit_evaluator` wrote."""
    if fitted:
        detectors.FILE = fitted / detectors.FILE.name
    if models:
        return Evaluator(Nobody(), "sentence encoders in this process", True, InProcess(models, fitted))
    model = build.evaluator()
    return Evaluator(model, model.model, model.local, build.embeddings() if model.local else None)


def judged(evaluator: Evaluator, conversation: Conversation) -> Findings:
    question = Question(evaluator, conversation)
    for _ in range(TRIES_IN_A_ROW):
        outcome = question.put()
        if outcome.findings:
            return outcome.findings
    if question.findings is None:
        raise SystemExit(f"no usable answer: {outcome.reason}")
    return question.findings


class InProcess:
    """SentenceEmbeddings without a server."""

    def __init__(self, models: Path, fitted: Path | None) -> None:
        from coach.local_models.sentence_vectors.sentence_encoder import SentenceEncoder
        from coach.local_models.sentence_vectors.turn_encoder import ADDITIONS, DividedTurn, TurnEncoder

        self._encoder = SentenceEncoder(models)
        additions = fitted / ADDITIONS.name if fitted else ADDITIONS
        self._turns, self._divided = TurnEncoder(self._encoder, additions), DividedTurn
        self._kept: dict[str, Sequence[float]] = {}

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Sequence[float]]:
        return self.embed_blocking(texts)

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Sequence[float]]:
        if missing := [text for text in dict.fromkeys(texts) if text not in self._kept]:
            vectors = self._encoder.encode(missing)[0].tolist()
            self._kept |= dict(zip(missing, vectors, strict=True))
        return [self._kept[text] for text in texts]

    def embed_pieces_blocking(self, turns: Sequence[TurnPieces], *, layers: str) -> list[list[Sequence[float]]]:
        divided = [self._divided(turn.text, turn.answered, turn.pieces) for turn in turns]
        return [vectors.tolist() for vectors in self._turns.encode(divided)[0]]


class Nobody:
    """Replaces the small model, which must not be called."""

    model = "none"

    def call(self, *given: Any, **options: Any) -> Any:
        raise AssertionError("asked")
