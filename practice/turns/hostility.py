"""Whether a sentence is meant to hurt whom it is said to: an insult, scorn, a threat. Pure.

Sentence vectors hold what is spoken of better than how it is meant ("You're not stupid at all" is near to its
opposite), so plain words decide first, in both directions. What they leave open goes by the nearest lines of either
kind. Measured by `scripts/bench/roleplay hostility`.
"""

import re
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import Literal

from practice.lifecycle import Language
from practice.turns.common_talk import Hostility

NEAREST = 3
NEARER_LEAST = 0.08
"""So much nearer, on the mean of the three nearest, to lines that hurt than to lines that do not."""
LIKE_LEAST = 0.55
CALM_BELOW = 0.03
"""Less than so much nearer to lines that hurt, it is meant well."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_INSULT = (
    r"idiots?|morons?|imbecile|stupid|dumb|pathetic|losers?|worthless|useless|good-for-nothing|disgust(?:ing|s)?"
    r"|coward|liar|fraud|hypocrite|bastard|bitch|ass(?:hole)?|arse(?:hole)?|scum|garbage|trash|jerk|creep|parasite"
    r"|sponger|crook|bully|thief|cheat|clown|brat|hag|slob|worm|spineless|lazy|incompetent|selfish|arrogant"
    r"|hysterical|phoney|weirdo|psycho|disgrace|nutcase|twat|prick|wanker|dimwit|halfwit|airhead|blockhead|witch|cow"
    r"|pig|rat|snake|vermin|insane|rotten|unfit|thick|dense|brainless"
)
_UNHURT_EN = _any(
    r"\byou(?:['’]re| are) (?:not|no)\b",
    r"\byou aren['’]t\b",
    r"\bnot here to\b",
    r"\b(?:do|did|would)(?:n['’]t| not) (?:hate|think|mean|say|believe|want)\b",
    r"\bnever (?:said|meant|thought|called)\b",
    r"\b(?:no ?body|no one) (?:is|was) (?:out|trying|going)\b",
    r"\bcall(?:s|ed)? (?:me|him|her|us|them)\b",
    r"\b(?:told|tells) me\b",
    r"\bsaid (?:that )?i\b",
    rf"\bi(?:['’]m| am| was| felt| feel|['’]ve been) (?:like )?(?:so |such |really |just )?(?:an? )?(?:{_INSULT})\b",
)
_STRONG_EN = _any(
    rf"\byou(?:['’]re| are|r| absolute| complete| little| stupid| lying| damn)\b[^.!?]*\b(?:{_INSULT})\b",
    rf"\byou (?:[\w-]+ ){{0,2}}(?:{_INSULT})\b",
    rf"^(?:what an? |such an? )?(?:{_INSULT})[.!]*$",
    r"\b(?:shut (?:up|it|your)|get lost|(?:go )?to hell with you|go to hell|screw you|(?:piss|bugger) off|drop dead)\b",
    r"\bf+u+c+k|\bbullshit\b|\bfull of (?:crap|shit|it)\b|\bdamn you\b|\b(?:hate|despise|loathe) you\b",
    r"\byou (?:make me sick|disgust)|\bwho do you think you are\b|\bbrains? of a\b",
    r"\byou['’]?(?:ll| will) (?:regret|be sorry|pay for|see what)|\b(?:end|turn out) badly for you\b",
    r"\bmake (?:you|your life)\b[^.!?]*\b(?:hell|miserable|pay|sorry|regret|disappear|suffer)\b",
    r"\bwatch your (?:back|mouth|tone)\b|\bor else\b|\bdon['’]t you dare\b|\bteach you a lesson\b",
    r"\b(?:ruin|destroy|kill|crush|bury|finish|slap|hit|punch|smack|hurt|strangle) you\b|\b(?:break|wring) your\b",
    r"\bwhere you live\b|\b(?:have|get) you (?:fired|sacked|thrown out)\b|\byour (?:career|job|days?)\b[^.!?]* over\b",
    r"\bsee what (?:i do|happens to you)\b|\bcome for (?:you|everything)\b|\b(?:as|for) (?:an|your) enemy\b",
    r"\bhappen(?:s|ed)? to (?:you|your)\b[^.!?]*\b(?:family|kids?|children|car|house)\b",
    r"\bi['’]?(?:ll| will) tell your (?:wife|husband|boss|mother|parents)\b|\block (?:my|your) doors?\b",
)
_MILD_EN = _any(
    r"\b(?:sick(?: and tired)?|tired|fed up|had (?:it|enough)|bored)\b (?:of|with|to death (?:of|with)) you\b(?!r)",
    r"\bcan['’]?t stand (?:you\b(?!r)|the sight)|\bwho asked you\b|\bget a grip\b|\bget over yourself\b",
    r"\b(?:don['’]t|couldn['’]t|could not|do not) (?:give a (?:damn|toss|shit|fig)|(?:really )?care (?:what you|less))",
    r"\bdon['’]t (?:really )?care about your\b|\bwaste of (?:space|my time|breath|oxygen)\b|\bwast(?:e|ing) my time\b",
    r"\bwhat(?:['’]s| is| the hell is| on earth is) wrong with you\b|^grow up\b",
    r"\bcry me a river\b|\bspare me\b",
    r"\bstop (?:whining|moaning|crying|snivelling|your whining)\b|\bthanks for nothing\b|\bboo hoo\b|\bblah,? blah\b",
    r"\b(?:genius|einstein|sherlock|princess|majesty|highness|drama queen|crybaby|champion|superstar)[.!?]*$",
    r"^(?:well done|bravo|oh|wow|congratulations)\b[^.!?]*\b(?:genius|again|for once|as (?:usual|always))\b",
    r"\bslow clap\b|\bcall the press\b|\ba medal\b",
    r"\b(?:great|nice|good|fine) (?:job|work)\b[^.!?]*\bas (?:usual|always)\b|\bgrace us with\b|\bhow perfect you\b",
    r"\bhow (?:kind|nice|good|generous) of you to (?:show|finally|join|bother|grace)\b",
    r"^(?:oh )?sure,? (?:and )?(?:because|blame|i suppose)|\byou['’]?re the victim\b|\bworld (?:will|would) stop\b",
    r"^(?:oh,? )?let me guess\b[^.!?]*\bfault\b|\ball (?:on your own|by yourself)\?",
    r"\bpoor (?:little )?you\b|\bso perfect\b",
    r"\b(?:any|a|even a) (?:idiot|child|five-year-old|monkey|goldfish) (?:could|can)\b|\bgive me a break\b",
    r"\bno wonder (?:that )?(?:nobody|no one|everybody|everyone)\b",
    r"\b(?:nobody|no one)\b[^.!?]* (?:likes|respects) you\b",
    r"\byou(?:['’]re| are) (?:impossible|hopeless|unbearable|a pain)\b",
    r"\byou(?:['’]re| are) an? (?:\w+ )?(?:joke|disappointment|nightmare|waste)\b",
    r"\byou(?:['’]re| are) (?:getting on|driving me)\b|\byou (?:always|never) (?:ruin|mess|screw|spoil|let)\b",
    r"\bwhatever you say\b|\bas if you (?:cared?|knew)\b|\byou don['’]t have a clue\b|\bnot fit to\b",
)
_UNHURT_ZH = _any(
    "不是故意|不是(?:怪|骂|说)你|不是来",
    "没(?:有)?说你|没有人要",
    "并不|一点也不",
    "骂我|说我|叫我",
    "觉得自己|我真|我太|是我",
)
_STRONG_ZH = _any(
    "闭嘴|废物|窝囊|垃圾|白痴|蠢|笨蛋|混蛋|王八|傻[逼子瓜]|脑残|脑子(?:进水|有)|智商|跟猪|猪狗|狗都比|如(?:一条)?狗|比你强",
    "不要脸|厚脸皮|无耻|恶心|^[你给快]?[我]?滚|去死|放屁|懂个屁|骗子|小人|祸害|烂泥|白眼狼|没良心|什么东西|不是(?:个)?东西",
    "神经病|你有病|不配|你也配|贱|畜生|他妈|操你|恨你|老不死|德[行性]|不可理喻",
    "让你好看|等着瞧|走着瞧|后悔的|(?:就|你)完(?:了|蛋)|付出代价|后果自负|饶不了|收拾你|给我小心|打断|丢饭碗|吃不了兜着走",
    "没好果子|没好日子|不客气|卷铺盖|识相|没完|不得安宁|别想走|这笔账|罚酒|给我记住|小心我",
)
_MILD_ZH = _any(
    "受够了?你|受不了你|烦透|真烦|烦死|烦不烦|看见你就|忍你|没法(?:跟你)?沟通|算老几|以为你是谁|谁在乎|关我(?:什么|屁)事",
    "什么毛病|哭哭啼啼|可真行|真了不起|就[你您](?:最|一个)?(?:聪明|能|高尚|行)|浪费(?:我的)?时间|帮倒忙|少来|得了吧|装什么|真会装",
    "装可怜|摆架子|大忙人|赏光|比唱|这么有本事|老人家的时间|接着演|贴金|佩服|[你您]永远(?:是对|没错)",
    "[你您](?:真|太)(?:让人失望|没用|虚伪|自私|懒|讨厌)|什么都做不好|都是你(?:害|的错)|全怪你|没教养|一文不值|根本不在乎",
)


def by_words(sentence: str, language: str) -> Hostility | Literal["calm"] | None:
    """What its words alone say; None where they leave it open."""
    chinese = language == Language.CHINESE
    strong, mild, unhurt = (_STRONG_ZH, _MILD_ZH, _UNHURT_ZH) if chinese else (_STRONG_EN, _MILD_EN, _UNHURT_EN)
    if unhurt.search(sentence):
        return "calm"
    if strong.search(sentence):
        return "strong"
    return "mild" if mild.search(sentence) else None


def by_likeness(
    hostile: Mapping[Hostility, Sequence[float]], calm: Sequence[float]
) -> tuple[Hostility | Literal["calm"] | None, float]:
    """Of a sentence's likeness to each line that hurts, by how much it does, and to each that does not.

    How it is meant, None where that cannot be told, and how near the nearest line that hurts is.
    """
    nearest, kind = max((max(alike), kind) for kind, alike in hostile.items())
    nearer = _mean_of_nearest([alike for each in hostile.values() for alike in each]) - _mean_of_nearest(calm)
    if nearer < CALM_BELOW:
        return "calm", nearest
    return (kind if nearest >= LIKE_LEAST and nearer >= NEARER_LEAST else None), nearest


def _mean_of_nearest(alike: Sequence[float]) -> float:
    nearest = nlargest(NEAREST, alike)
    return sum(nearest) / len(nearest)
