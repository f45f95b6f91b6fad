"""What a small model would say of mere courtesies, too: that much of a yes tells nothing about anybody.

It is the same for every conversation of a scenario, so it is asked once and remembered. Free of the database.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from coach.providers.ports import Message, ToolCaller
from evaluations import inclination
from evaluations.conversation import Conversation, Said
from evaluations.inclination import Key

# No question in it: some rubrics ask for questions.
_LINES = {
    "en": (
        "Hello.",
        "Hello. Nice to see you.",
        "Nice to see you, too.",
        "Thank you for telling me.",
        "All right.",
        "Okay. I see.",
    ),
    "zh": ("你好。", "你好，见到你很高兴。", "我也很高兴。", "谢谢你告诉我。", "好的。", "嗯，知道了。"),
}


class Memory(Protocol):
    """Log-odds by digest of all that was asked; `model` is whose they are."""

    @property
    def model(self) -> str: ...

    def known(self, digests: Collection[str]) -> Mapping[str, float]: ...

    def keep(self, odds: Mapping[str, float]) -> None: ...


@dataclass
class Passing:
    """As long as it is at hand."""

    model: str = ""
    held: dict[str, float] = field(default_factory=dict)

    def known(self, digests: Collection[str]) -> Mapping[str, float]:
        return {digest: self.held[digest] for digest in digests if digest in self.held}

    def keep(self, odds: Mapping[str, float]) -> None:
        self.held.update(odds)


def exchanged(conversation: Conversation) -> Conversation:
    """The same two people, exchanging courtesies."""
    lines = _LINES.get(conversation.language, _LINES["en"])
    turns = [Said(at, "trainee" if at % 2 else "ai", line) for at, line in enumerate(lines)]
    return replace(conversation, turns=turns)


def usual(
    model: ToolCaller, memory: Memory, messages: Sequence[Message], questions: Mapping[Key, str]
) -> dict[Key, float]:
    """Log-odds of what is asked about courtesies (`messages`), at nobody's account; only what is not known is asked."""
    digests = _digests(memory, messages, questions)
    known = dict(memory.known(digests.values()))
    if missing := {key: question for key, question in questions.items() if digests[key] not in known}:
        found, _ = inclination.ask(model, messages, missing)
        fresh = {digests[key]: odds for key, odds in found.items()}
        memory.keep(fresh)
        known |= fresh
    return {key: known[digest] for key, digest in digests.items()}


def unknown(memory: Memory, messages: Sequence[Message], questions: Mapping[Key, str]) -> dict[Key, str]:
    """The questions that have still to be asked."""
    digests = _digests(memory, messages, questions)
    known = memory.known(digests.values())
    return {key: question for key, question in questions.items() if digests[key] not in known}


def _digests(memory: Memory, messages: Sequence[Message], questions: Mapping[Key, str]) -> dict[Key, str]:
    return {key: _digest(memory.model, messages, question) for key, question in questions.items()}


def _digest(model: str, messages: Sequence[Message], question: str) -> str:
    asked = [model, *([each.role, each.content] for each in messages), question]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()
