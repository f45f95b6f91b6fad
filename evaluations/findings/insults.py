"""Detects plain insults, mockery and threats in the trainee's lines. Pure; detects only what needs no context.

The conversation has a definition of its own, which hears what hurts in context: `practice.persona.hostility`. Here a
false alarm would lower a rating, so only the plainest count. Words about oneself, about a thing or quoted from somebody
else do not count (“I felt like an idiot”, “a stupid mistake”).
"""

import re
from collections.abc import Iterable

from evaluations.local import repeated_words

_NOUNS = (
    r"idiots?|morons?|imbeciles?|fools?|losers?|liars?|cowards?|bastards?|bitch(?:es)?|assholes?|jerks?|scum|parasites?"
    r"|dumb ?ass(?:es)?|piece of (?:shit|crap|garbage|trash)|waste of (?:space|time|air)|joke of an? \w+|disgrace"
    r"|lazy (?:bum|slob|ass)|crybab(?:y|ies)|drama queens?|pigs?|spoiled brats?|clowns?"
)
_ADJECTIVES = (
    r"stupid|dumb|pathetic|useless|worthless|disgusting|ridiculous"
    r"|an? (?:complete |total |utter )?(?:embarrassment|mess)"
    r"|insane|brain ?dead|incompetent|too (?:stupid|dumb|thick|lazy) to"
)
_STRENGTHS = r"(?:such |so |just |really |simply |nothing but |absolutely |completely |totally |fucking |bloody |too )*"
_INSULT = re.compile(
    rf"\byou(?:'re| are| were| and your \w+ are)?,? (?:all )?{_STRENGTHS}(?:an? |the )?(?:\w+ )?(?:{_NOUNS})\b"
    rf"|\byou(?:'re| are) {_STRENGTHS}(?:{_ADJECTIVES})\b"
    rf"|\b(?:you|what an?|such an?) (?:\w+ )?(?:{_NOUNS})[.!]"
    r"|\b(?:(?<!i'll )(?<!i will )(?<!to )shut (?:up|your mouth|the hell up))\b"
    r"|\b(?:go to hell|screw you|fuck (?:you|off)|drop dead|piss off|get lost)\b"
    r"|\bare you (?:stupid|dumb|deaf|crazy|insane|an idiot|a moron|that (?:stupid|dumb))\b"
    r"|\b(?:boo[- ]?hoo|cry me a river)\b",
    re.IGNORECASE,
)
_THREAT = re.compile(
    r"\b(?:i'll|i will|i'm going to|we'll) (?:make (?:you|sure you) (?:pay|regret|suffer)|ruin you|destroy you"
    r"|hurt you|beat you|kill you|break your)\b"
    r"|\byou(?:'ll| will) (?:pay for|regret) (?:this|that|it)\b",
    re.IGNORECASE,
)
_INSULT_HAN = re.compile(
    r"你[^，。！？]{0,6}(?:白痴|蠢货|笨蛋|废物|垃圾|神经病|有病|骗子|混蛋|不要脸|没用的东西|脑子进水|没脑子|窝囊废|懒鬼|蠢)"
    r"|闭嘴|滚(?:蛋|开|出去)?[！。!]|去死|他妈的"
)
_THREAT_HAN = re.compile(r"要你好看|饶不了你|(?:等着|走着)瞧|给我小心点")
# Words quoted from somebody else, or about oneself.
_REPORTED = re.compile(
    r"\b(?:i(?:'m| am| was| felt| feel)|called me|said i|says i|don't think you|not saying you|nobody (?:says|thinks)"
    r")\b"
    r"|你不是|不蠢|不笨|不是说你|没有?说你|觉得自己|说我",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")


def plainly(lines: Iterable[str]) -> bool:
    """Whether any of a trainee's lines insults, mocks or threatens, in words that are the trainee's own."""
    return _says(lines, _INSULT, _INSULT_HAN, _THREAT, _THREAT_HAN)


def insult(sentence: str) -> bool:
    """Whether a sentence insults or mocks; a threat alone does not count."""
    return _says([sentence], _INSULT, _INSULT_HAN)


def _says(lines: Iterable[str], *patterns: re.Pattern[str]) -> bool:
    return any(
        any(pattern.search(sentence) for pattern in patterns) and not _REPORTED.search(sentence)
        for line in map(_own_words, lines)
        for sentence in _SENTENCE.findall(line.replace("’", "'"))
    )


def _own_words(line: str) -> str:
    return repeated_words.without(line, line, "zh" if _HAN.search(line) else "en")
