"""Reads the trainee's lines as they would be printed (`practice/printed_line.py`). Pure.

Meaning, cues and forms are all judged by sentences as they are printed. A quote is looked up in the original line.
"""

from dataclasses import replace

from evaluations.transcript import word_matching
from evaluations.transcript.conversation import Conversation, Said
from practice import printed_line


def tidied(conversation: Conversation) -> Conversation:
    """The conversation with the trainee's lines as they would be printed."""
    return replace(conversation, turns=[_turn(turn, conversation.language) for turn in conversation.turns])


def _turn(turn: Said, language: str) -> Said:
    if turn.speaker != "trainee" or not turn.text:
        return turn
    text = printed_line.printed(turn.text, language)
    return replace(turn, text=text, doubtful=word_matching.ranges_in(text, turn.text, turn.doubtful))
