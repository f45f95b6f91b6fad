"""Builds the models of this installation from its settings; no other code does. Each serves its whole process."""

import os
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from coach.config import config
from coach.providers.asr import CompletionsRecognizer
from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.end_of_turn import EndpointEndOfTurn
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names

T = TypeVar("T")


def _once_per_process(build: Callable[[], T]) -> Callable[[], T]:
    """A forked worker must not share its parent's connections."""
    built = cache(lambda process: build())
    return lambda: built(os.getpid())


@_once_per_process
def roleplay() -> StreamedRoleplay:
    """A RoleplayModel."""
    return StreamedRoleplay(config.roleplay)


@_once_per_process
def recognizer() -> CompletionsRecognizer:
    """A SpeechRecognizer."""
    return CompletionsRecognizer(config.asr)


@_once_per_process
def evaluator() -> CompletionsToolCaller:
    """A ToolCaller for evaluations."""
    return CompletionsToolCaller(config.evaluator, names.EVALUATOR)


@_once_per_process
def objective_check() -> CompletionsToolCaller:
    """A ToolCaller for objective checks."""
    return CompletionsToolCaller(config.objective_check, names.OBJECTIVE)


@_once_per_process
def embeddings() -> EndpointEmbeddings:
    """SentenceEmbeddings; served on this machine if a model without a key needs them (`config.local_parts`)."""
    return EndpointEmbeddings(config.embeddings)


@_once_per_process
def end_of_turn() -> EndpointEndOfTurn | None:
    """An EndOfTurnModel if speech models run on this machine, else None."""
    local = next((one for one in (config.asr, config.roleplay) if one.local), None)
    return EndpointEndOfTurn(local) if local else None
