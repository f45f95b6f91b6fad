"""One question to the evaluator and what came of it. Free of the database."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from coach.providers.ports import (
    MalformedAnswer,
    Message,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    Tool,
    ToolAnswer,
    ToolCaller,
)
from evaluations import prompt, scoring
from evaluations.conversation import Conversation
from evaluations.scoring import Refusal, Scoring

SAID_MAX = 4_000
"""Characters of a refused answer that the model is shown again."""

TIMEOUT_SECONDS = 60.0
TIMEOUT_SECONDS_LOCAL = 300.0


@dataclass(frozen=True)
class Evaluator:
    """Who scores: a model that calls tools, the name it goes by and whether it is the small one on this machine."""

    model: ToolCaller
    name: str
    local: bool


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
    messages: Sequence[Message]
    tool: Tool
    aliases: Mapping[str, str]

    @classmethod
    def about(cls, conversation: Conversation, evaluator: Evaluator) -> "Question":
        aliases: dict[str, str] = {}
        asked = conversation
        if evaluator.local:
            # An opaque id costs a small model seconds to write and says nothing to it; a name helps it to judge.
            aliases = {skill.name: skill.id for skill in conversation.skills}
            asked = replace(conversation, skills=[replace(skill, id=skill.name) for skill in conversation.skills])
        return cls(
            evaluator,
            conversation,
            prompt.messages(asked, local=evaluator.local),
            prompt.tool(asked, local=evaluator.local),
            aliases,
        )

    def put(self, before: Outcome | None = None, *, session_id: str = "") -> Outcome:
        """Ask; after an answer that could not be used, with the reason. Raises nothing a provider may raise."""
        # Only the last answer is shown again: a small model's memory is short.
        messages = [*self.messages, *(_correction(before) if before else ())]
        timeout = TIMEOUT_SECONDS_LOCAL if self.evaluator.local else TIMEOUT_SECONDS
        try:
            answer = self.evaluator.model.call(messages, self.tool, timeout=timeout, session_id=session_id)
        except MalformedAnswer as error:
            return Outcome("malformed", error.reason, ask_again="now")
        except ProviderMisconfigured as error:
            return Outcome("misconfigured", str(error))
        except ProviderRejected as error:
            return Outcome("rejected", str(error))
        except ProviderUnavailable as error:
            return Outcome("unavailable", str(error), ask_again="later", retry_after=error.retry_after)
        verdict = scoring.read(self._with_ids(answer.arguments), self.conversation)
        if isinstance(verdict, Refusal):
            return Outcome("malformed", verdict.reason, answer=answer, ask_again="now")
        return Outcome("answer", scoring=verdict, answer=answer)

    def _with_ids(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        given = arguments.get("scores")
        if isinstance(given, Mapping):  # the form of a local model has a place for each skill
            given = [{"skillId": name, **score} for name, score in given.items() if isinstance(score, Mapping)]
        if not self.aliases or not isinstance(given, list):
            return arguments
        return {**arguments, "scores": [self._with_id(score) for score in given]}

    def _with_id(self, score: Any) -> Any:
        name = score.get("skillId") if isinstance(score, Mapping) else None
        return {**score, "skillId": self.aliases.get(name, name)} if isinstance(name, str) else score


def _correction(outcome: Outcome) -> list[Message]:
    said = json.dumps(outcome.answer.arguments, ensure_ascii=False)[:SAID_MAX] if outcome.answer else ""
    return prompt.correction(said, outcome.reason)
