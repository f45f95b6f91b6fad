"""Puts one question to the evaluator and interprets the outcome. Independent of the database."""

import contextvars
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal

from coach.providers.ports import (
    MalformedAnswer,
    Message,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    SentenceEmbeddings,
    ToolAnswer,
    ToolCaller,
)
from evaluations.cloud import evaluator_prompt, merged_readings, model_answer
from evaluations.cloud.model_answer import Reading, Refusal
from evaluations.findings import avoidance, insult_notice, insults
from evaluations.findings.results import Findings
from evaluations.local import evaluator as local_evaluator
from evaluations.transcript import sentences
from evaluations.transcript.conversation import Conversation

SAID_MAX = 4_000
"""How many characters of a refused answer the model is shown again."""

TIMEOUT_SECONDS = 60.0

Status = Literal["answer", "malformed", "unavailable", "misconfigured", "rejected", "error"]


@dataclass(frozen=True)
class Evaluator:
    """The evaluator: a model that calls tools, its name, and whether it is the small local one.

    The local one uses `embeddings`.
    """

    model: ToolCaller
    name: str
    local: bool
    embeddings: SentenceEmbeddings | None = None


@dataclass(frozen=True)
class Outcome:
    """Findings, or why there are none and when to ask again; `answers` are all well-formed answers of the model."""

    status: Status
    reason: str = ""
    findings: Findings | None = None
    answers: Sequence[ToolAnswer] = ()
    ask_again: Literal["now", "later", "never"] = "never"
    retry_after: float | None = None


@dataclass
class _Asked:
    """One reading in progress, with the correction to send, until an answer can be used."""

    reversed_order: bool
    reading: Reading | None = None
    correction: list[Message] = field(default_factory=list)


class Question:
    """One conversation, as put to this evaluator.

    If skills have behaviours, a cloud model reads it twice, in parallel, with the behaviours in a different order.
    """

    def __init__(self, evaluator: Evaluator, conversation: Conversation) -> None:
        self.evaluator = evaluator
        self.conversation = conversation
        twice = conversation.has_behaviours and not evaluator.local
        self._asked = [_Asked(reversed_order) for reversed_order in ((False, True) if twice else (False,))]

    def put(self, *, session_id: str = "") -> Outcome:
        """Ask for each missing reading, with the reason why its last answer could not be used.

        Provider errors are caught, never raised.
        """
        if self.evaluator.local:
            return self._put_locally(session_id)
        first, *others = [one for one in self._asked if one.reading is None]
        with ThreadPoolExecutor(max_workers=len(self._asked), thread_name_prefix="reading") as readers:
            # Each reading joins the trace and log of the evaluation.
            waiting = [readers.submit(contextvars.copy_context().run, self._read, one, session_id) for one in others]
            outcomes = [self._read(first, session_id), *(each.result() for each in waiting)]
        answers = tuple(answer for outcome in outcomes for answer in outcome.answers)
        failed = [outcome for outcome in outcomes if outcome.status != "answer"]
        if not failed or (any(one.reading for one in self._asked) and all(each.ask_again != "now" for each in failed)):
            return Outcome("answer", findings=self.findings, answers=answers)
        worst = min(failed, key=lambda outcome: ("never", "later", "now").index(outcome.ask_again))
        return Outcome(worst.status, worst.reason, None, answers, worst.ask_again, worst.retry_after)

    @property
    def findings(self) -> Findings | None:
        """The findings from the readings that could be used so far."""
        usable = [one.reading for one in self._asked if one.reading]
        if not usable:
            return None
        insulting = insults.plainly(self.conversation.trainee_lines.values())
        found = merged_readings.of(usable[0], usable[1] if len(usable) > 1 else None, insulting=insulting)
        if insulting:
            told = insult_notice.told(self.conversation)
            gaps = sentences.joined([told, found.gaps], self.conversation.language)
            found = replace(found, gaps=gaps)
        return avoidance.settled(found, self.conversation)

    def _put_locally(self, session_id: str) -> Outcome:
        try:
            found = local_evaluator.read(
                self.conversation, self.evaluator.model, self.evaluator.embeddings, session_id=session_id
            )
        except ProviderError as error:
            return _failed(error)
        findings = avoidance.settled(found.findings, self.conversation)
        return Outcome("answer", findings=findings, answers=(found.answer,))

    def _read(self, one: _Asked, session_id: str) -> Outcome:
        messages = evaluator_prompt.messages(self.conversation, reversed_order=one.reversed_order) + one.correction
        tool = evaluator_prompt.tool(self.conversation, reversed_order=one.reversed_order)
        try:
            answer = self.evaluator.model.call(messages, tool, timeout=TIMEOUT_SECONDS, session_id=session_id)
        except ProviderError as error:
            if isinstance(error, MalformedAnswer):
                one.correction = evaluator_prompt.correction("", error.reason)
            return _failed(error)
        found = model_answer.read(answer.arguments, self.conversation)
        if isinstance(found, Refusal):
            # Show the model only its last answer again.
            said = json.dumps(answer.arguments, ensure_ascii=False)[:SAID_MAX]
            one.correction = evaluator_prompt.correction(said, found.reason)
            return Outcome("malformed", found.reason, answers=(answer,), ask_again="now")
        one.reading = found
        return Outcome("answer", answers=(answer,))


def _failed(error: ProviderError) -> Outcome:
    match error:
        case MalformedAnswer():
            return Outcome("malformed", error.reason, ask_again="now")
        case ProviderMisconfigured():
            return Outcome("misconfigured", str(error))
        case ProviderUnavailable():
            return Outcome("unavailable", str(error), ask_again="later", retry_after=error.retry_after)
        case ProviderRejected():
            return Outcome("rejected", str(error))
        case _:
            return Outcome("error", str(error))
