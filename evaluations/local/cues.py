"""Finds cues in the words of a sentence: a question, a date, a feeling, a promise. Pure.

Embeddings capture what a sentence is about; cues capture what it does (asks, promises, blames). A behaviour's example
lines show which cues matter (`examples.py`), so curators write no rules.
"""

import re
from collections.abc import Mapping
from functools import cache

_FEELINGS = (
    "afraid|angry|annoyed|ashamed|bad|betrayed|disappointed|embarrassed|exhausted|frustrated|glad|guilty|happy|helpless"
    "|hurt|lonely|mad|nervous|overwhelmed|proud|relieved|sad|scared|shocked|sorry for you|stressed|tense|tired|torn"
    "|uneasy|upset|worn out|worried|grateful|let down|left alone|under pressure|fed up"
)
_TIMES = (
    r"\d|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march\b(?! on)|april|june"
    "|july|august|september|october|november|december|yesterday"
    "|last (?:night|week|month|year|time|spring|summer|autumn|winter)"
    "|this (?:morning|week|month)|tomorrow|next (?:week|month)|o'clock|noon|midnight|weekend"
)
_NUMBERS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred|thousand"
    "|percent|half|twice|third time"
)

_ENGLISH: Mapping[str, str] = {
    "question": (
        r"\?\s*[\"”’]?$|^(?:what|how|when|where|who|which|why|could|can|would|will|do|does|did|is|are"
        r"|have)\b"
    ),
    "open question": (
        r"\b(?:what|how|when|where|who|which)\b[^.!]*\?|\btell me (?:more|about|how|what)"
        r"|\bhelp me understand"
    ),
    "why question": r"\bwhy\b[^.!]*\?",
    "yes-or-no question": (
        r"^(?:(?:and|so|but|well|ok|okay|or),? )?(?:could|can|would|will|do|does|did|is|are|have|has"
        r"|shall|may|were|was|isn't|aren't|don't|didn't|won't)\b[^.!]*\?"
    ),
    "leading question": (
        r"\b(?:don't you|isn't it|aren't you|wouldn't you|shouldn't you|why (?:don't|didn't|can't) you"
        r"|how could you|right\?$)"
    ),
    "time": rf"\b(?:{_TIMES})",
    "number": rf"\d|\b(?:{_NUMBERS})\b",
    "deadline": (
        rf"\b(?:by|until|before|from|on|at) (?:the |next |end of |this )*(?:{_TIMES}|{_NUMBERS}|then"
        r"|end)"
    ),
    "own feeling": (
        rf"\bI(?:'m| am| was| feel| felt| get| got)\b(?: \w+){{0,3}} (?:{_FEELINGS})\b|\b(?:hurts?"
        r"|bothers?|worries) me\b|\bI (?:worry|love|hate|miss|fear|care)\b|\bmakes me\b"
    ),
    "other's feeling": (
        r"\byou(?:'re| are| were| must be| must feel| sound| seem| look| feel"
        rf"| felt)\b(?: \w+){{0,3}} (?:{_FEELINGS})\b|\b(?:that|it|this) (?:must|sounds?|seems?"
        r"|has to) (?:\w+ )?(?:be|feel|have|hard|tough|awful|frustrating|painful|exhausting)"
    ),
    "you always": (
        r"\byou(?:'re| are)? (?:always|never|constantly|every (?:single )?time)\b|\b(?:always"
        r"|never) (?:you|with you)\b"
    ),
    "label": (
        r"\byou(?:'re| are) (?:(?:so|just|such|really|getting|being|a bit|too|very|an?|the) )*(?:lazy"
        r"|unreliable|selfish|careless|sloppy|rude|unprofessional|difficult|irresponsible|childish"
        r"|sensitive|dramatic|stubborn|cold|greedy|ungrateful|unfair|impossible|ridiculous|immature"
        r"|slow|weak|dishonest|type|kind of person|sort of person|problem)\b"
    ),
    "apology": (
        r"\b(?:sorry|apologi[sz]e|my fault|forgive me|my mistake|I was wrong|I should(?:n't"
        r"| not)? have)\b"
    ),
    "hedge": (
        r"\b(?:maybe|perhaps|kind of|sort of|I guess|I suppose|a bit|a little|possibly|some ?how"
        r"|if (?:that's|it's) (?:ok|okay|alright|all right)|if you (?:don't mind|want)|might|I mean"
        r"|at some point|whenever|no rush|not sure|could be)\b"
    ),
    "request": (
        r"\b(?:can|could|will|would) you\b|\bI(?:'d| would) like (?:you|us|to)\b|\bI (?:want|need|ask"
        r"|expect)\b|\bplease\b|\bI(?:'m| am) asking\b|\bmay I\b"
    ),
    "asks for an answer": (
        r"\b(?:is that a yes|do (?:you|we) agree|agreed|can (?:you|we|I) (?:agree|count)"
        r"|does that (?:work|suit)|would that work|deal|yes or no|will you do (?:that|it)"
        r"|are you (?:in|ok|okay|willing)|what do you say|can you (?:do|promise) that)\b"
    ),
    "refusal": (
        r"^(?:no|nope)\b|\b(?:I can't|I cannot|I won't|I will not|I'm not (?:going|able|willing"
        r"|available)|I don't (?:want|take|lend)|I(?:'m| am) saying no|my answer is|stays? (?:the same"
        r"|with)|not (?:possible|this time|negotiable))\b"
    ),
    "consequence": (
        r"\b(?:because|so that|which (?:meant|means|is why|led)|led to|had to|meant that|as a result"
        r"|therefore|that's why|cost(?:s)? (?:us|me|him|her|them)|ended up|since then|it means|so (?:I"
        r"|we|he|she|they|my|our|the) (?:had|have|could|couldn't|was|were|lost|am|are|can))\b"
    ),
    "own deed": (
        r"\bI (?:did|made|forgot|missed|said|broke|told|left|took|ignored|lied|shouted|promised|called"
        r"|let|should have|didn't|was)\b"
    ),
    "promise": r"\b(?:I'll|I will|I'm going to|I promise|you have my word|from now on I|count on me)\b",
    "offer": (
        r"\b(?:I (?:can|could|will|would)|I'll|let me|I'd be (?:glad|happy)|I offer) (?:\w+ )?(?:help"
        r"|do|give|call|send|take|bring|show|look|cover|check|arrange|write|find|come|pay|refund"
        r"|replace|offer|make|drive|lend)\b|\bwhat I can do\b"
    ),
    "proposal": (
        r"\b(?:what if|how about|what about|let's|we could|shall we|I (?:suggest|propose)|one option"
        r"|another option|why don't we|would it help)\b"
    ),
    "we": r"\b(?:we|us|our|together|both of us)\b",
    "paraphrase": (
        r"\b(?:so you|you(?:'re| are) (?:saying|telling)|you (?:mean|said|told me)|what I hear"
        r"|I hear (?:you|that)|if I understand|it sounds (?:like|as)|sounds like|in other words"
        r"|let me (?:see|check) if|for you (?:it|this)|so it's|so for you|as I understand)\b"
    ),
    "check": (
        r"\b(?:is that (?:right|it|fair|so|true)|did I (?:get|understand|hear)|do I (?:understand|have"
        r"|get)|have I (?:got|understood)|am I (?:right|hearing)|correct\?|right\?)"
    ),
    "formula": (
        r"\b(?:I (?:totally |fully |completely )?(?:understand|get it|hear you|see)|fair enough"
        r"|no offen[cs]e|with all due respect)\b"
    ),
    "but": r"\bbut\b|\bhowever\b|\bstill,",
    "dismissal": (
        r"\b(?:calm down|relax|it's not (?:that|so) bad|don't (?:be|worry|take)|you(?:'re"
        r"| are) overreacting|get over it|not a big deal|so what|whatever|that's not my (?:problem|job"
        r"|fault)|come on|stop (?:crying|whining|complaining|it)|others have it)\b"
    ),
    "threat": (
        r"\b(?:or else|if you don't|you'll (?:see|regret)|last warning|I'll (?:call|report|sue|tell"
        r"|fire)|consequences)\b"
    ),
    "thanks": r"\b(?:thank you|thanks|appreciate|grateful|glad (?:that )?you)\b",
    "praise": (
        r"\b(?:well done|great|good (?:job|work|point|idea|that)|I (?:like|value|respect|admire)"
        r"|impressed|you did)\b"
    ),
    "pause": (
        r"\b(?:take your time|no hurry|let's (?:pause|take a (?:break|moment))|I(?:'ll| will) (?:wait"
        r"|listen)|I'm listening|go on|one moment)\b"
    ),
    "agrees": (
        r"^(?:yes|yeah|right|true|exactly|agreed|you(?:'re| are) right|that's (?:true|right|fair))\b"
        r"|\byou have a point\b|\byou(?:'re| are) right\b"
    ),
    "blame": (
        r"\b(?:it's your (?:fault|job|problem)|your fault|because of you|you (?:should|ought|made me"
        r"|ruined|let me|forgot|broke|failed|left me))\b"
    ),
    "story": (
        r"\b(?:was|were|had|came|went|did|said|told|took|waited|stayed|missed|lost|called|happened"
        r"|stood|left|got)\b"
    ),
    "exclamation": r"!",
    "self-talk": (
        r"\b(?:I'm (?:no good|bad at|terrible)|I don't know|forget (?:it|I)|never mind|doesn't matter"
        r"|stupid of me)\b"
    ),
    "vague": (
        r"\b(?:something|someone|things?|stuff|everything|everybody|everyone|better|more|somehow|soon"
        r"|sometime|professional|attitude)\b"
    ),
    "concrete": (
        r"\b(?:who|minutes?|hours?|days?|weeks?|months?|euros?|dollars?|pounds?|percent|date|list|call"
        r"|mail|message|plan|step)\b"
    ),
    "example": r"\b(?:for (?:example|instance)|such as|like when|last time|the other day)\b",
}

_CHINESE: Mapping[str, str] = {
    "question": r"[?？]|[吗呢么]$|什么|怎么|为什么|哪|多少|几点|是不是|能不能|可不可以|好不好",
    "open question": r"什么(?!时候都)|怎么(?!能|可以)|哪些|哪里|如何|跟我说说|说说看|聊聊|想听听",
    "why question": r"为什么|为啥|凭什么",
    "yes-or-no question": r"吗[?？]?$|是不是|能不能|可不可以|行不行|好不好|对不对|可以吗|好吗|行吗",
    "leading question": r"难道|凭什么|怎么能|怎么可以|不应该|你就不能|不觉得",
    "time": (
        r"\d|[一二三四五六七八九十两]+(?:点|号|月|日|天|周|年)|周[一二三四五六日末]|星期|礼拜|昨天"
        r"|今天|明天|上(?:周|个月|次)|下(?:周|个月)|早上|晚上|中午|前天|去年|今年"
    ),
    "number": (
        r"\d|[一二三四五六七八九十百千万两半]+(?:个|次|块|元|万|千|百|天|周|年|小时|分钟|成|倍|%)"
        r"|百分之"
    ),
    "deadline": (
        r"(?:之前|以前|前[给交答回做完]|截止|从\S{1,6}(?:开始|起)|到\S{1,6}为止)|(?:周[一二三四五六日]"
        r"|\d+号|月底|月初)[^，。]{0,4}(?:前|给|交|答复|完成|回复)"
    ),
    "own feeling": (
        r"我(?:很|有点|有些|挺|真的|其实|感到|觉得|心里|也|非常)*(?:难过|伤心|生气|委屈|担心|着急|害怕"
        r"|失望|累|高兴|难受|不安|内疚|舍不得|紧张|压力|感激|心疼|为难)"
    ),
    "other's feeling": (
        r"你(?:一定|肯定|看起来|听起来|好像|是不是|现在|很|也|觉得|心里|应该)*(?:难过|伤心|生气|委屈"
        r"|担心|着急|害怕|失望|累|难受|不容易|压力|失落|孤单|不舒服|为难|辛苦)|听(?:起来|得出来)"
        r"|看得出"
    ),
    "you always": r"你(?:总是|老是|从来(?:不|没)|每次都|一直都|永远)",
    "label": (
        r"你(?:这个人|就是|真是|太|也太|真)(?:[^，。]{0,4})(?:懒|自私|不负责|没良心|小气|矫情|固执"
        r"|不孝|冷血|马虎|靠不住|不懂事|脾气|差劲|问题)"
    ),
    "apology": r"对不起|抱歉|不好意思|是我(?:不对|的错)|我错了|我不该|请(?:你|您)?原谅",
    "hedge": r"可能|也许|大概|要不|随便|看情况|再说吧|差不多|有点儿?|好像|算了|不知道",
    "request": r"(?:请|希望|想请|麻烦)(?:你|您)|能不能|可不可以|可以[^，。]{0,12}吗|我(?:想|要|需要|希望)",
    "asks for an answer": (
        r"(?:可以|行|好|同意|答应)(?:吗|不)[?？]?|你(?:觉得|看)(?:怎么样|行吗|可以吗|呢)|您看|说定"
        r"|就这么定|行不行|能答应"
    ),
    "refusal": (
        r"^不|我(?:不能|没办法|没法|不会|不想|不打算|不借|帮不了|来不了|去不了|决定不)|不行|不方便"
        r"|这次不"
    ),
    "consequence": r"因为|所以|导致|结果|害得|只好|不得不|这样一来|以至|影响|耽误",
    "own deed": r"我(?:没有?|忘了?|说了|答应|当时|那天|做了|不该|没能)",
    "promise": r"我(?:会|一定|保证|答应你|以后|从现在)",
    "offer": (
        r"我(?:可以|能|来|帮你|先)(?:帮|给|做|陪|送|安排|查|联系|打电话|处理|换|退|介绍|出|买)|我(?:帮"
        r"|陪)你"
    ),
    "proposal": r"要不|不如|我们(?:可以|一起|来)|建议|提议|怎么样[?？]|这样(?:行|好|可以)",
    "we": r"我们|咱们|一起",
    "paraphrase": (
        r"你(?:是说|的意思是|刚才说|刚刚说|提到)|也就是说|我听(?:到|懂|明白)|所以你|我理解(?:的是|你)"
        r"|对你来说"
    ),
    "check": r"对吗|是这样吗|我理解得对|是不是这样|没错吧|我说得对",
    "formula": r"我(?:理解|明白|知道)(?:你)?[，。,]|没事|别往心里去",
    "but": r"但是|可是|不过|但|然而",
    "dismissal": (
        r"别(?:生气|激动|想太多|这样|闹|哭|矫情)|有什么(?:大不了|好)|不至于|想开点|算什么|多大点"
        r"|冷静(?:点|一下)|至于吗|想多了"
    ),
    "threat": r"不然|否则|(?:我就|那就)(?:走|辞|告|投诉|分手)|后果",
    "thanks": r"谢谢|感谢|多谢|辛苦(?:你|您|了)",
    "praise": r"做得(?:很)?好|很棒|厉害|我(?:很)?(?:欣赏|佩服|尊重)|说得对",
    "pause": r"慢慢(?:说|来|想)|不(?:着)?急|我(?:听着|在听|等)|你先说|您先说",
    "agrees": r"^(?:是的?|对|没错|确实|你说得对|您说得对|有道理)",
    "blame": r"(?:都)?怪你|你的(?:错|责任|问题)|都是你|你应该|你害|你让我",
    "story": r"了|过|当时|那天|上次",
    "exclamation": r"[!！]",
    "self-talk": r"我(?:不行|没用|太差|真笨|不知道)|算了|当我没说|没什么",
    "vague": r"有些|一些事|什么的|之类|大家都|改进|努力|认真点|好一点|注意",
    "concrete": r"分钟|小时|天|周|月|块|元|清单|表|电话|邮件|微信|步骤|计划|方案",
    "example": r"比如|例如|举个例子|像上次|上一次",
}

NAMES: tuple[str, ...] = (*_ENGLISH, "other's name", "short", "long")
"""Every cue, in the same order for all languages."""
SHORT, LONG = 5, 14
"""A sentence is short up to, and long from, this many words (Chinese: characters, halved)."""


def of(sentence: str, *, language: str, counterpart: str = "") -> frozenset[str]:
    """The cues of one sentence. `counterpart` is the other person's name."""
    plain = sentence.replace("’", "'").strip()
    found = {name for name, pattern in _compiled(language).items() if pattern.search(plain)}
    first = counterpart.split()[0] if counterpart.split() else ""
    if first and first.casefold() in plain.casefold():
        found.add("other's name")
    size = len(plain) / 2 if language == "zh" else len(plain.split())
    if size <= SHORT:
        found.add("short")
    if size >= LONG:
        found.add("long")
    return frozenset(found)


@cache
def _compiled(language: str) -> Mapping[str, re.Pattern[str]]:
    patterns = _CHINESE if language == "zh" else _ENGLISH
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in patterns.items()}
