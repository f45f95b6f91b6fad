"""Whether a wanted ending came about, as far as a small model can tell. Free of the database."""

from evaluations import prompt
from evaluations.conversation import Conversation
from practice import endings

BEYOND, SURE = 1.05, 0.3
"""Log-odds beyond courtesies, and by themselves, from which it is said to have happened."""


def questions(conversation: Conversation) -> dict[int, str]:
    """By number of the end criterion, from 1; those that say how it fails are left out."""
    criteria = [prompt.line(criterion) for criterion in conversation.end_criteria]
    return endings.questions(criteria, conversation.language, prompt.names(conversation)["trainee"])


def met(odds: float, usual: float) -> bool:
    """Whether it happened, from the log-odds of this conversation and of courtesies."""
    return odds >= SURE and odds - usual >= BEYOND
