"""Tells small kinds of lines apart that a persona can answer without knowing what they are about. Pure.

"How long have you been here?" can be answered by "A good while now" by anybody; "I'd rather not go into that" to it is
rude. Finer than `dialogue_act`, and only looked at where neither the brief nor common talk has an answer.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from practice.lifecycle import Language
from practice.persona.sentences.dialogue_act import LINES_KEPT
from practice.persona.sentences.set_phrases import ATTENTION_EN, ATTENTION_ZH

LineKind = Literal[
    "attention",
    "nowOrLater",
    "offered",
    "pauseOffered",
    "either",
    "howWas",
    "howLong",
    "lastTime",
    "howOften",
    "howDid",
    "whatLike",
    "remembers",
    "knows",
    "everDo",
    "doYou",
    "doThey",
    "areYou",
    "isIt",
    "planning",
    "whyIt",
    "hasYou",
    "didYou",
    "atHand",
    "where",
    "who",
    "doing",
    "whyYou",
    "wouldWork",
    "tag",
    "tagYou",
    "announces",
    "notThat",
    "plea",
    "sumUp",
    "offer",
    "youLook",
    "remark",
    "aboutThem",
]
"""`nowOrLater`: whether to tell it now; `offered`: whether somebody wants something done or given; `remembers`,
`knows`: is asked for that; `hasYou`: whether there is something; `atHand`: what something in the room
is; `doing`: what the persona does; `wouldWork`: whether a proposal suits; `tag`: "isn't it?"; `announces`: says that
something will be said; `notThat`: what is not meant; `sumUp`: what was agreed; `aboutThem`: tells about others."""

_AND = r"^(?:(?:and|but|so|or|well|then|um|oh|okay)[, ]+)*"
_ABSTRACT = (
    r"problem|truth|reason|fault|joke|threat|question|promise|idea|way|lie|end|deal|plan|all|true|fair|point"
    r"|excuse|thing"
    r"|mistake|choice|only|last|first"
)
_EN: Sequence[tuple[LineKind, str]] = (
    (
        "nowOrLater",
        r"^(?:do you (?:want|need)|would you (?:like|rather|prefer)|shall i|should i|want)\b(?=.*\bor\b)"
        r"(?:.*\b(?:hear|know|tell|told|say|talk|explain)\b.*\b(?:now|right away|straight away|first|already)\b"
        r"|.*\bnow or\b)",
    ),
    ("attention", ATTENTION_EN),
    (
        "offered",
        r"^(?:do you (?:want|need)(?! to (?:know|hear|talk|tell|say|see me|leave|go|stay|be|move|stop|have kids)\b)"
        r"|would you like)"
        r" (?:me to|to (?:hold|feel|have|borrow|try|use|come|sit)|an?|some|another|help|my|our)\b(?!.* or )"
        r"(?!.*\b(?:minute|moment|second|sec|break|pause|time)\b)",
    ),
    (
        "pauseOffered",
        r"\b(?:do you (?:want|need)|would you (?:like|rather)|shall we|should we|want)"
        r" (?:have |take |to have |to take )?(?:a|another|some|one)"
        r" (?:quick |short |bit of a |little )?(?:minute|moment|second|sec|break|pause|time)\b",
    ),
    (
        "either",
        rf"{_AND}(?:do|did|are|is|was|were|have|has|would|will) (?:you|he|she|they|it|that|this)\b.* or (?!so\b"
        rf"|some|what\b"
        r"|anything|not\b)\w+",
    ),
    ("howWas", rf"{_AND}how (?:was|did) (?:it|that|the|last|yesterday|this|your)\b"),
    ("lastTime", rf"{_AND}when (?:did|was|were|have)\b.*\blast\b|{_AND}when was the last\b|\bthe last time\b.*\?"),
    ("howLong", rf"{_AND}(?:for )?how long (?:have|has|had|did|were|are|is)\b|{_AND}since when\b"),
    ("howOften", rf"{_AND}how (?:often|many|much) (?!(?:is|does|will|would|are|do i|do we)\b)"),
    ("howDid", rf"{_AND}how (?:did|do|have|had) you\b"),
    (
        "whatLike",
        rf"{_AND}what(?:['’]?s| is| was) .*\blike\b|{_AND}how (?:cold|warm|hot|bad|loud|big|good|far|busy|late"
        rf"|tired) ",
    ),
    (
        "remembers",
        rf"{_AND}(?:do you (?:still )?(?:remember|recall)|did you (?:get|see|read|hear|notice"
        rf"|find)) (?!(?:that )?i\b)",
    ),
    ("knows", rf"{_AND}(?:do|did|have) you (?:know|no|heard|realise|realize)\b"),
    ("everDo", rf"{_AND}(?:do|have) you (?:ever|still|often|usually|always|sometimes)\b"),
    ("hasYou", rf"{_AND}(?:do you have|have you got|is there|are there|has anybody|has anyone|can anyone)\b"),
    ("doYou", rf"{_AND}do you\b"),
    ("didYou", rf"{_AND}(?:did|have|were) you\b"),
    (
        "doThey",
        rf"{_AND}(?:do|does|did|has|have|will|can) (?:he|she|they|it|anybody|anyone|(?:your|the|his|her) \w+)\b",
    ),
    ("tagYou", r"(?:\bnot\b|n['’]?t\b).*\b(?:are|do|did|will|have|were|can) you[?.]*$"),
    (
        "areYou",
        rf"{_AND}are you\b(?! (?:\w+ )?(?:okay|ok|all right|alright|angry|mad|sure|listening|serious|real|human"
        rf"|an?)\b)",
    ),
    (
        "atHand",
        rf"{_AND}(?:is|are) (?:that|this|those|these) (?!(?:\w+ ){{0,2}}(?:{_ABSTRACT})\b)(?:an?|the|your"
        rf"|really|new|real"
        r"|mum['’]?s|some|still|\w+['’]s)\b.*\w",
    ),
    (
        "whatLike",
        rf"{_AND}(?:was|is) (?:it|that|this) (?:\w+ )?(?:fun|hard|good|nice|bad|cold|hot|busy|loud|easy"
        rf"|difficult|weird)\b",
    ),
    (
        "isIt",
        rf"{_AND}(?:is|are|was|were) (?!(?:you|we|i|that|this|it)\b)\w+"
        rf"|{_AND}(?:are|were|is|was) (?:it|that|this|these|those) (?:\w+ )?(?:from|still|also|the same|new|old"
        rf"|always)\b",
    ),
    ("where", rf"{_AND}where (?:do|did|are|were|does|have) (?:you|your|he|she|they)\b"),
    ("who", rf"{_AND}who(?:['’]s|['’]ll|se)?\b(?! (?:i|we)\b)"),
    (
        "doing",
        rf"{_AND}what (?:do|did|are|were|have) you (?!(?:think|want|say|mean|need|feel|suggest|call)\b)\w+"
        rf"|{_AND}what(?:['’]s| is| are) (?:in|on|that|this|those|these|your)\b",
    ),
    (
        "planning",
        rf"{_AND}(?:what|how|where|who) (?:will|are|would) (?:you|they|we) (?:going to |gonna )?(?:tell|do|go"
        rf"|say|wear|live"
        rf"|ask|take)\b",
    ),
    ("whyIt", rf"{_AND}why (?:is|are|was|were|does|did|do|has) (?!(?:i|you|we)\b)\w+"),
    ("whyYou", rf"{_AND}why (?:did|do|are|were|have|didn['’]t|don['’]t|haven['’]t) you\b"),
    (
        "wouldWork",
        rf"{_AND}(?:would|could|will|can|is|does) (?!(?:you|we|i)\b)\w+(?: \w+){{0,5}} (?:work|okay|ok|too late"
        rf"|all right"
        r"|alright|fine|possible|do|suit|enough|help|better|early)\b|^(?:and |so )?what about\b",
    ),
    (
        "tag",
        r"(?:is|are|was|were|do|does|did|wo|ca|could|have|has|would)n['’]?t (?:it|he|she|they|we|there)[?.]*$"
        r"|\b(?:right|huh|eh)\?$",
    ),
    (
        "announces",
        r"^(?!.*(?:you don['’]?t have|ask you (?:how|what|why|if|whether)|how are you)\b).*(?:"
        r"\b(?:trying|have|want|need|meaning|going|how|afraid|way|easy|hard|like) to (?:say|tell|talk|bring|show|ask)\b"
        r"(?! you to\b)"
        r"|\bsomething (?:\w+ ){0,2}to (?:say|tell|discuss)\b|\b(?:hear|here) (?:it|this) from me\b|\bfind out from\b"
        r"|\bget (?:something|this|it) off my chest\b"
        r"|\bbringing (?:it|this) up\b|\bbefore (?:i|we) (?:say|get to|talk)\b|\bthere['’]?s (?:this|a|one) thing\b)",
    ),
    (
        "notThat",
        rf"{_AND}(?:i['’]?m|i am|it['’]?s|it is|this is|that['’]s|we['’]?re) (?:really |just )?not (?:trying"
        rf"|after|saying|here|asking"
        r"|blaming|accusing|telling|doing|about|against|your fault|because|that|to)\b|^no ?(?:body|one)(?:['’]?s"
        r"| is| here)\b",
    ),
    (
        "plea",
        r"^(?:please |just |but |look )*(?:do not|don['’]?t) (?:be|make|cry|worry|go|get|take|leave|shout|say"
        r"|look|tell|hate"
        r"|panic|start|do|run|hang)\b|^(?:just )?please (?:don['’]t|stay|sit|wait|listen|let)\b|\bbe angry with me\b",
    ),
    (
        "sumUp",
        r"\bto sum (?:it )?up\b|^(?:okay |ok |right |great |good )*(?:so |then )(?:we|you|i)(?:['’]ll|['’]d"
        r"| will| would| both)"
        r"\b|^so that['’]?s (?:settled|it|agreed|the plan)\b|\bis that (?:settled|agreed|a deal)\b",
    ),
    (
        "offer",
        rf"{_AND}(?:i|we)(?:['’]ll| will| can| could|['’]d be happy to| would be happy to)\b"
        r"(?!n['’]t| not| like\b"
        r"| (?:just |really |only )?(?:see|hear|tell|imagine|understand|feel|guess|remember|ask)\b)",
    ),
    ("youLook", rf"{_AND}you(?:['’]re)? (?:look|looking|seem|sound)\b"),
    (
        "remark",
        r"\b(?:looks?|smells?|tastes?|sounds?|feels?) (?:so |really |very |a bit |quite )*(?:good|nice|great"
        r"|amazing|lovely"
        r"|delicious|like|busy|different|new|full|cold|hot|warm)\b|^(?:so |very )?(?:busy|cold|quiet|noisy|warm"
        r"|cosy|full|nice)"
        r"\b.{0,30}$|^(?:those|these) are\b|^you(?:['’]ve| have) got your\b",
    ),
    (
        "aboutThem",
        rf"{_AND}(?:he|she|they|somebody|someone|everybody|everyone|people|nobody|(?:the|my|our|her|his|their"
        rf"|some) \w+)\b"
        r"|^(?!(?:i|you|we|it|that|this|there|what|so|but|and|here|which|who|how|why|where|when)\b)\w+(?:['’]s \w+)? "
        r"(?:was|is|has|had|said|says|wants?|went|came|rang|told|asked|lost|stayed|left|(?:does|did|is|was|ca"
        r"|wo)n['’]?t)\b",
    ),
)
_ZH: Sequence[tuple[LineKind, str]] = (
    (
        "nowOrLater",
        r"(?:现在|这会儿|今天|马上)[^，。？]{0,10}还是[^，。？]{0,6}(?:等|待会|一会|回头|改天|以后|明天|晚点|缓)",
    ),
    ("attention", ATTENTION_ZH),
    ("offered", r"^[你您]?(?:要不要|想不想|用不用)(?:我|来|点|吃|喝|拿|帮)(?!.*还是)"),
    ("pauseOffered", r"(?:要不要|用不用|需不需要|想不想)(?:先)?(?:歇|缓|休息|静|等)(?:一会|一下|会儿|一歇|缓)?"),
    ("either", r"是[^，。？]+还是[^，。？]+"),
    ("howWas", r"(?:那天|当时|昨天|上次)[^，。？]{0,6}(?:怎么样|咋样|怎样)"),
    ("lastTime", r"上(?:一)?[次回].*(?:什么时候|啥时候|哪天)|(?:什么时候|多久).*上[次回]|多久没"),
    ("howLong", r"(?:多久|多长时间|多少年|几年|几个月|几天)(?:了|啦)|什么时候(?:开始|来的)|啥时候(?:开始|来的)"),
    ("howOften", r"(?:多少|几)[次回个条遍杯本]"),
    ("howDid", r"(?:咋|怎么)(?:过来|熬|认识|弄|学会|办到|过的|样?做到|想到|说的|来的)|怎么[^？]{1,5}的"),
    ("remembers", r"(?:还)?记[得不]|看[到见]了?[吗没]|收到[^。]{0,4}[吗没]|听[到见]了?[吗没]"),
    ("knows", r"[知晓]道(?:吗|不|么|的吧)|听说(?:过|了)?[吗没]"),
    (
        "everDo",
        r"(?:经常|常常?|平时|一般|平常|还)[^。]{1,8}(?:吗|(?<![什怎那这多])么|？|\?)|[过]没有|[你您][^。]{1,6}过[吗么]",
    ),
    ("hasYou", r"有没有|还有[^。]{0,5}[吗么]"),
    ("whatLike", r"(?:什么|啥|怎么个|咋个)(?:感觉|滋味|样子|情况)|[好难]玩吗|(?:冷|热|累|难)不(?:冷|热|累|难)"),
    (
        "atHand",
        r"^(?:这|那(?![你您我咱他她]))(?:个|杯|盘|是|件|张)?[^？?]{1,8}(?:是(?:你|您|妈|新)[^？?]*)?(?:吗|吧)[？?。]?$",
    ),
    ("didYou", r"^[你您][^。？?]{1,10}(?:[了过来到]没|了吗|过吗)"),
    ("doYou", r"^[你您][^。？?]{1,10}吗"),
    ("where", r"(?:在)?哪(?:里|儿|边)?"),
    ("who", r"谁"),
    ("doing", r"(?:干|做|忙|吃|看|写|聊|喝|说)(?:了|点|些)?(?:什么|啥)|(?:什么|啥)(?:东西|书|菜|茶)"),
    ("whyYou", r"(?:为什么|为啥|干嘛|咋|怎么)(?:[你您]|不|没|要|会|让)"),
    ("wouldWork", r"(?:行|好|成|可以|合适|来得及|方便)(?:吗|不|么|吧)[？?。]?$|行不行|好不好|可不可以|成不成"),
    ("tag", r"(?:是吧|对吧|是不|对不)[？?。]?$"),
    (
        "announces",
        r"(?:想|要|得)(?:跟|和|对|给)?[你您]?(?:说|讲|聊|谈)(?:件|个|点|一下|句)|有(?:件|个)?事|不知道该?(?:怎么|咋)(?:说|开口|讲)",
    ),
    ("notThat", r"^(?:我)?(?:不是|没有|也不是)(?:要|来|说|想|怪|嫌|不|针对|那个)"),
    ("plea", r"^(?:妈|哥|爸|那|行了|好了)*[，,]?[你您]?别|[小慢快轻]一?[声点]儿?(?:点|说)?$"),
    ("sumUp", r"^(?:那|好)?(?:就)?(?:这么|这样)(?:说|定|办)|说好了|就这么定|总(?:之|结)"),
    ("offer", r"^(?:那)?(?:我|咱)(?:们)?(?:来|帮|可以|能|给[你您]|陪)(?!不|说)"),
    ("youLook", r"[你您](?:头发|看着|看起来|脸色|气色|是不是瘦|瘦|黑眼圈|手)"),
    (
        "remark",
        r"(?:真|好|挺|太|够)(?:香|热|冷|吵|乱|忙|快|亮|安静|热闹|好吃|好看|甜|多|大|早)(?:了|啊|呀|的)?[。！]?$",
    ),
    (
        "aboutThem",
        r"^(?:他|她|他们|人家|大家|老师|医生|孩子|爸|姑姑|阿姨|同事|客户|[一-鿿]{2,3}说|[一-鿿]{1,4}(?:儿子|女儿|他们|那边|家的?))",
    ),
)
_KINDS = {
    False: [(kind, re.compile(form, re.IGNORECASE)) for kind, form in _EN],
    True: [(kind, re.compile(form)) for kind, form in _ZH],
}


@lru_cache(maxsize=LINES_KEPT)
def line_kind(sentence: str, language: str) -> LineKind | None:
    """The kind of one sentence in plain words; None if it is none of these.

    >>> line_kind("How long have you been drumming?", "en"), line_kind("Is that a new plant?", "en")
    ('howLong', 'atHand')
    >>> line_kind("Is that the truth?", "en"), line_kind("你来多久了？", "zh")
    (None, 'howLong')
    """
    kinds = _KINDS[language == Language.CHINESE]
    return next((kind for kind, form in kinds if form.search(sentence.strip())), None)
