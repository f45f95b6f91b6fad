"""How far does it hold? Asked so that a small model can tell.

Asked for a number, a small model gives the one it likes, whatever it has read. What it can do is to say yes or no to
one plain question, and how readily it does so is read off the probabilities of its answer.
"""

import math
import re
from collections.abc import Mapping, Sequence

from coach.local_models.llm import Engine, TokenCount

YES_OR_NO = {"en": ("Yes", "No"), "zh": ("是", "否")}

_HAN = re.compile(r"[\u4e00-\u9fff]")


async def likelihood(
    question: str, messages: Sequence[Mapping[str, str]], engine: Engine, tally: TokenCount
) -> float | None:
    """Between 0 and 1: how readily the model says yes; None where it does not tell. Raises EngineError.

    A question with Chinese in it is answered in Chinese, and must itself ask for one of the two words.
    """
    words = YES_OR_NO["zh" if _HAN.search(question) else "en"]
    drawn = await engine.yes_no_log_odds(_asked(messages, question), words, tally=tally)
    return None if drawn is None else (1 + math.tanh(drawn / 2)) / 2


def _asked(messages: Sequence[Mapping[str, str]], question: str) -> list[Mapping[str, str]]:
    """In the same breath as what is asked about: measured to be clearer to a small model than a message of its own.

    All that precedes the question stays as it is, so that it is read only once.
    """
    *before, last = messages
    if last["role"] != "user":
        return [*messages, {"role": "user", "content": question}]
    return [*before, {"role": "user", "content": f"{last['content']}\n\n{question}"}]
