"""Takes what opens a talk out of a line, once the talk is under way: nobody asks "What is it?" twice. Pure.

Reactions to small talk end by asking what the trainee came for. They may come up late, and then only their first part
fits: "One minute, I promise. Just tell me what it should be."
"""

import re
from collections.abc import Collection

from practice.lifecycle import Language
from practice.persona.brief.harmless_reactions import harmless_ones
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.sentences.sentence_parts import sentences

_OPENS_EN = re.compile(
    r"\bwhat(?:['’]s| is) (?:it|up|this about|on your mind|the (?:matter|trouble)|that on the table)\b"
    r"|\bwhat brings you\b|\bwhat was it supposed to be\b"
    r"|\bout with it\b|\bwhat do you (?:want|have in mind)\b|\bwhat can i do\b|\bwhat (?:did you"
    r"|was your) (?:order|want|have)\b"
    r"|\b(?:just |now |so |but )tell me\b|\btell me (?:what|straight)\b|^so[?.]*$|\b(?:get|got"
    r"|getting) (?:on with it|to the point)\b"
    r"|\bdid(?:n['’]t| not) (?:come|ask me|bring me)\b|\byou want(?:ed)? (?:to (?:ask|say)|something)\b"
    r"|^now, (?:the|about)\b"
    r"|\bis(?:n['’]t| not) that yours\b|^and the drink\b|\blet['’]s talk about\b|\bnames?\.$|\byou(?:['’]ve"
    r"| have) got news\b"
    r"|\byou only have to say yes\b|\bshall we start\b|^should i be worried\b|^go on, then\b",
    re.IGNORECASE,
)
_OPENS_ZH = re.compile(
    r"什么事|点的是|要的?是?(?:什么|哪种)|想(?:跟妈)?说啥|(?:跟我|跟妈|跟你)说(?:的|正事)|有(?:啥)?话[，]?就|说吧|怎么啦|怎么了|直接说|周末的事|得靠你"
)


_SURPRISED_EN = re.compile(
    r"^(?:really|what|sorry|oh, that|wait|no|seriously|huh|i beg your pardon)[?!.]+$", re.IGNORECASE
)
_SURPRISED_ZH = re.compile(r"^(?:啊|什么|啥|真的|是吗|哦|哟|做错了|怎么了)[？！?!]+$")


def said_again(text: str, language: str) -> str:
    """A reaction to what was said before: without surprise at it, and without asking for it; empty if nothing is left.

    >>> said_again("Really? Sorry, it's a madhouse today. What did you have?", "en"), said_again("啊？做错了？", "zh")
    ("Sorry, it's a madhouse today.", '')
    """
    chinese = language == Language.CHINESE
    kept, opens = sentences(text), _OPENS_ZH if chinese else _OPENS_EN
    while kept and (_SURPRISED_ZH if chinese else _SURPRISED_EN).search(kept[0]):
        kept.pop(0)
    while kept and opens.search(kept[-1]):
        kept.pop()
    return ("" if chinese else " ").join(kept)


def is_under_way(brief: RoleBrief, happened: Collection[str]) -> bool:
    """Whether more has happened than small talk."""
    return bool(set(happened) - harmless_ones(brief))


def without_opening(text: str, language: str) -> str:
    """Without the last sentences that ask what the talk is about; all of it if nothing else is said.

    >>> without_opening("One minute, I promise. Just tell me what it should be.", "en")
    'One minute, I promise.'
    >>> without_opening("So, what is it?", "en"), without_opening("一分钟就好。您点的是什么？", "zh")
    ('So, what is it?', '一分钟就好。')
    """
    chinese = language == Language.CHINESE
    kept, opens = sentences(text), _OPENS_ZH if chinese else _OPENS_EN
    whole = len(kept)
    while len(kept) > 1 and opens.search(kept[-1]):
        kept.pop()
    return text if len(kept) == whole or opens.search(kept[-1]) else ("" if chinese else " ").join(kept)
