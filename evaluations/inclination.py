"""Yes-or-no questions to a small model, answered by how readily it says yes. Free of the database."""

import math
from collections.abc import Mapping, Sequence

from coach.providers.ports import MalformedAnswer, Message, Tool, ToolAnswer, ToolCaller
from evaluations import prompt

TIMEOUT_SECONDS = 300.0
LEAST, MOST = 0.001, 0.999

Key = tuple[int, int]


def ask(
    model: ToolCaller, messages: Sequence[Message], questions: Mapping[Key, str], session_id: str = ""
) -> tuple[dict[Key, float], ToolAnswer]:
    """Log-odds of yes by question, and the answer they were read from. Raises what a ToolCaller raises."""
    shares = {
        _name(key): {"type": "number", "minimum": 0, "maximum": 1, "description": question}
        for key, question in questions.items()
    }
    form = {"type": "object", "properties": shares, "required": list(shares), "additionalProperties": False}
    tool = Tool(prompt.TOOL_NAME, prompt.DESCRIPTION, form)
    answer = model.call(messages, tool, timeout=TIMEOUT_SECONDS, session_id=session_id)
    return {key: _odds(answer, _name(key)) for key in questions}, answer


def _odds(answer: ToolAnswer, name: str) -> float:
    share = answer.arguments.get(name)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise MalformedAnswer(f"{name} is not a number from 0 to 1")
    share = min(MOST, max(LEAST, share))
    return math.log(share / (1 - share))


def _name(key: Key) -> str:
    return f"{key[0]}-{key[1]}"
