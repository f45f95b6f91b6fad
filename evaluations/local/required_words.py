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
        r"|shall|may|should|am) (?:you|i|we|that|this|it|there|they|he|she)|tell me|help me|hear|listen|know"
        r"|understand|your (?:side|view|version|answer|take)|yes|right|okay|ok|deal|agree\w*|isn['’]t"
        r"|don['’]t you)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[?？]|吗|呢|吧|么|什么|啥|怎|哪|谁|几|多少|多久|(.)不\1|可不可以|有没有|说|讲|听|聊|答应|同意"),
}
_INVITES = {
    "en": re.compile(
        r"\?|\b(?:tell|go (?:on|ahead)|more|rest|off your chest|listen\w*|hear|time|what|how|say|keep|continue|talk"
        r"|carry on|else"
        r"|then)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[?？]|说|讲|听|聊|什么|呢|吗|还有|接着|后来|然后|慢慢|多久"),
}
_NTH = r"(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf|\w+teen|\w+tie)th"
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
        r"|word for word|quote|(?:sentence|words?|line) (?:was|were)"
        r"|(?:your|my|his|her|those|these|exact) (?:\w+ )?words|messages?"
        rf"|the second|{_NTH}|\w+ says|(?:you|he|she|they) (?:tell|go(?:es)?))\b"
        r"|\b(?:went|goes|gave me|is|was|were|one|heard)[,:] "
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
        r"|third"
        rf"|{_NTH}|till|morn|twenty|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|now"
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
        r"|roar\w*|scream\w*|shout\w*|yell\w*|holler\w*|hid\w*|kept|raised my voice|appl(?:y|ied)|consequence|invisible"
        r"|worst|informed|(?:did|could|was|wo|ca)nt|trip\w*|fell|alone|instead|again|no one|nobody|anymore"
        r"|any more|trust\w*|damag\w*|broke\w*|fail\w*"
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
        r"|worst|least|most|hardest|weighs?|up to you|good to|(?:what|how) is it|what(?:'d| goes)"
        r"|how (?:would|do) you"
        r"|missing|looking for"
        r"|get (?:you )?through|what would(?! it be)|what do you|what does|why|miss|lose|worr\w+|behind|about it|afraid"
        r"|do for you)\b",
        re.IGNORECASE,
    ),
}
_OF_SOMEBODY = {
    # Somebody else's feeling or motive: “I'm tired” and “on Friday at nine” speak of nobody.
    "en": re.compile(
        r"\b(?:you\w*|he|she|they|him|his|her|them|their|it|that|this|one|who|some(?:body|one)|people|sounds?)\b",
        re.IGNORECASE,
    ),
}
_WORRY = {
    "zh": re.compile(
        r"[你您妈爸哥姐叔姨婆公].*(?:怕|担心|觉得|心|委屈|舍不得|难|苦|累|急|气|丢|孤|盼|想|放不下|嫌|多余|愁|吓|合计|琢磨|不好意思)|怕.*[你您]"
    ),
}
_AGAIN = {
    "en": re.compile(
        r"\b(?:again|how|if|whether|check\w*|review|catch up|follow up|meet|sit|talk|speak|ring|call|tell me|hear|see"
        r"|look|compare|count|same time|coffee|tea|try|until|till|together|\w+ (?:weeks?|months?|days?) (?:from|out)"
        r"|in (?:a|two|three|four|six|\d+) (?:weeks?|months?|days?))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"再|看|碰|聊|核对|回头|下次|下回|试|来|听|盘"),
}
_A_REASON = {
    "en": re.compile(
        r"\b(?:i|i['’]\w+|me|my|you|you['’]\w+|your|we|we['’]\w+|us|our|because|reasons?|why|not|no|has|had"
        r"|closer|\w+n['’]t|panel|they|decided it|it was about)\b",
        re.IGNORECASE,
    ),
}
_THEIR_WORTH = {
    "en": re.compile(
        r"\b(?:you|you'\w+|your|yours|we|us|our|years|together|everybody|team|regret|real|true|best|happiest|forget)\b",
        re.IGNORECASE,
    ),
}
_CONTRASTS = {
    "zh": re.compile(
        r"可(?!以)|但|不过|只是|却|还是|正因为|没法|打算|想法|领了|就是|只好|只能|拦|换|不同|我盼|我觉得|也有我|不(?:能|行|借|去|想|同意|赞成|一样)|我[^，。！？]{0,4}不"
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
        r"|we(?:'ve| have) got|we have it)\b"
        # Several things in a row: “Papers tomorrow, phone on Thursday, the both of us in the room.”
        r"|,.*(?:,|\b(?:and|you|your|i|i'll|we)\b)",
        re.IGNORECASE,
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
    **dict.fromkeys(("says-what-it-is-about", "names-their-feeling", "guesses-the-motive"), _OF_SOMEBODY),
    "says-the-worry": _WORRY,
    "states-the-difference": _CONTRASTS,
    "offers-options": _ALTERNATIVES,
    "agrees-to-look-again": _AGAIN,
    "only-good-intentions": {
        "zh": re.compile(
            r"尽量|注意|努力|体谅|会好|好好|争取|改|加油|互相|慢慢|一起|上点儿?心|记性|沟通|重视|状态|办法"
        )
    },
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
