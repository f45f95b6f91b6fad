"""One question to the evaluator and what came of it. Free of the database."""

import json
from dataclasses import dataclass, field
from typing import Literal

from coach.providers.ports import (
    MalformedAnswer,
    Message,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    ToolAnswer,
    ToolCaller,
)
from evaluations import prompt, scoring, small
from evaluations.conversation import Conversation
from evaluations.courtesies import Memory, Passing
from evaluations.scoring import Refusal, Scoring

SAID_MAX = 4_000
"""Characters of a refused answer that the model is shown again."""

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Evaluator:
    """Who scores: a model that calls tools, the name it goes by and whether it is the small one on this machine.

    `memory` is the small one's.
    """

    model: ToolCaller
    name: str
    local: bool
    memory: Memory = field(default_factory=Passing)


@dataclass(frozen=True)
class Outcome:
    """A scoring, or why not and when asking again may help; `answer` where the model gave one in the right form."""

    status: Literal["answer", "malformed", "unavailable", "misconfigured", "rejected", "error"]
    reason: str = ""
    scoring: Scoring | None = None
    answer: ToolAnswer | None = None
    ask_again: Literal["now", "later", "never"] = "never"
    retry_after: float | None = None


@dataclass(frozen=True)
class Question:
    """A conversation as this evaluator is asked about it."""

    evaluator: Evaluator
    conversation: Conversation

    def put(self, before: Outcome | None = None, *, session_id: str = "") -> Outcome:
        """Ask; after an answer that could not be used, with the reason. Raises nothing a provider may raise."""
        try:
            answer = self._asked(before, session_id)
        except MalformedAnswer as error:
            return Outcome("malformed", error.reason, ask_again="now")
        except ProviderMisconfigured as error:
            return Outcome("misconfigured", str(error))
        except ProviderRejected as error:
            return Outcome("rejected", str(error))
        except ProviderUnavailable as error:
            return Outcome("unavailable", str(error), ask_again="later", retry_after=error.retry_after)
        verdict = scoring.read(answer.arguments, self.conversation)
        if isinstance(verdict, Refusal):
            return Outcome("malformed", verdict.reason, answer=answer, ask_again="now")
        return Outcome("answer", scoring=verdict, answer=answer)

    def _asked(self, before: Outcome | None, session_id: str) -> ToolAnswer:
        if self.evaluator.local:
            return small.call(self.conversation, self.evaluator.model, self.evaluator.memory, session_id=session_id)
        messages = prompt.messages(self.conversation)
        # Only the last answer is shown again.
        messages += _correction(before) if before else []
        tool = prompt.tool(self.conversation)
        return self.evaluator.model.call(messages, tool, timeout=TIMEOUT_SECONDS, session_id=session_id)


def _correction(outcome: Outcome) -> list[Message]:
    said = json.dumps(outcome.answer.arguments, ensure_ascii=False)[:SAID_MAX] if outcome.answer else ""
    return prompt.correction(said, outcome.reason)
