"""Alternatives in one turn: "Can you make me the right one? If not, just give me the money back." Pure.

Only one of them is answered. Who promises both has understood neither.
"""

import re
from collections.abc import Collection, Sequence

from practice.lifecycle import Language
from practice.persona.brief.role_brief import Reaction
from practice.persona.recognition.judged_sentence import RoleContext, SentenceEvidence
from practice.persona.recognition.understood import Recognised
from practice.persona.sentences.proposals import is_agreement

_EN = re.compile(
    r"^(?:and |but |well |ok |okay )*(?:or(?! (?:so|else you)\b)|otherwise|alternatively|failing that|instead"
    r"|if (?:not|there(?:['’]s| is)(?: no|n['’]t)"
    r"|(?:that|this|it)(?:['’]s| is|['’]ll| will)? (?:not|too|doesn['’]t|won['’]t|isn['’]t|takes)"
    r"|you (?:can['’]t|cannot|can not|don['’]t|won['’]t|haven['’]t)))\b",
    re.IGNORECASE,
)
_ZH = re.compile(
    r"^(?:那|或者?|要么|再不)?(?:或者|要么|要不然?|不然|不行的?话|实在不行|再不行|来不及的?话|没时间的?话|要是(?:来不及|没有|不行|不方便))"
    r"|(?:的话|不行|不及|没有).{0,12}(?:也行|也可以|也成)[吧啊的]?[。！]?$"
)


def is_alternative(piece: str, language: str) -> bool:
    """Whether it says what could be done instead of what was said before.

    >>> is_alternative("If not just give me the money back.", "en"), is_alternative("If I drive you, is that ok?", "en")
    (True, False)
    >>> is_alternative("来不及的话退钱也行", "zh")
    True
    """
    return (_ZH if language == Language.CHINESE else _EN).search(piece.strip()) is not None


def first_of_alternatives(
    talk: RoleContext, texts: Sequence[str], shown: Sequence[SentenceEvidence], found: Sequence[Recognised]
) -> tuple[Recognised, ...]:
    """Without what is only called for instead of something else that is agreed to, and may be agreed to by now.

    `texts`: the sentences of the turn and their parts, and what each of them shows.
    """
    instead = [text for text in texts if is_alternative(text, talk.language)]
    if not instead:
        return tuple(found)
    keys, second, by_itself = {each.key for each in found}, set(), set()
    for text, one in zip(texts, shown, strict=True):
        if one.reaction is not None and text in instead:
            second.add(one.reaction.key)
        elif one.reaction is not None and not any(each in text for each in instead):
            by_itself.add(one.reaction.key)
    second -= by_itself
    first = [one for one in map(talk.brief.reaction, keys - second) if _may_agree(talk, one, keys)]
    if not first:
        return tuple(found)
    return tuple(each for each in found if each.key not in second or not _agrees(talk, talk.brief.reaction(each.key)))


def _agrees(talk: RoleContext, one: Reaction) -> bool:
    return bool(one.meets) or is_agreement(one.heard, talk.language)


def _may_agree(talk: RoleContext, one: Reaction, called: Collection[str]) -> bool:
    return _agrees(talk, one) and one.trust >= 0 and {*talk.happened, *called}.issuperset(one.needs.after)
