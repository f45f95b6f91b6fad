"""What other apps add to a session, registered in their `AppConfig.ready`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EvaluationBrief:
    """What a session's JSON says about its evaluation."""

    id: str
    status: str


@dataclass(frozen=True)
class Quoted:
    """Words of a turn that the feedback quotes. `tone`: "good", or "gap" for a behaviour to avoid."""

    text: str
    tone: str


def _no_briefs(session_ids: Iterable[str]) -> Mapping[str, EvaluationBrief]:
    return {}


def _no_evaluation(session_id: str) -> dict[str, Any] | None:
    return None


def _no_insult(line: str) -> bool:
    return False


def _no_quotes(session_id: str) -> Mapping[int, Sequence[Quoted]]:
    return {}


@dataclass
class Ports:
    """`evaluation_briefs` by session id, one query for any number; `evaluation_shape` is the API's Evaluation.

    `is_insult`: whether a line of the trainee is plainly an insult. `quoted`: by sequence, what the feedback quotes,
    once the trainee has seen it.
    """

    evaluation_briefs: Callable[[Iterable[str]], Mapping[str, EvaluationBrief]] = _no_briefs
    evaluation_shape: Callable[[str], dict[str, Any] | None] = _no_evaluation
    is_insult: Callable[[str], bool] = _no_insult
    quoted: Callable[[str], Mapping[int, Sequence[Quoted]]] = _no_quotes


ports = Ports()
