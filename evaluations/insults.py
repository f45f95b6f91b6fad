"""Whether a trainee insults, mocks or threatens: as far as a small model can tell, that is, only plainly. Pure."""

from evaluations import prompt
from evaluations.conversation import Conversation

HEARD = 1.15
"""Log-odds of yes. Of good conversations none was above 0.83 (scripts/bench/evaluator.md)."""
EARNS = 2
"""No skill is rated higher then: none of their better descriptions allows it."""

_QUESTION = {
    "en": "Does {trainee} insult, mock or threaten {counterpart} in the conversation? Answer Yes or No.",
    "zh": "{trainee}侮辱、嘲讽或威胁了{counterpart}吗？回答“是”或“否”。",
}


def question(conversation: Conversation) -> str:
    """About the whole conversation."""
    return _QUESTION.get(conversation.language, _QUESTION["en"]).format(**prompt.names(conversation))
