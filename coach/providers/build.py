"""Builds the models of this installation from its settings; no other code does. Each serves its whole process."""

import os
from functools import cache

from coach.config import config
from coach.providers.asr import CompletionsRecognizer
from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.end_of_turn import EndpointEndOfTurn
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names


def roleplay() -> StreamedRoleplay:
    """A RoleplayModel."""
    return _roleplay(os.getpid())


def recognizer() -> CompletionsRecognizer:
    """A SpeechRecognizer."""
    return _recognizer(os.getpid())


def evaluator() -> CompletionsToolCaller:
    """A ToolCaller for evaluations."""
    return _evaluator(os.getpid())


def objective_check() -> CompletionsToolCaller:
    """A ToolCaller for objective checks."""
    return _objective_check(os.getpid())


def embeddings() -> EndpointEmbeddings:
    """SentenceEmbeddings; served on this machine if a model without a key needs them (`config.local_parts`)."""
    return _embeddings(os.getpid())


def end_of_turn() -> EndpointEndOfTurn | None:
    """An EndOfTurnModel if speech models run on this machine, else None."""
    local = next((one for one in (config.asr, config.roleplay) if one.local), None)
    return _end_of_turn(os.getpid()) if local else None


# Keyed by process: a forked worker must not share its parent's connections.
@cache
def _roleplay(process: int) -> StreamedRoleplay:
    return StreamedRoleplay(config.roleplay)


@cache
def _recognizer(process: int) -> CompletionsRecognizer:
    return CompletionsRecognizer(config.asr)


@cache
def _evaluator(process: int) -> CompletionsToolCaller:
    return CompletionsToolCaller(config.evaluator, names.EVALUATOR)


@cache
def _objective_check(process: int) -> CompletionsToolCaller:
    return CompletionsToolCaller(config.objective_check, names.OBJECTIVE)


@cache
def _embeddings(process: int) -> EndpointEmbeddings:
    return EndpointEmbeddings(config.embeddings)


@cache
def _end_of_turn(process: int) -> EndpointEndOfTurn:
    return EndpointEndOfTurn(config.asr if config.asr.local else config.roleplay)
