"""The form of a sentence: does it report what happened, or does it propose, promise, ask for or settle something? Pure.

“Lena sat here until eleven” has people, a deed and a time, as an agreement has, and agrees on nothing; “I'll call you
by Friday” has a date and tells nothing that happened. Meaning alone confuses the two, above all where recognition
garbled some words. So a behaviour about what comes next needs a commitment, and one about what happened a report:

    commitment   a promise, an offer, a request, a proposal, an arrangement (“you take the calls”), an agreement
    report       anything else that is not merely asked: something that happened, or that is so

In doubt a sentence passes: the detectors decide what it says.
"""

import re
from collections.abc import Iterator

from evaluations.transcript import sentences

COMMITMENTS = frozenset(
    {
        *("says-who-does-what", "says-by-when", "sums-up", "agrees-to-look-again", "covers-the-hard-case"),
        *("says-what-they-want", "says-who-does-it", "says-what-they-ask-for"),
        *("says-what-they-will-do", "says-what-they-can-do", "says-what-will-change"),
        *("offers-another-way", "offers-options"),
    }
)
"""Keys of shipped behaviours about what is to come."""
SETTLED = frozenset({"says-who-does-what", "sums-up", "agrees-to-look-again", "says-who-does-it"})
"""Of these, what an English sentence must say outright, or set for a time (“You tonight, me on Monday at ten.”)."""
REPORTS = frozenset(
    {
        *("names-the-event", "says-the-effect", "quotes-words-or-figures", "gives-numbers-or-words"),
        *("gives-results", "says-what-they-did", "says-what-it-cost", "says-what-went-wrong", "acknowledges-effort"),
    }
)
"""Keys of shipped behaviours about what happened or is so."""

OWN = frozenset({"says-what-they-did", "says-what-will-change", "says-own-feeling", "speaks-for-themselves"})
"""Keys of shipped behaviours that speak of oneself: in English somebody says “I” or “we” before they say “you”."""
TO_THEIR_FACE = frozenset({"insults-or-mocks", "hits-back", "blames-back", "labels-the-person"})
"""Keys of shipped behaviours done to the other person: “he's funny” of somebody else is none of them."""
OWN_DEEDS = frozenset({"says-what-they-did", "says-what-will-change"})
ABOUT_WHAT_THEY_DO = frozenset({"guesses-the-motive", "asks-for-calm"})
YES = frozenset({"asks-for-a-yes", "asks-for-an-answer"})
"""Keys of shipped behaviours that ask for agreement to something: never to what was."""

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_PUTS_OFF = r"(?!.*\b(?:see|think|sure|know|depends)\b)"
_A_TIME = (
    r"(?:\d|end of|noon|\b(?:first|second|third|\w+th|two|three|four|six) (?:of|days?|weeks?|months?)\b|\b(?:january"
    r"|february|march|april|may|june|july|august|september|october|november|december"
    rf"|{_DAY})\b)"
)
_SET_FOR = re.compile(
    rf"{_A_TIME}|\b(?:today|tomorrow|tonight|yours|mine|\w+ (?:weeks?|days?) (?:from|out)"
    r"|(?:at|by|till|until|between|before) (?:\w+[- ])?(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"))\b",
    re.IGNORECASE,
)
_NOT_HELD_AGAINST = {
    # “End of August maybe?” proposes a day, “maybe ask Paul” is advice, “I've decided” speaks of oneself.
    "says-maybe": re.compile(
        rf"^{_PUTS_OFF}(?=.*\b(?:maybe|perhaps)\b).*{_A_TIME}.*\?$"
        r"|\b(?:maybe|perhaps) (?:ask|try|call|ring|talk to|write to|speak to|he|she|they|somebody|someone"
        r"|you (?:can|could)"
        r" (?:ask|try|call|ring|talk|write|speak))\b",
        re.IGNORECASE,
    ),
    "stays-vague": re.compile(
        r"^(?!.*(?:再说|再看|看看|想想|不知道|不一定)).*(?:大概|可能|也许|要不).*(?:[\d一二三四五六七八九十]|周|月|号|星期|礼拜).*[?？]$"
    ),
    "decides-alone": re.compile(
        r"\b(?:i(?:'ve| have)?|it(?:'s| is)) (?:already |really )?decided\b(?!.*\byou)"
        r"|\bi(?:'ve| have)? (?:already |really )?decided (?:that )?i(?:'d| want| need| would|'m| am| can't| won't)\b"
        r"|我(?:已经)?(?:决定|想好|想清楚)了(?!.*[你您])|^[好行成][，,].*定了"
        r"|^(?:[那行好哦唉哎][吧啊]?[，, ]?)*就?算了",
        re.IGNORECASE,
    ),
    # “It makes you sad that we decide over your head” understands.
    "uses-force": re.compile(r"^(?:and |but |so )?(?:it|that|this) (?:makes|made|hurts|upsets) you\b", re.IGNORECASE),
}
"""Shipped behaviours to avoid, and what only looks like them."""
_NO_HURRY = re.compile(r"(?:别|不用?|甭)(?:着?急|忙)|慢慢还")
"""“旧账你别急，等缓过来再说” gives the other person time; nothing is left open."""
_SELF = re.compile(
    r"\b(?:i|i'\w+|me|my|mine|myself|we|we'\w+|us|our|ours|ourselves|worried|sorry|ashamed|fault)\b", re.IGNORECASE
)
_YOU = re.compile(r"\b(?:you|you'\w+|your|yours|yourself|yourselves)\b", re.IGNORECASE)
_OF_A_THIRD = re.compile(r"^(?:(?:and|but|so|well|because),? )*(?:he|she|they)\b", re.IGNORECASE)
_YOU_FIRST = re.compile(r"^(?:\w+ |next time |from now on )?(?:you|you'\w+) (?!and i\b|and me\b)", re.IGNORECASE)
_MYSELF = re.compile(r"^(?:\w+ )?i(?:'ll| will|'m| am)? (?:did|do|stay|staying|keep|was|had)\b", re.IGNORECASE)
_ASKS_WHAT_WAS = re.compile(r"^(?:and |so )?(?:was|were|did|had|wasn't|didn't)\b", re.IGNORECASE)
PAST = {
    "en": re.compile(
        r"\b(?:was|were|wasn't|weren't|had|hadn't|did|didn't|been|became|began|blew|bought|broke|brought|built|came"
        r"|caught|chose|dealt|drew|drove|ate|fed|fell|felt|flew|forgot|fought|found|froze|gave|got|grew|heard|held|hid"
        r"|hung|kept|knew|laid|lay|led|left|lent|lost|made|meant|met|paid|ran|rang|rose|said|sang|sank|sat|saw|sent"
        r"|shook|shot|sold|slept|slid|spent|spoke|stole|stood|stuck|swam|swore|taught|threw|thought|told|took|tore"
        r"|understood|went|woke|won|wore|wrote|ago|yesterday|since then"
        rf"|last (?:week|month|year|time|night|spring|summer|autumn|winter|{_DAY})"
        r"|(?!(?:agr|ind|exc|proc|succ)eed|hundred|tired|worried|interested|supposed|scared|married|prepared|settled"
        r"|agreed|needed|allowed|booked up|shared?|need|speed|feed)[a-z]{2,}ed)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?<![好行算对罢为除定成])了(?!吧)|(?<![通超不经难])过(?![来去两几年后会分得])"
        r"|昨[天晚]|前[天年]|去年|上(?:周|个?月|次|回|个?星期|礼拜)|(?<!如果)(?<!要是)那[天次]|当时|刚[才刚]|已经"
    ),
}
_ACTION = (
    r"(?:ask|answer|bring|book|buy|call|change|check|clean|clear|close|collect|come|cook|cover|deliver|do"
    r"|drive|drop|find"
    r"|finish|fix|give|go|hand|handle|help|join|keep|leave|let|look|make|meet|move|open|organise|organize|pay|pick|play"
    r"|post|prepare|put|raise|read|ring|run|send|set|show|sign|sit|sleep|sort|speak|start|stay|stop|switch"
    r"|take|talk|tell"
    r"|test|text|train|try|use|visit|wait|walk|warn|wash|watch|work|write)"
)
_ACTS = (
    r"(?:asks|brings|books|buys|calls|changes|checks|cleans|collects|comes|cooks|covers|delivers|does|drives|finds"
    r"|finishes|fixes|gets|gives|goes|handles|has|helps|joins|keeps|leaves|looks|makes|meets|moves|opens|organi[sz]es"
    r"|pays|picks|prepares|puts|reads|rings|runs|sends|sets|shows|signs|sits|sorts|speaks|starts|stays|stops|switches"
    r"|takes|talks|tells|tests|tries|visits|waits|warns|watches|works|writes)"
)
_TALKS_ABOUT_TALKING = (
    r"(?! (?:just |only |also )?(?:be (?:honest|frank|blunt|open|quiet|brief|clear)|say (?:it|this|that|straight)"
    r"|never forget|admit|tell you (?:the truth|what i)|think|guess|start (?:with|by)|put it|explain|see\b))"
)
_COMMITS = {
    "en": re.compile(
        rf"(?:'ll|\bwill|\bshall|\bgoing to|\bgonna){_TALKS_ABOUT_TALKING}\b|\bwon't\b"
        r"|(?:\bwould|'d)(?: still| also| really)? (?:like|love|rather|prefer|want|need|be|help|say yes|do|take|come"
        r"|give|send|bring|you|that|it|we|ask|write|call|ring|tell|suggest|propose|have|go|start|mean)\b"
        r"|\b(?:can|could)\b(?! (?:see|hear|imagine|understand|feel|tell (?:that|you)|only say|hardly))"
        r"|\b(?:must|need(?:s)? to|ha(?:ve|s) (?:got )?to|ought to|should|let's|let us|let me|please|promise|deal"
        r"|agree[ds]?|settled|from now on|next time|how about|what about|what if|why don't we|either|instead|or else"
        r"|both of us|to sum up|sum up|repeat|recap|in short|as soon as|tomorrow|tonight|next (?:week|month|year|time"
        rf"|spring|summer|autumn|winter|{_DAY}))\b"
        r"|\b(?:i|we)(?:'m| am|'re| are|'d)? (?:also |just |now |only |really |both )?(?:want|need|ask|asking|expect"
        r"|expecting|propose|proposing"
        r"|suggest|suggesting|request|requesting|recommend|offer|offering|hope|hoping|insist|plan|planning|aim|argu\w+"
        r"|apply|applying|aiming|after|counting|happy to|glad to|willing|ready|prepared|free|able|available)\b"
        r"|\b(?:i'm|we're|you're|he's|she's|they're|i am|we are|you are) (?:not )?(?:just )?(?!feeling|saying|being|"
        r"getting|doing|having|telling|trying|thinking|going)\w{2,}ing\b"
        rf"|(?:'d|\b(?:id|ill|youll)) {_ACTION}\b"
        r"|(?:\b(?:is|are|am)|'s|'re|'m)(?: (?!been)\w+)*"
        rf" (?:{_DAY}|(?:on|at|by|from|till|until) (?:the )?(?:\w+th|first|second))\b"
        r"|\bin (?:a|two|three|four|six) (?:weeks?|months?|days?)\b|\bfrom (?:here|now) on\b"
        rf"|\bthe {_DAY} after\b"
        r"|\b(?:for|because) you\b|\bso that\b|\bif\b|\bunless\b|\bwhen(?:ever)? you\b|\bthe moment (?:you|a|it)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"会(?![议场])|(?<![主重需只必])(?<![问跟找][我你您他她])要(?![是求紧么])|可以|能不能|行不行|好不好|[行好成](?:吗|么|吧)|吧[。！？?]?$"
        r"|不用|甭|[点号]钟?前|(?<!特)别(?!人)|接着|明儿|交给|归|让[^，。]{1,4}[来接做弄上]|推给"
        r"|(?<!上)(?:周|礼拜|星期)[一二三四五六日天末](?![^，。]*[才过])|请|麻烦"
        r"|希望|想(?:请|让|要|申请|跟|先)|申请|负责|我来|[你您]来|下(?:周|次|回|个?月|个?星期|礼拜)|明[天早晚年]|后天|今[晚天]"
        r"|月底|以后|之后|之前|从[^，。]{1,8}(?:开始|起)|说好|约|那就|每(?:天|周|个?月|个?星期|次)|先|再|帮|陪|改成|就这么"
    ),
}
# Counts only where nothing of the clause is past.
_NAMES_A_DAY = re.compile(rf"\b(?:by|from|on|before|until|after|every) (?:the end|{_DAY})\b|\bit is\b", re.IGNORECASE)
"""Arranges something where nothing of the sentence is past: not in “the report on Friday, that came too late”."""
_HAVE_GOT = re.compile(r"(?:\b(?:have|has)|'ve|'s)(?: both| all)? got\b", re.IGNORECASE)
_ASIDE = re.compile(r"\b(?:who|how|whether|where|what)(?: \w+){1,4}", re.IGNORECASE)
"""Not what its sentence says: “everybody who clapped”, “how the reviews have been”."""
_ARRANGES = re.compile(
    rf"\b(?:i|you|we|they|\w+ and i)\s+(?:also |just |then |both |only |simply |myself |yourself |each )?(?:{_ACTION}"
    r"|get|have|decide|pull|push|share|split|turn|teach|learn|plan|set|sit|stick|say no|say yes|hold|hear|see each|let"
    rf"|think of|think about)\b|\b\w+ (?:\w+ )?{_ACTS}\b",
    re.IGNORECASE,
)
_TELLS_TO = re.compile(
    rf"^(?:(?:and|so|then|but|okay|ok|right|well|first|now|just|also|please|\w+,)\s+|(?:then )?you )*{_ACTION}\b"
    r"(?! (?:was|is|had))",
    re.IGNORECASE,
)
_HOW_IT_WENT = re.compile(
    r"\b(?:how|what|whether|if) (?:it|that|things|everything|he|she|they|you)(?:'ve| have)? \w+", re.IGNORECASE
)
_TO_COME_IN_CHINESE = re.compile(
    r"[明后]天|今晚|(?:^|[，。])以后|下(?:周|次|个?月|个?星期)|月底|从[^，。]{1,8}(?:开始|起)|要是|如果|万一|的话|能[。！]?$"
)
FEWEST_WORDS_REPORT = 4
"""“And Leo too.” reports nothing by itself."""
_JOINED = re.compile(r"and\b", re.IGNORECASE)
_SAME_IN_THE_PAST = re.compile(r"(?<=\w),? and (?:put|set|cut|let|read|hit|cost|hurt|shut|quit|split)\b", re.IGNORECASE)
_ASKED = {
    "en": re.compile(r"\?\s*[\"”’]?$"),
    "zh": re.compile(
        r"[?？][”」]?$|(?:[好行成]|可以)[吗么吧][。！]?$|请(?=[你您把给])|麻烦|希望[你您]|能不能|可不可以"
    ),
}
_CLAUSE = {
    "en": re.compile(r"[,;:]\s+|\s+(?=(?:and|but|so|because|then|or)\s)", re.IGNORECASE),
    "zh": re.compile(r"[，,；;、]"),
}


def may_show(key: str, piece: str, around: str, language: str) -> bool:
    """Whether a piece has the form that this behaviour needs; `around`: its whole sentences.

    A part of a report is a report, too: “until eleven at night” names no deadline in “Lena sat here until eleven”.
    """
    if key in _NOT_HELD_AGAINST and _NOT_HELD_AGAINST[key].search(plain(piece)):
        return False
    if key == "stays-vague" and _NO_HURRY.search(around):
        return False
    if key in COMMITMENTS and (is_past_only(piece, language) or is_past_only(around, language)):
        return False
    if key in SETTLED and language != "zh" and not (_SET_FOR.search(piece) or commits(piece, language)):
        return False
    if key in REPORTS and not reports(piece, language):
        return False
    return language == "zh" or _is_about(key, plain(piece))


def _is_about(key: str, english: str) -> bool:
    """Whether an English piece speaks of whom this behaviour speaks."""
    if key in OWN:
        return bool(_SELF.search(english)) and not (key in OWN_DEEDS and _YOU_FIRST.search(english))
    if key == "asserts-need-or-worth":
        return not _YOU_FIRST.search(english)
    if key in ABOUT_WHAT_THEY_DO and _MYSELF.search(english):
        return False
    if key in TO_THEIR_FACE and _OF_A_THIRD.search(english) and not _YOU.search(english):
        return False
    if key == "blames-for-own-feeling":
        return bool(_YOU.search(english))
    return not (key in YES and _ASKS_WHAT_WAS.search(english))


def is_past_only(text: str, language: str) -> bool:
    """Whether all of it is about the past and nothing to come; False in doubt."""
    spoken = known(language)
    told = _ASIDE.sub("", _HAVE_GOT.sub("have", plain(text)))
    past = PAST[spoken].search(told) or (spoken == "en" and _SAME_IN_THE_PAST.search(told))
    return bool(past) and not commits(text, language)


def commits(text: str, language: str) -> bool:
    """Whether any of its clauses proposes, promises, asks for, arranges or settles something."""
    spoken, before = known(language), True
    for sentence in sentences.of(plain(text)) or [plain(text)]:
        is_told = spoken == "en" and bool(PAST["en"].search(_HAVE_GOT.sub("have", sentence)))
        for clause in clauses(sentence, spoken):
            # “… and put the figures together” tells somebody to only after something that does.
            if clause_commits(clause, spoken, in_a_report=is_told) and (before or not _goes_on(clause)):
                return True
            before = clause.endswith((".", "!", "?"))
    return False


def reports(text: str, language: str) -> bool:
    """Whether any of its sentences says what happened or is so, and does not only ask or arrange."""
    spoken = known(language)
    return any(_reports(sentence, spoken) for sentence in sentences.of(plain(text)) or [text])


def clause_commits(clause: str, language: str, *, in_a_report: bool = False) -> bool:
    """`in_a_report`: something else in its sentence is past, so a day alone arranges nothing."""
    if _COMMITS[language].search(clause):
        return True
    if language != "en" or PAST["en"].search(clause):
        return False  # what happened on Friday is arranged no more
    if not in_a_report and _NAMES_A_DAY.search(clause):
        return True
    return bool(_ARRANGES.search(clause) or _TELLS_TO.search(clause))


def _goes_on(clause: str) -> bool:
    """Whether its verb, told to nobody by itself, depends on the clause before it."""
    return bool(_JOINED.match(clause) and _TELLS_TO.search(clause)) and not _COMMITS["en"].search(clause)


def _happened(sentence: str, language: str) -> bool:
    # “I'll ring you to hear how it went” reports nothing.
    return bool(PAST[language].search(_HOW_IT_WENT.sub("", sentence)))


def _reports(sentence: str, language: str) -> bool:
    if _happened(sentence, language):
        return True
    if _ASKED[language].search(sentence):
        return False
    if language == "zh":
        return not _TO_COME_IN_CHINESE.search(sentence)
    spoken = [clause for clause in clauses(sentence, language) if len(clause.split()) >= FEWEST_WORDS_REPORT]
    return any(not clause_commits(clause, language) for clause in spoken)


def clauses(text: str, language: str) -> Iterator[str]:
    for sentence in sentences.of(text) or [text]:
        yield from (clause.strip() for clause in _CLAUSE[language].split(sentence) if clause.strip())


def known(language: str) -> str:
    return language if language in PAST else "en"


def plain(text: str) -> str:
    return text.replace("’", "'").strip()
