"""What other apps add to a session, filled in by their `AppConfig.ready`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EvaluationBrief:
    """What a session's shape says of its evaluation."""

    id: str
    status: str


def _no_briefs(session_ids: Iterable[str]) -> Mapping[str, EvaluationBrief]:
    return {}


def _no_evaluation(session_id: str) -> dict[str, Any] | None:
    return None


def _no_insult(line: str) -> bool:
    return False


@dataclass
class Ports:
    """`evaluation_briefs` by session id, one query for any number; `evaluation_shape` is protocol.md's Evaluation.

    `is_insult`: whether a line of the trainee's plainly insults.
    """

    evaluation_briefs: Callable[[Iterable[str]], Mapping[str, EvaluationBrief]] = _no_briefs
    evaluation_shape: Callable[[str], dict[str, Any] | None] = _no_evaluation
    is_insult: Callable[[str], bool] = _no_insult


ports = Ports()
