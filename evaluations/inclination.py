"""The questions of an evaluation to a small model: about the skill or the like at a place, the how-manieth of it."""

from collections.abc import Mapping, Sequence

from coach.providers import yes_no_log_odds
from coach.providers.ports import Message, ToolAnswer, ToolCaller
from evaluations import prompt

TIMEOUT_SECONDS = 300.0

Key = tuple[int, int]


def ask(
    model: ToolCaller, messages: Sequence[Message], questions: Mapping[Key, str], session_id: str = ""
) -> tuple[dict[Key, float], ToolAnswer]:
    """Log-odds of yes by question, and the answer they were read from. Raises what a ToolCaller raises."""
    found, answer = yes_no_log_odds.ask(
        model,
        messages,
        {_name(key): question for key, question in questions.items()},
        name=prompt.TOOL_NAME,
        description=prompt.DESCRIPTION,
        timeout=TIMEOUT_SECONDS,
        session_id=session_id,
    )
    return {key: found[_name(key)] for key in questions}, answer


def _name(key: Key) -> str:
    return f"{key[0]}-{key[1]}"
