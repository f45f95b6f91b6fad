"""Rules about words that a piece must contain to show certain behaviours, whatever its meaning resembles. Pure.

A question asks, a figure is a number, a date names a time: if a piece contains none, its similarity to lines that do
proves nothing. The patterns are broad on purpose: recognised speech has few question marks.
"""

import re

from evaluations.local import look_alikes, praise_alikes
from evaluations.local.asked_yes import ASKS_FOR_A_YES
from evaluations.transcript import sentences

_ASKS = {
    "en": re.compile(
        r"\?|\b(?:what|how|when|where|who|which|why|whether|(?:can|could|will|would|do|did|does|are|is|was|were|have"
        r"|shall|may|should) (?:you|i|we|that|this|it|there|they|he|she)|tell me|help me|hear|listen|know"
        r"|understand|your (?:side|view|version|answer|take)|yes|right|okay|ok|deal|agree\w*|isn['’]t"
        r"|don['’]t you)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[?？]|吗|呢|吧|么|什么|啥|怎|哪|谁|几|多少|多久|(.)不\1|可不可以|有没有|说|讲|听|聊|答应|同意"),
}
_INVITES = {
    "en": re.compile(
        r"\?|\b(?:tell|go (?:on|ahead)|more|listen\w*|hear|time|what|how|say|keep|continue|talk|carry on|else"
        r"|then)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[?？]|说|讲|听|聊|什么|呢|吗|还有|接着|后来|然后|慢慢|多久"),
}
_COUNTS = {
    "en": re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty"
        r"|fifty|sixty"
        r"|seventy|eighty|ninety|hundreds?|thousands?|per ?cent|half|third|quarter|once|twice|double\w*|dozens?|first"
        r"|second|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
        r"|september|october|november|december|year|month|week|day|night|hour|minute)s?\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[\d一二三四五六七八九十百千万两半几零]|百分|倍"),
}
_QUOTES = {
    # Quoted words with their speaker, or a figure. "Weeks ago" and "one day" do not count.
    "en": re.compile(
        r"\d|[“”\"]|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
        r"|sixty|seventy|eighty|ninety|hundreds?|thousands?|per ?cent|half|third|quarter|twice|dozens?|midnight|noon"
        r"|word for word|quote|(?:sentence|words?|line) (?:was|were))\b"
        r"|\b(?:you|he|she|they|it|message|mail|email|letter|note|text)(?: \w+){0,3} (?:said|told"
        r"|wrote|called|asked|shouted|answered|replied|read|says?|named?|texted|put it)\b"
        r"|(?<!i )(?<!have )(?<!'ve )\b(?:said|called (?:me|him|her|us|it)|told (?:me|him|her|us|them))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"\d|[“”「」]|[二三四五六七八九十百千万两几]|一(?:次|天|年|月|周|号|点|块|句|颗|个(?!人)|遍|回)|半|倍"
        r"|(?:[你您他她们妈爸总理]|\w{1,3}(?:上|里))[^，。]{0,6}(?:说|讲|写|问|喊|叫|回)|原话|那句"
    ),
}
_NAMES_A_TIME = {
    "en": re.compile(
        r"\d|\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august"
        r"|september"
        r"|october|november|december|today|tonight|tomorrow|noon|midnight|morning|afternoon|evening|night|weekend"
        r"|week|month"
        r"|year|days?|hours?|minutes?|spring|summer|autumn|fall|winter|christmas|easter|o'clock|first|second"
        r"|third|fourth|fifth|sixth"
        r"|\w+(?:teenth|tieth)|twenty|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|now"
        r"|straight away"
        r"|right away|immediately|once|when|whenever|as soon as|until|before|after|next time|moment|from)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[\d一二三四五六七八九十两]|周|星期|礼拜|今|明|后天|早|晚|中午|下午|上午|月底|月初|年|小时|分钟|马上|现在|之前|以前|以后|开始|前|的时候"
    ),
}
_SORRY = {
    "en": re.compile(
        r"\b(?:sorry(?!,? (?:but|if|(?:that )?you (?:feel|took|see|think|find)))|apolog\w+|forgive|ashamed|regret"
        r"|wrong of me|my fault|my mistake)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"对不起|抱歉|不好意思|是我|我错|原谅|愧"),
}
_LEADS_TO = {
    # Lateness alone is what happened, not what it led to.
    "en": re.compile(
        r"\b(?:because|so|since|that'?s why|which|mean(?:s|t)|led|leads|cost\w*|los[et]\w*|result\w*|therefore"
        r"|ended up"
        r"|until|after(?:wards| that)|then|now|without|(?:could|can|did|does|do|was|were|has|have|had|is"
        r"|are)(?:n't|n’t| not)"
        r"|can't|no longer|stopp?\w*|had to|have to|has to|having to|need\w* to|left|leav\w+|ask\w*|wait\w*|sat"
        r"|stay\w*|miss\w*|work\w*"
        r"|cri?e[sd]|crying|felt|feels?|thought|apologi\w+|paid|pay\w*|cancel\w*|mov\w+|stood|cover\w*|woke|awake"
        r"|asleep|sle(?:ep|pt)\w*|accident"
        r"|afraid|scared|angry|upset|hurt\w*|tears|rang|call\w*|complain\w*|refus\w+|quit|closed|wrote|typed|by hand"
        r"|trip\w*|fell|alone|instead|again|no one|nobody|anymore|any more|trust\w*|damag\w*|broke\w*|fail\w*"
        r"|held up|blocked)\b",
        re.IGNORECASE,
    ),
}
_NEED = {
    "en": re.compile(
        r"\b(?:need\w*|help\w*|want\w*|like|wish\w*|about for you|hoping|support\w*|useful|from me"
        r"|for you\b.*\bwhat|what(?:'s| is"
        r"| would be)? (?:best|good|right)"
        r"|matters?|important|prefer|easier|better|(?:what|how) (?:can|could|should|shall|may) (?:i|we)|hope"
        r"|missing|looking for"
        r"|get (?:you )?through|what would(?! it be)|what do you|what does|why|miss|lose|worr\w+|behind|about it|afraid"
        r"|do for you)\b",
        re.IGNORECASE,
    ),
}
_FEELING = (
    r"(?:afraid|fear\w*|frighten\w*|scar(?:ed|y)|heartbroken|worr\w+|anxious|nervous|panic\w*|sad\w*|griev\w*|hurt\w*|pain\w*|tense"
    r"|angers?|angry|mad|furious|rage|annoy\w+|upset\w*|disappoint\w+|let down|betray\w*|ashamed|shame|tears|cry\w*"
    r"|embarrass\w+|humiliat\w+|guilt\w*|lonel\w+|alone|abandon\w*|lost|los(?:e|ing)|miss(?:ed|ing)?|worn|tired|weary"
    r"|exhaust\w+|overwhelm\w+|stress\w*|pressure|torn|proud|reliev\w+|happy|glad|grateful|shock\w*|surpris\w+|blow"
    r"|confus\w+|frustrat\w+|helpless|hopeless|jealous|insult\w*|offend\w*|unseen|invisible|(?:un)?wanted|drained"
    r"|(?:un)?welcome|needed|(?:under)?valued|respect\w*|seen|care|matters?|fed up|a lot|too much|rough|cruel|crush\w*"
    r"|hard|heavy|tough|difficult|awful|terrible|horrible|bitter|(?:un)?fair|feel\w*|felt|dread\w*|devastat\w+"
    r"|burden\w*"
    r"|hate|loved?|trust\w*|ignored|overlooked|excluded|homesick|attached|insecure|unsafe|safe|uneasy|not easy)"
)
_FEELS = {
    # Somebody else's feeling needs a word for one that is theirs: a demand or a date names none, “I'm worried about
    # you” is one's own.
    "en": re.compile(
        rf"\b(?:you|you're|you've|your|yourself)\b[^.?!]{{0,50}}\b{_FEELING}\b"
        rf"|\b(?:hurts?|scares?|frightens?|worries|upsets?|bothers?|annoys?|shocks?|gets? to|matters to) (?:you"
        rf"|her|him)\b"
        rf"|\b(?:must|that(?:'s| is| was| sounds?)|this(?:'s| is| was)|it(?:'s| is| was"
        rf"| sounds?))\b[^.?!]{{0,30}}\b{_FEELING}\b"
        rf"|\b(?:it|this|that) (?:hurts|stings)\b"
        rf"|\bso (?:it|this|that)(?:'s| is)(?: \w+)? about\b|\b(?:he|she|they)\b[^.?!]{{0,30}}\b{_FEELING}\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[你您妈爸哥姐叔姨婆公].*(?:怕|担心|觉得|心|委屈|舍不得|难|苦|累|急|气|丢|孤|盼|想|放不下|嫌|多余)|怕.*[你您]"
    ),
}
_AGAIN = {
    "en": re.compile(
        r"\b(?:again|how (?:it|that|this|things)|whether|check\w*|review|catch up|follow up|meet|sit down|talk"
        r"|speak|ring|call"
        r"|compare|same time|coffee|try (?:it|this|that)|look at (?:it|this|that|where|how)|see (?:if|how|where|whether"
        r"|each other)"
        r"|in (?:a|two|three|four|six|\d+) (?:weeks?|months?|days?))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"再|看看|碰|聊|核对|回头|下次|下回|试"),
}
_BACK_TO_IT = {
    "en": re.compile(
        r"\b(?:back|stay with|stick (?:to|with)|about|question|let's|let us|shall we|the point|focus|first"
        r"|tonight|when can"
        r"|matters?|still|need to"
        r"|what (?:can|do|could) we|look at)\b",
        re.IGNORECASE,
    ),
}
_PROMISES = {
    # “You'll find somebody better” is a consolation, “I'll train whoever follows” an offer that can be kept.
    "en": re.compile(
        r"\b(?:promise\w*|guarantee\w*|swear|make sure|see to it|always|never|forever|no matter what|nothing|yours"
        r"|next (?:one|time|year)|count on|definitely|whatever happens|you'll (?:get|have|be)|trust me"
        r"|my word|(?:can't|cannot|won't|will not|can|could) (?:happen|change|go wrong|fail|lose)|first in line"
        r"|just (?:as|like)|stay (?:friends|close)|still (?:be|have))\b",
        re.IGNORECASE,
    ),
}
_LEAVES_OPEN = {
    # “We look at it again on Thursday” arranges something; the no stays as it is.
    "en": re.compile(
        r"\b(?:maybe|perhaps|might|possibl\w+|probably|think|thought|sleep|see|sure|decid\w+|consider\w*|could|can"
        r"|depends|later|some ?(?:time|day|how)|yet|for now|guess|suppose|other time|get back|leave it|open|way"
        r"|let you know|until|let me|know|try|look into|hope|wait|not really|difficult|moment|again)\b",
        re.IGNORECASE,
    ),
}
_A_REASON = {
    "en": re.compile(
        r"\b(?:i|i['’]\w+|me|my|you|you['’]\w+|your|we|we['’]\w+|us|our|because|reasons?|why|not|no|has|had"
        r"|closer|\w+n['’]t|panel|they|decided it|it was about)\b",
        re.IGNORECASE,
    ),
}
_THEIR_WORTH = {
    "en": re.compile(r"\b(?:you|you'\w+|your|yours|we|us|our|years|together|everybody|team|regret)\b", re.IGNORECASE),
}
_CONTRASTS = {
    "zh": re.compile(
        r"可(?!以)|但|不过|只是|却|还是|正因为|没法|打算|想法|领了|不同|我盼|我觉得|也有我|不(?:能|行|借|去|想|同意|赞成|一样)|我[^，。！？]{0,4}不"
    )
}
_ALTERNATIVES = {
    "en": re.compile(
        r"\b(?:or|either|another|(?<!each )other|options?|ways?|ideas|alternativ\w*|else|instead)\b", re.IGNORECASE
    ),
}
_SUMMED = {
    "en": re.compile(
        r"\b(?:so|then|to sum|sum (?:it )?up|summari[sz]e|recap|repeat|in short|agreed|we agree(?! on that)"
        r"|that means|we said"
        r"|we(?:'ve| have) got|we have it)\b",
        re.IGNORECASE,
    ),
}
_OWN_PART = {
    "zh": re.compile(
        r"不对|不好|没|该|错|疏忽|忘|重了|急|不会|只|怪我|怪您|怪你|欠|光顾|不够|冲|难堪|公平|我的问题|我也有"
    ),
}
_HARD_CASE = {
    "zh": re.compile(
        r"要是|万一|如果|假如|要真|再[哭闹]|时候|碰[到上]|遇|实在|下雨|停电|不过来|不同意|改主意|的话|怎么办|一旦|哭|闹|[有出](?:问题|事|情况)"
    ),
}
_CHOICE = {
    "en": re.compile(
        r"\b(?:or|which\w*|either|cho(?:ose|ices?|sen)|pick|prefer|rather|up to you|you decide|your call|options?"
        r"|both|alternatives?|(?:what|when|whatever|whenever)(?: \w+)? (?:suits?|works)|what (?:time|day))\b",
        re.IGNORECASE,
    )
}
_NEEDS = {
    "offers-a-choice": _CHOICE,
    "says-own-part": _OWN_PART,
    "covers-the-hard-case": _HARD_CASE,
    **dict.fromkeys(
        (
            *("asks-how-they-see-it", "checks-understanding", "asks-openly", "follows-up", "asks-for-their-view"),
            *("asks-for-an-answer", "invites-a-reply", "checks-it"),
            *("asks-what-it-was-like", "asks-for-a-yes", "accuses-by-asking"),
        ),
        _ASKS,
    ),
    **dict.fromkeys(("invites-more", "asks-for-more"), _INVITES),
    **dict.fromkeys(("asks-what-they-need", "asks-for-the-need"), _NEED),
    **dict.fromkeys(("says-what-it-is-about", "names-their-feeling"), {"en": _FEELS["en"]}),
    "says-the-worry": {"zh": _FEELS["zh"]},
    "states-the-difference": _CONTRASTS,
    "offers-options": _ALTERNATIVES,
    "agrees-to-look-again": _AGAIN,
    "brings-it-back": _BACK_TO_IT,
    "promises-too-much": _PROMISES,
    "says-maybe": _LEAVES_OPEN,
    "only-good-intentions": {"zh": re.compile(r"尽量|注意|努力|体谅|会好|好好|争取|改|加油|互相|慢慢|一起")},
    "honours-the-other": _THEIR_WORTH,
    "gives-the-true-reason": _A_REASON,
    "sums-up": _SUMMED,
    "says-the-effect": _LEADS_TO,
    "gives-figures": _COUNTS,
    **dict.fromkeys(("quotes-words-or-figures", "gives-numbers-or-words"), _QUOTES),
    "says-by-when": _NAMES_A_TIME,
    "says-sorry-plainly": _SORRY,
}
"""By the keys of the shipped behaviours."""


_ASKS_IF_UNDERSTOOD = re.compile(
    r"\b(?:have|did|do|am) (?:we|i) (?:got|get|gotten|understood|understand|heard|hear|right|wrong|reading|hearing)\b"
    r"|\bis that (?:how (?:it|that|you)|what (?:you|it|that)|it|so|true|why)\b"
    r"|是不是(?:这样|这么|这个)|是这样吗|(?:理解|猜|说|想)得?(?:对|没错)",
    re.IGNORECASE,
)
"""Asks whether it was understood, not for agreement to a proposal."""
_MORE_THAN_A_YES = frozenset(
    {
        *("checks-understanding", "checks-it", "asks-openly", "follows-up", "asks-for-their-view"),
        *("asks-what-they-need", "asks-for-the-need", "asks-what-it-was-like", "asks-for-more", "invites-more"),
        "lets-them-shape-it",
    }
)


def asks_for_a_yes(text: str) -> bool:
    """Whether one of the sentences asks for agreement to what was proposed."""
    return any(ASKS_FOR_A_YES.search(each) for each in sentences.of(text))


def may_show(key: str, text: str, language: str) -> bool:
    """False if this piece cannot show the behaviour."""
    if key in _MORE_THAN_A_YES:
        text = " ".join(each for each in sentences.of(text) if not ASKS_FOR_A_YES.search(each))
        if not text:
            return False
    if key in ("asks-for-a-yes", "asks-for-an-answer"):
        text = " ".join(each for each in sentences.of(text) if not _ASKS_IF_UNDERSTOOD.search(each))
        if not text:
            return False
    if look_alikes.only_looks_like(key, text) or praise_alikes.only_looks_like(key, text):
        return False
    needed = _NEEDS.get(key)
    if needed is None or language not in needed:
        return True
    return bool(needed[language].search(text))
