"""Estimates the tokens of a call that the service did not count: cut off, late, or no counting at all.

Estimates are on the high side, because they count against the daily ceiling.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

UTF8_BYTES_PER_TOKEN = 3
AUDIO_TOKENS_PER_SECOND = 25
MP3_BYTES_PER_SECOND = 2_000
PCM_BYTES_PER_SECOND = 48_000
# Of text; no reasoning model of the services we know is faster.
GENERATED_PER_SECOND = 250


def of_messages(messages: Sequence[Mapping[str, Any]]) -> int:
    """Tokens of a request's messages; recordings are MP3 of at least 16 kbit/s in base64."""
    return sum(_of_content(message.get("content")) for message in messages)


def of_reply(text_bytes: int, pcm_bytes: int) -> int:
    return of_text(text_bytes) + _sound(pcm_bytes / PCM_BYTES_PER_SECOND)


def of_text(utf8_bytes: int) -> int:
    return -(-utf8_bytes // UTF8_BYTES_PER_TOKEN)


def of_thinking(seconds: float) -> int:
    """Tokens that a model may have generated in this time although none of them arrived."""
    return math.ceil(seconds * GENERATED_PER_SECOND)


def _of_content(content: Any) -> int:
    if isinstance(content, str):
        return of_text(len(content.encode("utf-8", "replace")))
    if not isinstance(content, list):
        return 0
    tokens = 0
    for part in content:
        if isinstance(part.get("input_audio"), Mapping):
            base64_bytes = len(str(part["input_audio"].get("data", "")))
            tokens += _sound(base64_bytes * 3 / 4 / MP3_BYTES_PER_SECOND)
        else:
            tokens += _of_content(part.get("text"))
    return tokens


def _sound(seconds: float) -> int:
    return round(seconds * AUDIO_TOKENS_PER_SECOND)
