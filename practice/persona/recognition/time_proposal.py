"""Recognises a proposed day or time by its form: "End of August maybe?", "the 31st, then", "下周三行吗". Pure.

Such fragments resemble many lines a little and none much. They call for whichever reaction is waiting for a day, so
form and state decide, not likeness alone.
"""

import re
from collections.abc import Collection

from practice.lifecycle import Language
from practice.persona.brief.locked_reactions import only_one_waiting_for
from practice.persona.brief.role_brief import Reaction, RoleBrief

LONGEST_WORDS, LONGEST_HAN = 14, 24
"""A longer sentence says more than a day; likeness decides."""

_WEEKDAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_MONTHS = (
    r"(?:january|february|april|june|july|august|september|october|november|december|(?:in|of|by|until|from|early|late"
    r"|mid) (?:march|may))"
)
_NUMBER = r"(?:\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|a couple of|a few)"
_TIME_EN = re.compile(
    rf"\b(?:{_WEEKDAYS}|{_MONTHS}|tomorrow|tonight|(?:this|next|the following) (?:week|weekend|month|spring|summer"
    r"|autumn|fall|winter|year)|(?:the )?(?:end|beginning|start|middle) of (?:the |this |next )?(?:month|week|year)"
    rf"|(?:in|within|from) {_NUMBER} (?:days?|weeks?|months?)|(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)|first|fifteenth"
    r"|thirtieth|thirty-first|twentieth)(?= of\b|[.,?!]|$| then\b| it is\b| works?\b| maybe\b)"
    rf"|{_NUMBER} (?:o['’]clock|am|pm)|half past {_NUMBER}"
    rf"|(?:at|by|before|after|until|till) (?:half past )?{_NUMBER}(?: ?(?:am|pm|o['’]clock|in the))?(?=[\s.,?!]|$))\b",
    re.IGNORECASE,
)
_NOT_PROPOSED_EN = re.compile(
    r"\b(?:was|were|did|didn['’]t|had|been|ago|last|since|yesterday|not|never|no|can['’]t|cannot|won['’]t|don['’]t|isn['’]t"
    r"|why|who|what happened|came|got|gave|said|told|went|stayed|waited|worked|pushed|promised|because"
    r"|lent|borrowed|owed?|due|paid|bought|sold|sent|took|left|lost|made|met|saw|knew|thought|spent|found|kept|felt|began"
    r"|wrote|spoke|heard|now|already|nearly|almost|fell|woke|drove|rang|broke|cut"
    r"|(?:i|he|she|they|we|you|it) (?:\w+ly |just )?(?!agreed|decided|planned|need)\w+ed)\b",
    re.IGNORECASE,
)
_PROPOSES_EN = re.compile(
    r"^(?:(?:so|okay|ok|and|then|well|good|great|fine|right|all right|alright|deal|yes|maybe|perhaps|say|or)[,.]? )*"
    r"(?:let['’]?s|shall|should|could|can|would|will|how about|what about|what if|maybe|perhaps|by|until|till|in|on|at"
    r"|from|the|end|beginning|start|middle|next|this|tomorrow|tonight|starting|half past|first|\d"
    r"|(?:is|does) .*(?:okay|ok|work|fine)"
    rf"|{_WEEKDAYS}|{_MONTHS}|we(?:['’]ll)? |i['’]ll |you['’]ll |i(?:['’]d| would) (?:say|suggest))",
    re.IGNORECASE,
)
_WAITS_FOR_DAY = re.compile(
    r"\b(?:a (?:\w+ )?(?:date|day|time)\b|by when|and when\b|hours|tonight|next meeting|appointment)|日期|什么时候|哪天"
)

_TIME_ZH = re.compile(
    r"(?:下|这|本)?(?:周|星期|礼拜)[一二三四五六日天末]|(?:下|这)个?(?:周|星期|礼拜|月)|(?:明|后)[天年]|今晚|月底|年底|年后|开春"
    r"|[0-9一二三四五六七八九十]{1,3}(?:号|日|月|点)|[0-9一两二三四五六七八九十]{1,2}(?:天|周|个星期|个月)(?:内|后|之内|之后)"
)
_PROPOSES_ZH = re.compile(r"吧|行|可以|那就|要不|咱|我们|就?定|就这么|先|给[您你]|交|好不好|怎么样")
_NOT_PROPOSED_ZH = re.compile(
    r"[不没别]|为什么|怎么|上[周个次]|昨|前[天年]|去年|已经|过[了的]?$|[了过]$|当时|那天|一直"
    r"|(?:周|星期|礼拜)[一二三四五六日天末](?:那个|的|要的?|客户)"
)


def proposes_time(sentence: str, language: str) -> bool:
    """Whether it proposes a day or a time, or sums one up.

    >>> [proposes_time(each, "en") for each in ("End of August maybe?", "The 31st, then.", "Friday, as we agreed?")]
    [True, True, True]
    >>> [proposes_time(each, "en") for each in ("On Monday he was late.", "On Thursday I nearly dropped off.")]
    [False, False]
    >>> proposes_time("那就下周三吧", "zh"), proposes_time("上周三你没来", "zh")
    (True, False)
    """
    sentence = sentence.strip()
    if language == Language.CHINESE:
        short = len(re.findall(r"[\u4e00-\u9fff]", sentence)) <= LONGEST_HAN
        proposed = _TIME_ZH.search(sentence) and _PROPOSES_ZH.search(sentence)
        return bool(short and proposed and not _NOT_PROPOSED_ZH.search(_without_offer(sentence)))
    return bool(
        len(sentence.split()) <= LONGEST_WORDS
        and _TIME_EN.search(sentence)
        and _PROPOSES_EN.search(sentence)
        and not _NOT_PROPOSED_EN.search(sentence)
    )


def awaiting_time(brief: RoleBrief, happened: Collection[str]) -> Reaction | None:
    """The reaction that a proposed day calls for now: it meets an end criterion and what it needs has happened."""
    return only_one_waiting_for(_WAITS_FOR_DAY, brief, happened)


def _without_offer(sentence: str) -> str:
    """Without the question tags that contain a "not": 好不好, 行不行."""
    return re.sub(r"好不好|行不行|可不可以|能不能|成不成", "", sentence)
