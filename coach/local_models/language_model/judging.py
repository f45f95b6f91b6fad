"""Asks a small model how far something is true, in a way that it can answer.

Asked for a number, a small model gives its favourite one, whatever it has read. It can answer yes or no to one plain
question, and the probabilities of that answer show how sure it is.
"""

import math
import re
from collections.abc import Mapping, Sequence

from coach.local_models.language_model.llm import Engine, TokenCount

YES_OR_NO = {"en": ("Yes", "No"), "zh": ("是", "否")}

_HAN = re.compile(r"[\u4e00-\u9fff]")


async def likelihood(
    question: str, messages: Sequence[Mapping[str, str]], engine: Engine, tally: TokenCount
) -> float | None:
    """How readily the model says yes, from 0 to 1; None if it gives no probabilities. Raises EngineError.

    A question that contains Chinese is answered in Chinese, and must itself ask for one of the two words.
    """
    words = YES_OR_NO["zh" if _HAN.search(question) else "en"]
    drawn = await engine.yes_no_log_odds(_asked(messages, question), words, tally=tally)
    return None if drawn is None else (1 + math.tanh(drawn / 2)) / 2


def _asked(messages: Sequence[Mapping[str, str]], question: str) -> list[Mapping[str, str]]:
    """Append the question to the text it is about: measured to be clearer to a small model than a separate message.

    Everything before the question stays the same, so that it is read only once.
    """
    *before, last = messages
    if last["role"] != "user":
        return [*messages, {"role": "user", "content": question}]
    return [*before, {"role": "user", "content": f"{last['content']}\n\n{question}"}]
