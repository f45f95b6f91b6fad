"""Where on a described scale does it lie? Asked so that a small model can tell.

Asked for a number, a small model gives the one it likes, whatever it has read. What it can do is to compare: which of
two descriptions fits better? Its inclination is read off the probabilities of its answer, in both orders because it
prefers what stands first.
"""

import math
from collections.abc import Mapping, Sequence

from coach.local.forms import Scale
from coach.local.llm import Engine, Tally

FIRST, SECOND = "A", "B"
LOWEST, HIGHEST = -0.05, 1.2
"""Log-odds where the scale begins and ends: a small model likes the better description even of silence."""


async def judged(scale: Scale, messages: Sequence[Mapping[str, str]], engine: Engine, tally: Tally) -> int | None:
    """The value that fits `messages`; None where this engine does not tell its probabilities. Raises EngineError."""
    low, high = scale.described[scale.values[0]], scale.described[scale.values[-1]]
    drawn = await _inclination(scale, messages, high, low, engine, tally)
    if drawn is None:
        return None
    return placed(drawn, scale.values)


def placed(drawn: float, values: Sequence[int]) -> int:
    """The value for an inclination of `drawn` log-odds."""
    share = (drawn - LOWEST) / (HIGHEST - LOWEST)
    return values[min(len(values) - 1, max(0, math.floor(share * len(values))))]


async def _inclination(
    scale: Scale, messages: Sequence[Mapping[str, str]], high: str, low: str, engine: Engine, tally: Tally
) -> float | None:
    """Log-odds of `high` over `low`."""
    found = []
    for first, second in ((high, low), (low, high)):
        question = f"{scale.question}\n{FIRST}: {first}\n{SECOND}: {second}\nAnswer {FIRST} or {SECOND}."
        odds = await engine.inclination(_asked(messages, question), (FIRST, SECOND), tally=tally)
        if odds is None:
            return None
        found.append(odds)
    return (found[0] - found[1]) / 2


def _asked(messages: Sequence[Mapping[str, str]], question: str) -> list[Mapping[str, str]]:
    """In the same breath as what is asked about: measured to be clearer to a small model than a message of its own."""
    *before, last = messages
    if last["role"] != "user":
        return [*messages, {"role": "user", "content": question}]
    return [*before, {"role": "user", "content": f"{last['content']}\n\n{question}"}]
