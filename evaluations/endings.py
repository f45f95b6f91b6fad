"""Whether a wanted ending came about, as far as a small model can tell. Free of the database.

Of how a conversation fails it says yes to nearly everything, so that is never asked (scripts/bench/evaluator.md).
"""

import re

from evaluations import prompt
from evaluations.conversation import Conversation

BEYOND, SURE = 1.05, 0.3
"""Log-odds beyond courtesies, and by themselves, from which it is said to have happened."""

_HAPPENED = {
    "en": "Did this happen in the conversation: {ending}? Answer Yes or No.",
    "zh": "对话中发生了这件事吗：{ending}？回答“是”或“否”。",
}
# As curators are told to word it (“It fails if Sam leaves”).
_FAILS = re.compile(r"^(?:it )?fails\b|^失败", re.IGNORECASE)
_TRAINEE = re.compile(r"\bthe trainee\b|练习者", re.IGNORECASE)


def questions(conversation: Conversation) -> dict[int, str]:
    """By number of the end criterion, from 1; those that say how it fails are left out."""
    form = _HAPPENED.get(conversation.language, _HAPPENED["en"])
    wanted = {
        number: prompt.line(criterion).rstrip(".。")
        for number, criterion in enumerate(conversation.end_criteria, 1)
        if not _FAILS.search(prompt.line(criterion))
    }
    trainee = prompt.names(conversation)["trainee"]
    return {number: form.format(ending=_TRAINEE.sub(lambda _: trainee, ending)) for number, ending in wanted.items()}


def met(odds: float, usual: float) -> bool:
    """Whether it happened, from the log-odds of this conversation and of courtesies."""
    return odds >= SURE and odds - usual >= BEYOND
