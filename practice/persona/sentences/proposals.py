"""Whether a sentence proposes or asks for something, so that somebody could agree to it. Pure.

Sentence vectors take "If we go live, 25 people are charged twice" for "We could go live with ten hotels". What a
persona agrees to has to have been proposed: by a question, a request, an offer or a decision, not told as a fact.
"""

import re
from collections.abc import Sequence

from practice.lifecycle import Language

SHARE = 0.75
"""A reaction agrees to something if so large a share of its lines proposes something."""

_EN = re.compile(
    r"\b(?:let['’]?s|let me|shall|should|could|can|may|might|would (?:you|it|we|that)|what if|how about|what about"
    r"|suggest|propose|offer"
    r"|want|need|prefer|ask(?:ing)? you|please|give|giving|agreed?|deal|okay\?|promise|by when"
    r"|(?:i|we|you)['’]ll|i['’]d|we['’]d|will|going to|must|ha(?:s|ve) to|from now|starting|instead|until|till|every"
    r"|once a|at least"
    r"|(?:that|this|it|\w+ of \w+) (?:just |now )?(?:stops|ends)"
    r"|so (?:that['’]s|we|you|no|from|then|never|the)|no more|only after|both|together|then|by \w+day)\b"
    r"|^(?:and |so |just |but |ok |okay,? |well,? )*(?:tell|show|ring|call|write|send|come|open|start|put|leave|keep"
    r"|use|take|make|talk|speak|stop|move|try|sleep|apologi[sz]e|meet|think|pay|refer|order|have)\b|\?\s*$",
    re.IGNORECASE,
)
_ASKED_EN = re.compile(
    r"\b(?:could|should|shall|let['’]?s|want|please|suggest|i['’]ll|we['’]ll|would|can (?:you|we|i)|agree|what if"
    r"|how about|i['’]d|must)\b|\?\s*$",
    re.IGNORECASE,
)
_TOLD_EN = re.compile(
    r"^(?:and |but |so )*(?:do|have|did|are|were|was|has) (?:you|it|he|she|they) (?:got|have|know|remember)\b"
    r"|^(?:and |but |so )*(?:is|are) (?:this|that|those|these) (?:an?|the|your|still|really)\b"
    r"|\bi don['’]t (?:think|believe|know)\b",
    re.IGNORECASE,
)
_REPORTED_EN = re.compile(r"\bif (?:we|it|they|that|this)\b|\byou (?:said|promised|wanted)\b|\b(?:was|were|came|got)\b")
_ZH = re.compile(
    r"吧|[吗呢][？?。]?$|[？?]|行不|好不|可以|能不能|要不|不如|咱|我们|先|再|以后|下次|从|改|请|麻烦|让|给|希望|想|建议|帮|陪|约|就"
    r"|定|一起|周|明天|[一二两三四五六七八九十0-9]+[点号天次]|最多|愿意|缺个|认识个|我去|交给我"
)


def proposes(sentence: str, language: str) -> bool:
    """Whether somebody could say yes to it.

    >>> proposes("We could start with ten hotels.", "en"), proposes("If we go live, 25 people are charged twice.", "en")
    (True, False)
    """
    if language == Language.CHINESE:
        return _ZH.search(sentence) is not None
    if _TOLD_EN.search(sentence) or (_REPORTED_EN.search(sentence) and not _ASKED_EN.search(sentence)):
        return False
    return _EN.search(sentence) is not None


def is_agreement(lines: Sequence[str], language: str) -> bool:
    """Whether most of these lines propose something and do not only ask: the reaction to them agrees to it."""
    return sum(proposes(line.rstrip("?？ "), language) for line in lines) >= SHARE * len(lines)
