"""Asks a model, together with its verdict, which reactions of the role brief the trainee's turns called for.

Usually about the last turn; also about earlier ones whose own check failed, or came before their words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coach.providers.ports import Tool
from practice.models import PracticeSession

LAST = "reactions"
AT_ONCE = 8
"""Maximum number of turns to ask about in one call."""


@dataclass(frozen=True)
class ReactionQuestions:
    """`whens`: by reaction, what the trainee does to call for it. `fields`: by argument of the tool, the AI turn that
    answers the turn it asks about.
    """

    whens: Mapping[str, str]
    fields: Mapping[str, int]

    def __bool__(self) -> bool:
        return bool(self.whens and self.fields)

    def added_to(self, tool: Tool) -> Tool:
        asked = {
            name: {
                "type": "array",
                "items": {"type": "string", "enum": list(self.whens)},
                "description": f"Which of the listed things the trainee did {_place(name, turn)}; empty if none.",
            }
            for name, turn in self.fields.items()
        }
        properties = tool.parameters["properties"] | asked
        return replace(tool, parameters={**tool.parameters, "properties": properties, "required": list(properties)})

    def in_words(self) -> str:
        watched = "\n".join(f"- {key}: {' '.join(when.split())}" for key, when in self.whens.items())
        places = " or ".join(f"{_place(name, turn)} (`{name}`)" for name, turn in self.fields.items())
        return f"What the trainee may have done {places}:\n{watched}"

    def read(self, arguments: Mapping[str, Any]) -> dict[int, tuple[str, ...]]:
        """By AI turn, the known reactions in the answer.

        Without the argument, the last turn called for none, and an earlier one is left out.
        """
        return {
            turn: self._known(arguments.get(name))
            for name, turn in self.fields.items()
            if name == LAST or arguments.get(name) is not None
        }

    def _known(self, given: Any) -> tuple[str, ...]:
        keys = (each.strip(" `'\"").lower() for each in self._listed(given) if isinstance(each, str))
        return tuple(dict.fromkeys(key for key in keys if key in self.whens))

    def _listed(self, given: Any) -> Sequence[Any]:
        """The list, also where a model wrote it as text or as `{key: true}`; other text lists nothing."""
        if isinstance(given, Mapping):
            return [key for key, true in given.items() if true is True]
        if isinstance(given, str):
            words = [each.strip(" `'\"") for each in given.strip(" []").split(",")]
            return words if all(word.lower() in self.whens for word in words) else []
        return given if isinstance(given, list) else []


def about(session: PracticeSession, turns: Sequence[int], *, last: int) -> ReactionQuestions:
    """Questions about the trainee's turns before these AI turns; none without a role brief. `last`: the last reply."""
    brief = session.parsed_role_brief
    whens = {one.key: one.when for one in brief.reactions if not one.by_trust} if brief else {}
    return ReactionQuestions(whens, {LAST if turn == last else f"{LAST}_{turn - 1}": turn for turn in turns})


def _place(name: str, turn: int) -> str:
    return "in their last turn" if name == LAST else f"in line {turn - 1}"
