"""A text model with one scripted answer, for coaching and hints."""

from typing import Any

from coach.providers.ports import ProviderError, ToolAnswer


class ScriptedText:
    """A ToolCaller that answers with `arguments`, or raises ProviderError if None; keeps the last `timeout`."""

    def __init__(self, arguments: Any) -> None:
        self.arguments = arguments
        self.timeout = 0.0

    def call(self, messages: Any, tool: Any, *, timeout: float, retries: int = 0, session_id: str = "") -> Any:
        self.timeout = timeout
        if self.arguments is None:
            raise ProviderError("down")
        return ToolAnswer(self.arguments)
