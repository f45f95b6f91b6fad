"""Cuts a turn into what is compared with the lines of a brief: sentences, clauses, halves, pairs. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

from practice.lifecycle import Language
from practice.persona.sentences.dialogue_act import asks
from practice.persona.sentences.plain_words import plain

LONG_WORDS, LONG_HAN = 12, 16

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*")
_CLAUSE = re.compile(
    r"[,;:，；：]\s*(?:and |but |so |because )?|\s+(?:but|because|so that|and then)\s+"
    r"|\s+and\s+(?=(?:i|you|he|she|we|they|it|there)\b)",
    re.IGNORECASE,
)
# Where a new thought begins in talk that is typed or recognised without stops: "its over elliot i dont want to go on".
_RUN_ON = re.compile(
    r"[,;:]\s*|\s+(?:but|because|so|and then|and)\s+(?=(?:i|you|he|she|we|they|it|its|there|what|how|could|can)\b)"
    r"|\s+(?=(?:i|im|ive|id|ill|its|thats|youre|we|lets|what|how|why|could|can|would|please|no|yes|sorry)\b)",
    re.IGNORECASE,
)


_ASKS_THEN = re.compile(
    r"(?:[,;]\s*(?:and |but |so |or |oh |then )*|\s+(?:and|but) (?:so |then )?(?!(?:do|did|does|are|is|was|were|have"
    r"|has|had) (?:it|that|this|the|there)\b))"
    r"(?=(?:(?:how|what) \w+ (?:is|are|was|were|did|do|does|has|have|can|could|would|will)\b"
    r"|(?:how|what|where|when|who|why|which)"
    r"(?:['’]?s|['’]re| (?:is|are|was|were|did|do|does|has|have|had|can|could|would|will|should|long|much|many"
    r"|often|old|far|big|about|time|kind|sort|exactly))"
    r"|(?:do|does|did|are|is|was|were|have|has|can|could|will|would|should)(?:n['’]t)? (?:you|we|i|he|she|they|it"
    r"|that|this|there|the|your|anybody|anyone|somebody|someone)(?!\s*(?:[,.?!]|$)))\b.)",
    re.IGNORECASE,
)
"""Where a question begins behind a comma or "and"; no tag: "Long day, wasn't it, I thought we'd never finish." """
_RELATIVE = re.compile(r"^which\b(?!.*\?)", re.IGNORECASE)
_ASKS_ON = re.compile(
    r"(?<!\bthat)(?<!\bif)(?<!\bhow)(?<!\bwhat)(?<!\bwhen)(?<!\bwhere)(?<!\bwhy)(?<!\bwho)(?<!\bwhich)(?<!\bthan)"
    r"(?<!\bas)(?<!\bme)(?<!\band)(?<!\bor)(?<!\bbut)(?<!\bso)(?<!\bthen)(?<!\bnot)(?<!\bnor)(?<!\bonly)(?<!\btime)"
    r"(?<!,)(?<!\bthink)(?<!\bknow)(?<!\bsay)(?<!\bjust)(?<!\bask)\s+"
    r"(?=(?:(?:what|how|where|when|why|who) (?:do|did|are|were|have|can|could|would|will) (?:you|we|i|they)"
    r"|what happens|is (?:it|that|this) (?:the|an?|your)(?= \w+(?: \w+)?[?.]?$)|(?:can|could|may) (?:i|we|you)"
    r"|(?:do|did|are|have|would|will) you(?!\s*[,.?!]))\b.)",
    re.IGNORECASE,
)
"""Where a question begins without any stop: "my mouth is dry can i have some water"."""
_ASKS_HUH = re.compile(
    r"\s+(?:huh|eh)[,.]?\s+(?=(?:what|which|how|where|when|who|why|is|are|did|do|does)\b.)", re.IGNORECASE
)
"""A remark, and a question about it: "a new bike huh what colour"."""
_SUBORDINATE = re.compile(
    r"^(?:(?:and|but|so|or|well|okay|ok|because) )*(?:if|when|as|since|because|after|before|once|while|even|unless"
    r"|although|though|whether|how|what|where|who|why|which|do|does|did|are|is|was|were|have|has|can|could|will"
    r"|would|should|tell|know|i wonder)\b",
    re.IGNORECASE,
)
"""Does not stand alone before a question: "If I drive you, would that help?" """
_CALLS = re.compile(r"^(?:hi|hey|hello|oh|okay|ok|so|well|good morning|good evening)[, ]+\w+$", re.IGNORECASE)
_DEPENDENT = re.compile(r"^(?:saying|asking|telling|meaning|knowing|whose|whom|which)\b(?!.*\?)", re.IGNORECASE)
"""A clause that says nothing by itself: "an email to everyone, saying who did the work"."""
_TAG_ZH = re.compile(
    r"^(?:那|这样?|[你您妈爸哥姐]+)*(?:看|说|觉得|想|说说)?(?:这样?)?(?:[行好成中对]不[行好成中对]|可不可以|是不是|[行好成对是](?:吗|吧|不|嘛)?|可以[吗吧不]?|怎么样|咋样|如何"
    r"|怎么办|咋办|呢)[啊呀呢]?[。？?！]*$|^(?:还是|或者|才|就|也|都|不然|否则)|^我[^，]{0,3}(?:不知道|不清楚|没想)"
)
"""Asks for a yes to what stands before it, or goes on with it."""
_SUBORDINATE_ZH = re.compile(
    r"^(?:那|可|但|所以)?[你您我咱]?(?:如果|要是|既然|因为|等|只要|除了|万一|就算|除非|不管|与其|关于|至于|是不是|到底|除|假如|比如|比方)|(?:的话|时候|以后|之后|之前|还是|问问?|知道|说|觉得)$"
)
ASKED_WORDS = 3
TOLD_HAN, ASKED_HAN = 3, 4


def thoughts(text: str) -> list[str]:
    """The sentences of a turn, and a question that is only set off by a comma or "and".

    >>> thoughts("hey sam thanks for coming, how was your weekend")
    ['hey sam thanks for coming', 'how was your weekend']
    >>> thoughts("If I drive you, would that help?")
    ['If I drive you, would that help?']
    """
    return [piece for sentence in sentences(text) for piece in _asked_apart(sentence)]


def _asked_apart(sentence: str) -> list[str]:
    if _HAN.search(sentence):
        return _asked_apart_in_chinese(sentence)
    for found in (*_ASKS_HUH.finditer(sentence), *_ASKS_THEN.finditer(sentence), *_ASKS_ON.finditer(sentence)):
        told, asked = sentence[: found.start()].strip(), sentence[found.end() :].strip()
        if (
            len(told.split()) > 1
            and not _CALLS.search(told)
            and len(asked.split()) >= (ASKED_WORDS if found.re is not _ASKS_HUH else ASKED_WORDS - 1)
            and (";" in found[0] or not _SUBORDINATE.search(told))
            and not _RELATIVE.search(asked)
        ):
            return [told, asked]
    return [sentence]


def _asked_apart_in_chinese(sentence: str) -> list[str]:
    """What is told and what its last clause asks, or two questions.

    >>> thoughts("昨天我回来得早，是不是把您吓一跳？"), thoughts("我周一上午来，您看行不行？")
    (['昨天我回来得早', '是不是把您吓一跳？'], ['我周一上午来，您看行不行？'])
    """
    place = max(sentence.rfind(mark) for mark in "，,；;")
    told, asked = sentence[:place].strip(), sentence[place + 1 :].strip()
    apart = (
        place > 0
        and len(_HAN.findall(told)) >= TOLD_HAN
        and len(_HAN.findall(asked)) >= ASKED_HAN
        and asks(plain(asked.rstrip("？?。"), Language.CHINESE), Language.CHINESE)
        and not _TAG_ZH.search(asked)
        and not _SUBORDINATE_ZH.search(told)
    )
    return [told, asked] if apart else [sentence]


def sentences(text: str) -> list[str]:
    """The sentences of a turn.

    >>> sentences("I know. What is in the way?")
    ['I know.', 'What is in the way?']
    """
    return [sentence for found in _SENTENCE.findall(text) if re.search(r"\w", sentence := found.strip())]


def clauses(sentence: str) -> list[str]:
    """The clauses of a long sentence that could stand alone; none for a short one.

    >>> clauses("The export was late again, and Lena had to build all the figures by hand.")
    ['The export was late again', 'Lena had to build all the figures by hand.']
    >>> clauses("its over elliot i dont want to go on i thought about it for months")
    ['its over elliot i dont want to go on', 'i thought about it for months']
    """
    long = len(re.findall(r"[\u4e00-\u9fff]", sentence)) > LONG_HAN or len(sentence.split()) > LONG_WORDS
    found = [piece.strip() for piece in _CLAUSE.split(sentence)] if long else []
    if long and len(found) == 1:
        found = _thoughts(sentence)
    found = [piece for piece in found if not _DEPENDENT.search(piece)]
    return [piece for piece in found if len(piece.split()) > 3 or len(re.findall(r"[\u4e00-\u9fff]", piece)) > 4]


def _thoughts(sentence: str) -> list[str]:
    """The parts of a sentence without stops, each of more than three words."""
    found: list[str] = []
    for piece in _RUN_ON.split(sentence):
        if found and len(found[-1].split()) <= 3:
            found[-1] += f" {piece.strip()}"
        else:
            found.append(piece.strip())
    return found


def halves(sentence: str, language: str) -> list[str]:
    """The parts between its commas, as sentences; none without commas."""
    found = [half.strip() for half in re.split(r"[,，;；]", sentence)]
    whole = [half for half in found if " " in half or len(_HAN.findall(half)) > 1 or half.isascii()]
    return [each for half in whole if (each := plain(half, language))] if len(found) > 1 else []


def pairs(said: Sequence[str]) -> list[str]:
    """Every two short sentences in a row: a thought may need both.

    >>> pairs(["It's the money from March.", "I need it back."])
    ["It's the money from March. I need it back."]
    """
    return [f"{first} {second}" for first, second in pairwise(said) if _is_short(first) and _is_short(second)]


def _is_short(sentence: str) -> bool:
    return len(sentence.split()) <= LONG_WORDS and len(_HAN.findall(sentence)) <= LONG_HAN
