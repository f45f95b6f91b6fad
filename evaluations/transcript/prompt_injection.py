"""Finds what a trainee says to the judge instead of the other person.

The local evaluator never sees it, the cloud evaluator is warned of it, and neither may quote it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from evaluations.transcript import sentences, word_matching
from evaluations.transcript.conversation import Conversation, Said

LEFT_OUT = "[…]"

# Only said to a machine.
_PLAIN = re.compile(
    r"\b(?:ignore|forget|disregard|override)\b[^.!?]*\b(?:instructions?|prompt|rubric|rules)\b"
    r"|\b(?:you are|act as|dear|note to|attention) (?:now )?(?:the |an |a )?"
    r"(?:evaluator|grader|judge|assessor|language model|ai)\b"
    r"|\b(?:system|developer)(?: (?:message|prompt|note))?\s*[:：]|\brating\s*(?::|=|is|of)\s*[1-5]\b"
    r"|\b(?:mark|rate|score|grade|answer)\b[^.!?]*\b(?:every|all|each|any)\b[^.!?]*"
    r"\b(?:behaviou?rs?|skills?|items?|criteria|criterion|five|5|shown|top|max(?:imum)?)\b"
    r"|</?(?:transcript|system|assistant|user|instructions?)>|\bevaluation_result\b|\bnotShown\b"
    r"|(?:忽略|无视|忘掉)[^。！？]*(?:指令|提示词|设定|规则)|系统(?:消息|提示|指令)"
    r"|你(?:现在)?是(?:一个)?(?:评分|评估)|评分[：:=]|(?:所有|每个|全部)[^。！？]*(?:满分|五分|5\s*分)",
    re.IGNORECASE,
)
# Counts only if the trainee has plainly addressed a machine; otherwise it may be a price or a number of days.
_LIKELY = re.compile(
    r"\bgive me\b[^.!?]*\b(?:five|fives|5|full marks|top marks|highest|best)\b|\b(?:evidence|score|level|rating)\b"
    r"|\bperfect\b|\bmachine\b|\bshown\b"
    r"|给我[^。！？]*(?:五分|5\s*分|满分)|满分|机器",
    re.IGNORECASE,
)
_FIVES = re.compile(
    r"\b(?:give|award) me\b[^.!?]*\b(?:a|an|all)?\s*(?:five|fives|5s?|full marks|top marks)\b(?! ?(?:more |minutes?"
    r"|days?|percent|%|dollars?|euros?|pounds?|weeks?|months?|hours?|years?|per ?cent|k\b))"
    r"|给我[^。！？]*(?:五分(?!钟)|5\s*分(?!钟)|满分)",
    re.IGNORECASE,
)


def without(conversation: Conversation) -> Conversation:
    """The conversation with words addressed to the judge replaced by a mark.

    A line with nothing else becomes the mark.
    """
    if not any(_told(line) for line in conversation.trainee_lines.values()):
        return conversation
    return replace(conversation, turns=tuple(_redacted(turn) for turn in conversation.turns))


def lines(conversation: Conversation) -> list[int]:
    """The turns in which the trainee addresses the judge."""
    return [sequence for sequence, text in conversation.trainee_lines.items() if _told(text)]


def speaks_to_judge(sentence: str, *, plainly: bool = False) -> bool:
    """Whether a sentence addresses the judge; `plainly`: another part of the line plainly does."""
    return _told(sentence) or (plainly and bool(_LIKELY.search(sentence)))


def is_quoted_from(quote: str, line: str) -> bool:
    """Whether `quote` is from a sentence of `line` that addresses the judge."""
    wanted = word_matching.tokens(quote)
    plainly = _told(line)
    for sentence in sentences.of(line):
        if speaks_to_judge(sentence, plainly=plainly) and _overlap(wanted, word_matching.tokens(sentence)):
            return True
    return False


def _told(text: str) -> bool:
    return bool(_PLAIN.search(text) or _FIVES.search(text))


def _redacted(turn: Said) -> Said:
    if turn.speaker != "trainee" or not turn.text or not _told(turn.text):
        return turn
    text = turn.text
    for sentence in sentences.of(text):
        if speaks_to_judge(sentence, plainly=True):
            text = text.replace(sentence, LEFT_OUT, 1)
    return replace(turn, text=text if text != turn.text else LEFT_OUT)


def _overlap(wanted: Sequence[str], said: Sequence[str]) -> bool:
    """Whether one of the two contains the other."""
    short, long = sorted((list(wanted), list(said)), key=len)
    return bool(short) and any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
