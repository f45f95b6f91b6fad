"""What a trainee says past the other person, to whoever judges: a small model would take it for a clear request."""

import re
from collections.abc import Sequence
from dataclasses import replace

from evaluations import passages
from evaluations.conversation import Conversation, Said

# Said to a machine and to nobody else.
_PLAIN = re.compile(
    r"\b(?:ignore|forget|disregard|override)\b[^.!?]*\b(?:instructions?|prompt)\b"
    r"|\b(?:you are|act as|dear) (?:now )?(?:the |an |a )?(?:evaluator|grader|judge|language model|ai)\b"
    r"|\bsystem (?:message|prompt)\b|\brating\s*(?::|=|is|of)\s*[1-5]\b"
    r"|(?:忽略|无视|忘掉)[^。！？]*(?:指令|提示词|设定)|系统(?:消息|提示|指令)|你(?:现在)?是(?:一个)?(?:评分|评估)|评分[：:=]",
    re.IGNORECASE,
)
# Meant so where the trainee has plainly spoken to a machine; elsewhere it may be a price or a number of days.
_LIKELY = re.compile(
    r"\bgive me\b[^.!?]*\b(?:five|fives|5|full marks|top marks)\b|\b(?:evidence|score|level)\b|\bperfect\b|\bmachine\b"
    r"|给我[^。！？]*(?:五分|5\s*分|满分)|满分|机器",
    re.IGNORECASE,
)


def without(conversation: Conversation) -> Conversation:
    """The conversation as the other person was part of it; lines of which nothing is left are gone."""
    if not any(_PLAIN.search(line) for line in conversation.trainee_lines.values()):
        return conversation
    return replace(conversation, turns=tuple(_kept(conversation.turns)))


def _kept(turns: Sequence[Said]) -> Sequence[Said]:
    return [kept for turn in turns if (kept := _without(turn) if turn.speaker == "trainee" else turn)]


def _without(turn: Said) -> Said | None:
    """The longest stretch between asides, so that what is quoted of it stands in the transcript."""
    text = turn.text or ""
    stretches, begun, at = [], 0, 0
    for sentence in passages.sentences(text):
        at = text.index(sentence, at)
        if _PLAIN.search(sentence) or _LIKELY.search(sentence):
            stretches.append(text[begun:at].strip())
            begun = at + len(sentence)
        at += len(sentence)
    longest = max([*stretches, text[begun:].strip()], key=len)
    return replace(turn, text=longest) if passages.sentences(longest) else None
