"""When models end, as announced by their services; `MODEL_ENDS` overrides it."""

from dataclasses import dataclass
from datetime import date

KNOWN = "gpt-5-mini=2026-12-11:gpt-6.1-terra,qwen3-omni-flash=:qwen3.5-omni-flash"
"""As announced by November 2026. Services change this; it is only a default, and nothing depends on it."""


@dataclass(frozen=True)
class ModelEnd:
    """The last day (None: no date announced), and what the service offers instead (may be empty)."""

    on: date | None
    instead: str


def read(text: str) -> dict[str, ModelEnd]:
    """`MODEL=YYYY-MM-DD:INSTEAD` separated by commas; day and `:INSTEAD` may be missing. Raises ValueError."""
    found: dict[str, ModelEnd] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        model, has_date, rest = entry.rpartition("=")
        day, _, instead = rest.partition(":")
        try:
            on = date.fromisoformat(day.strip()) if day.strip() else None
            found[model.strip()] = ModelEnd(on, instead.strip())
        except ValueError:
            has_date = ""
        if not has_date or not model.strip():
            raise ValueError(f"cannot be read: {entry!r} is not of the form MODEL=YYYY-MM-DD")
    return found
