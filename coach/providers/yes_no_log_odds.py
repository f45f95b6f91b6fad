"""Asks a small model yes-or-no questions and measures how readily it says yes.

Asked to judge, a model of this size gives its favourite answer, whatever it has read. A question is a number from 0 to
1 in the form that it fills in; the local server writes the probability of yes there.
"""

import math
from collections.abc import Mapping, Sequence

from coach.providers.ports import MalformedAnswer, Message, Tool, ToolAnswer, ToolCaller

LEAST, MOST = 0.001, 0.999


def ask(
    model: ToolCaller,
    messages: Sequence[Message],
    questions: Mapping[str, str],
    *,
    name: str,
    description: str,
    timeout: float,
    retries: int = 0,
    session_id: str = "",
) -> tuple[dict[str, float], ToolAnswer]:
    """Log-odds of yes by question, and the answer they were read from. Raises what a ToolCaller raises.

    `name` and `description` are those of the form; `timeout` in seconds.
    """
    shares = {
        key: {"type": "number", "minimum": 0, "maximum": 1, "description": question}
        for key, question in questions.items()
    }
    form = {"type": "object", "properties": shares, "required": list(shares), "additionalProperties": False}
    tool = Tool(name, description, form)
    answer = model.call(messages, tool, timeout=timeout, retries=retries, session_id=session_id)
    return {key: _odds(answer, key) for key in questions}, answer


def _odds(answer: ToolAnswer, key: str) -> float:
    share = answer.arguments.get(key)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise MalformedAnswer(f"{key} is not a number from 0 to 1")
    share = min(MOST, max(LEAST, share))
    return math.log(share / (1 - share))
