"""Classifies what a sentence does: asks which, asks whether, requests something, tells about oneself. Pure.

A persona without an answer to what was said can still answer its kind: "I couldn't tell you" fits any "when?", but not
"give me the keys".
"""

import re
from functools import lru_cache
from typing import Literal

from practice.lifecycle import Language
from practice.persona.sentences.told_of_oneself import told_of_oneself

DialogueAct = Literal[
    "which",
    "quantity",
    "whether",
    "view",
    "wellbeing",
    "request",
    "pause",
    "confession",
    "feeling",
    "reason",
    "aboutMe",
    "aboutYou",
    "praise",
    "unfinished",
    "fragment",
    "statement",
]
"""`quantity` asks how much, how long or when; `view` for a judgement, a feeling or what comes next; `wellbeing` how
somebody or something is; `pause` for a moment. `unfinished` breaks off, `fragment` is no sentence."""
LINES_KEPT = 65_536
"""The lines of a full brief are asked about at every turn, so what is known of a line is remembered."""
QUESTIONS = frozenset({"which", "quantity", "whether", "view", "wellbeing"})

_REQUEST_EN = re.compile(
    r"^(?:please|can|could|would|will|may|might) (?:you|we|i|someone|somebody)\b|^(?:shall|should) (?:we|i)\b"
    r"|^let['’]?s\b|^(?:how|what) about\b|^why (?:don['’]t|not)\b|^what if (?:i|we)\b|^(?:have you )?got an?\b"
    r"|^i(?:['’]d like| would like| want| need)\b|^(?:you (?:have|need|must|should)|you['’]d better)\b"
    r"|^(?:please |just |do |don['’]t |never )*(?:give|let|stop|take|tell|look|come|go|put|ask|try|help|hold"
    r"|wait(?= (?:for|until|till|here|a)\b|[.!]*$)|call"
    r"|send|write|show|bring|leave|sit|get|talk|think|trust|say|listen|calm|forget|promise|imagine|speak|turn"
    r"|quit|be|keep"
    r"|make|move|pay|eat|have a)\b",
    re.IGNORECASE,
)
_WHICH_EN = re.compile(r"^(?:and |but |so |or )?(?:what|who|whose|whom|when|where|how|which|why)\b", re.IGNORECASE)
_RELATIVE_EN = re.compile(
    r"^(?:and |but |so )?(?:what|how|where|when|why|who) "
    r"(?:i|we|you|he|she|they|it|this|that|the(?! hell| heck)|my|our|your)\b(?! \w+ing\b)(?!.*\?)",
    re.IGNORECASE,
)
"""What I can do is this: no question."""
_TELLS_WHEN_EN = re.compile(
    r"^(?:and |but |so |or )?when (?!(?:do|does|did|is|are|was|were|will|would|can|could|shall|should|must|may|might"
    r"|have|has|had|exactly|else|about|then|next|again|\w+n['’]t)\b)\w+['’]?\w* \w+(?!.*\?)"
    r"|^(?:and |but |i mean )*(?:who does that|who kn[eo]ws?|what can (?:i say|you do))[.! ]*$",
    re.IGNORECASE,
)
"""So when Stefan left I took on both; who does that: no questions."""
_QUANTITY_EN = re.compile(
    r"^(?:and |but |so )?(?:for |since )?(?:how (?:much|many|long|often|far|soon)|when)\b(?! i\b)", re.IGNORECASE
)
_WHETHER_EN = re.compile(
    r"^(?:and |but |so |or )?(?:do|does|did|are|is|was|were|am|have|has|had|can|could|would|will|should|must|may)"
    r"(?:n['’]t)? (?!not\b|be\b)\S",
    re.IGNORECASE,
)
_IF_ASKS_EN = re.compile(
    r"^(?:and |but |so )?if [^,?]+, (?:what|how|who|when|where|why|would|could|can|does?|is|are|will) (?!i\b|we\b)\w+",
    re.IGNORECASE,
)
"""If it can't be money, what else could it be."""
_ABOUT_ME_EN = re.compile(r"^(?:and |but )?(?:i|i['’]\w+|my|we|we['’]\w+|our)\b(?! you)", re.IGNORECASE)
_ABOUT_YOU_EN = re.compile(r"^(?:and |but )?(?:you|you['’]\w+|your)\b", re.IGNORECASE)

_VIEW_EN = re.compile(
    r"^(?:and |but |so )?(?:do|did|would|will|can|could|don['’]t|wouldn['’]t) (?:you|we) (?:\w+ly |still |even "
    r"|ever )?"
    r"(?:think|feel|believe|forgive|trust|blame|regret|love|hate|miss|care|understand|agree|mind|want)\b"
    r"|\bif you were\b|\bin my (?:place|shoes|position)\b|\bwhat (?:would|will|do|did) you (?:do|say|want|think"
    r"|feel|make)\b"
    r"|^(?:and |but |so )?(?:would|could|might|should)(?:n['’]t)? (?:you|it|he|she|they|we|i|that)"
    r" (?:\w+ly |ever |still )?have (?:been|done|taken|gone|said|told|made|known|come|given|seen|got|had|kept|left|let"
    r"|paid|put|\w{3,}ed)\b"
    r"|^(?:and |but |so )?(?:am i|are we|were we|was i|should i|will we|can we still|do i)\b"
    r"|^(?:and |but |so )?how (?:do|did|would) you (?:see|find|feel|look at|view|take)\b"
    r"|^(?:and |but |so )?(?:what|where|how) (?:happens|next|else|now|does that leave|do we go|are we going"
    r"|should i|do i"
    r"|am i)\b"
    r"|^(?:and |but |so )?(?:are|were|is|was) (?:you|it|that|this) (?:\w+ly |so |still |too |not )?(?:scared"
    r"|afraid|okay|ok"
    r"|sure|mad|angry|upset|ashamed|serious|disappointed|jealous|proud|relieved|hurt|fair|true(?=[?.]*$)|enough|worth"
    r"|wrong|right"
    r"|too late|possible|all right|really over|over)\b",
    re.IGNORECASE,
)
_WELLBEING_EN = re.compile(
    r"^(?:and |but |so )?how(?:['’]s|['’]re| is| are| was| were|['’]ve (?:you|things) been(?=[?.]*$)| have (?:you"
    r"|things) been[?.]*$"
    r"| did (?:it|that|the \w+) go| (?:has|have) (?:your|the) \w+ been)\b(?!.*\b(?:see|find)\b)(?!.*\b(?:work out"
    r"|happen|possible|come"
    r"|end up|end|supposed|it feel|find out)\b)|^(?:did|have) you (?:sleep|slept|have a (?:good|nice)"
    r"|been (?:well|okay|busy))\b"
    r"|^(?:are|have) you (?:feeling|keeping|been sleeping)\b|^(?:good|nice|busy|long|rough) (?:day|weekend|week"
    r"|holiday|trip"
    r"|journey)\?$",
    re.IGNORECASE,
)
_PAUSE_EN = re.compile(
    r"^(?!.*\b(?:do you (?:want|need)|would you like|shall we)\b).*"
    r"(?<!for )(?<!down )(?<!here )\b(?:one|a|just a|half a) (?:quick )?(?:moment|minute|min|second|sec|mo)\b"
    r"(?! (?:ago|of your|late|later|to talk|for me|for this))"
    r"|^(?:just )?(?:hang|hold) on\b|\b(?:pause|take a break|catch my breath)\b|^wait\b(?! (?:for"
    r"|until|till|to|what|my|his|her|your|the|that|this|so|no|is|are|you)\b)"
    r"|\blet me (?:just |quickly |first )?(?:think|check|look|see|find|get|grab|write|note|turn|finish|answer)\b"
    r"|\bgive me (?:a|one|some|two) (?:moment|minutes?|seconds?|secs?|time)\b|\bbe right back\b",
    re.IGNORECASE,
)
_PRAISE_EN = re.compile(
    r"^(?:(?:oh|wow|mm|ooh|thanks|what an?|such an?|that(?:['’]s| is) an?|this is an?|really|very|so) )*"
    r"(?:nice|lovely|beautiful|cool|great|pretty|fancy|cute|delicious|gorgeous|neat|smart|funny|cosy) (?!(?:try"
    r"|one|of|to|job|work"
    r"|but|if|that|idea|point|question)\b)\w+(?: \w+){0,2}[.!?]*$",
    re.IGNORECASE,
)
_UNFINISHED_EN = re.compile(
    r"\b(?:and|but|or|because|so|the|an?|my|your|our|their|to|of|with|from|at|for|if|when|than|as|just|is"
    r"|was|are|were|i|we|they|you(?:['’]re)|i(?:['’]m|['’]ve|['’]d)|it(?:['’]s)|felt|feels|about|like)[.…,\- ]*$",
    re.IGNORECASE,
)
_ENDS_WHOLE_EN = re.compile(
    r"\b(?:think|thought|hope|guess|do|did|said|say|believe|suppose|know|if|it|ready|am|there|here|what|who"
    r"|where|how|you|me|than|talk|talking|this|that|wait|come|in|up|on) (?:so|i|we|they|is|was|are|were|you|about|for"
    r"|of|with|to|from|at|like|just|that|did|felt|feels)[.… ]*$|\b(?:what['’]?s (?:it|that) like|sounds? like)[.… ]*$",
    re.IGNORECASE,
)
_VERB_EN = re.compile(
    r"\b(?:i|you|he|she|we|they)(?:['’](?:m|re|ve|ll|d))?\b (?:\w+)|\w['’](?:s|re|ve|ll|m|d) \w+"
    r"|\b(?:is|are|was|were|am|have|has|had|do|does|did|can|could|will|would|should|must|may|might|got|get|gets"
    r"|go|goes|went|came|come|comes|know|knows|knew|said|says|told|want|wants|need|needs|take|took|make|makes|made|think"
    r"|feels?|felt|let"
    r"|call|called|works?|smells?|looks?|sounds?|seems?|costs?|broke|left|gave|gives?|put|lost|hurts?|means?"
    r"|keeps?|kept)\b"
    r"|\w{3,}(?:ed|n['’]t)\b",
    re.IGNORECASE,
)
FRAGMENT_WORDS, FRAGMENT_HAN = 4, 7
"""Something longer is a sentence, even without a verb that is known."""

_VIEW_ZH = re.compile(
    r"[你您](?:觉得|说|看|认为|怪|恨|怕|信|后悔|愿意|舍得|想不想|会不会|还(?:爱|生|怪|气))[^。]*[吗呢？?]|要是(?:你|您|换)|换(?:了|成)?[你您]"
    r"|如果[你您]是|^(?:那|所以)?(?:我|咱们?|我们)(?:该|应该|是不是|还|算|要不要|错|做错)|^(?:那|所以)?(?:接下来|然后|以后|现在)?(?:咋|怎么)办"
    r"|接下来(?:呢|怎)|^(?:那|然后)呢"
)
_WELLBEING_ZH = re.compile(
    r"(?:咋样|怎么样|怎样|好(?:点|些)?(?:了)?[吗没]|还(?:好|行|疼|忙|顺利)[吗不没]|忙[吗不]|累[吗不]|疼[吗不]|([疼忙累饿冷困])不\1|睡(?:得"
    r"|好|着)[^。]{0,3}[吗没]|吃(?:过|了)?饭?了?[没吗])"
    r"(?:了|啊|呀|呢)?[？?。]?$|^最近"
)
_PAUSE_ZH = re.compile(
    r"^(?:先)?(?:等(?:等|下|一下|一会儿?|会儿)|稍等|慢着|打住|停一下|缓缓|歇会儿)|(?:让|容)我(?:先)?(?:想|缓|看|查|找|喘|静)"
    r"|给我(?:一?点|几)(?:时间|分钟|秒)|我(?:先)?(?:看|查|找|接)(?:一下|下|个电话)|马上(?:就)?(?:回来|好)"
)
_PRAISE_ZH = re.compile(
    r"^(?:这|那|[你您](?:这|的)?)[^，。？?吗]{0,6}(?:真|挺|好|太|可真)(?:好看|好吃|好喝|漂亮|香|不错|亮堂|暖和|气派|精致|可爱|别致)(?:了|啊|呀|的)?[。！!]?$"
)
_UNFINISHED_ZH = re.compile(
    r"(?:就是|那个|这个|然后|但是|可是|因为|所以|不过|而且|如果|要是|的话|就|我想|我是|其实|主要|比如|还有|或者|我就是觉得|不太|有点儿?)"
    r"[，,。.…]*$"
)
_VERB_ZH = re.compile(r"[我你您他她它咱]|是|有|要|想|得|给|让|会|能|说|去|来|做|觉得|[了过着]")

_HOW_MANY_ZH = (
    r"(?:初几|(?<![好这那前])(?!(?<=过)几[天年日个周])(?!几[个件样句]\w{1,4}(?:想|要|得)[让请跟给])"
    r"几[点个号天岁年次杯页块楼回遍口本条家瓶位])|(?<![没有])多[大长高重远](?![点人要视])"
)
_LONG_NOT_ZH = r"(?:多少|好几|几)[年月天回次](?:都)?没"
"""多少年没吃着了: so long, and no question."""
_UNKNOWN_ZH = r"(?:不知道|不晓得|说不清|没想好)[^，。？]{0,8}(?:什么|啥|谁|怎么|咋|哪)"
"""我都不知道手往哪儿放: no question either."""
_QUANTITY_ZH = re.compile(rf"^(?!.*{_LONG_NOT_ZH}(?!.*[吗？?])).*(?:多少|多久|{_HOW_MANY_ZH}|什么时候|何时)")
_WHICH_ZH = re.compile(  # "我只想说这意味着什么。" asks nothing
    rf"^(?!我.*。$)(?!.*(?:{_LONG_NOT_ZH}|{_UNKNOWN_ZH})(?!.*[吗？?])).*(?:(?<!没)(?:什么|啥|谁|(?<!不)怎么|哪[里儿]?)(?![都也怕里儿])"
    rf"(?![一-鿿]?[一-鿿][都也][不没别])|凭什么|咋|干[嘛吗]|多少|多久|{_HOW_MANY_ZH}|何时)"
)
_WHETHER_ZH = re.compile(
    r"(?:吗|(?<!着)呢)\s*[？?。.]*$|[？?]\s*$|有没有|是否|真的假的|([一-鿿])不\1|(?:记得|知道|晓得|明白|懂)[不没][？?。]?$|[了过着得]吗|[过了来到]没[？?。.]*$"
    r"|(?:(?<!可)是|^[在去来要坐吃喝用叫先给])[^，。？]{1,9}还是[^，。？]{1,9}$|((?![大小我你您他她这那的不有就都也])[一-鿿])[^，。？]{0,5}还是\2[^，。？]{1,6}[呀啊呢]?[。]?$|[^，。？]{2,9}还是(?![不没算想觉得要会有很挺老])[^，。？]{1,8}[呀啊呢][。]?$"
)
_REQUEST_ZH = re.compile(
    r"能不能|可不可以|行不行|好不好|成不成|[可行好成]以?吗|要不[，,]?|不如|咱们?[一-鿿]{1,8}吧|^(?:请|麻烦|帮|让我|给我|别|快|先|你先|您先|你就|您就)"
    r"|[你您]得|我想(?:要|请|让)|我要"
)
_OFFERED_ZH = re.compile(r"能不能|行不行|好不好|可不可以")
_ABOUT_ME_ZH = re.compile(r"^(?:我|俺|咱)")
_ABOUT_YOU_ZH = re.compile(r"^[你您]")


@lru_cache(maxsize=LINES_KEPT)
def act(sentence: str, language: str) -> DialogueAct:
    """The kind of one sentence in plain words.

    >>> act("When is it due?", "en"), act("Give me the keys.", "en"), act("I live there.", "en"), act("你几点走", "zh")
    ('quantity', 'request', 'aboutMe', 'quantity')
    """
    sentence = sentence.strip()
    found: DialogueAct
    if language == Language.CHINESE:
        found = _chinese(sentence)
    elif _PAUSE_EN.search(sentence):
        found = "pause"
    elif _WELLBEING_EN.search(sentence):
        found = "wellbeing"
    elif _VIEW_EN.search(sentence):
        found = "view"
    elif _REQUEST_EN.search(sentence):
        found = "request"
    elif _QUANTITY_EN.search(sentence) and not _TELLS_WHEN_EN.search(sentence):
        found = "quantity"
    elif _asks_which(sentence):
        found = "which"
    elif _PRAISE_EN.search(sentence):
        found = "praise"
    elif _WHETHER_EN.search(sentence) or sentence.endswith(("?", "？")):
        found = "whether"
    elif (told := told_of_oneself(sentence, Language.ENGLISH)) is not None:
        found = told
    elif _UNFINISHED_EN.search(sentence) and not _ENDS_WHOLE_EN.search(sentence):
        found = "unfinished"
    elif _ABOUT_ME_EN.search(sentence):
        found = "aboutMe"
    elif _ABOUT_YOU_EN.search(sentence):
        found = "aboutYou"
    elif all(len(part.split()) <= FRAGMENT_WORDS for part in sentence.split(",")) and not _VERB_EN.search(sentence):
        found = "fragment"
    else:
        found = "statement"
    return found


@lru_cache(maxsize=LINES_KEPT)
def asks(sentence: str, language: str) -> bool:
    """Whether it has the form of a question, including a request phrased as one."""
    sentence = sentence.strip()
    if language == Language.CHINESE:
        return any(form.search(sentence) for form in (_WHETHER_ZH, _WHICH_ZH, _OFFERED_ZH))
    if sentence.endswith(("?", "？")) or _WHETHER_EN.search(sentence) or _IF_ASKS_EN.search(sentence):
        return True
    return _asks_which(sentence)


def _asks_which(sentence: str) -> bool:
    return bool(
        _WHICH_EN.search(sentence) and not _RELATIVE_EN.search(sentence) and not _TELLS_WHEN_EN.search(sentence)
    )


def _chinese(sentence: str) -> DialogueAct:  # noqa: PLR0911 - one kind after the other
    if _PAUSE_ZH.search(sentence):
        return "pause"
    if _WELLBEING_ZH.search(sentence):
        return "wellbeing"
    if _VIEW_ZH.search(sentence):
        return "view"
    if _REQUEST_ZH.search(sentence):
        return "request"
    if _QUANTITY_ZH.search(sentence):
        return "quantity"
    if _WHICH_ZH.search(sentence):
        return "which"
    if _WHETHER_ZH.search(sentence):
        return "whether"
    if (told := told_of_oneself(sentence, Language.CHINESE)) is not None:
        return told
    if _PRAISE_ZH.search(sentence):
        return "praise"
    if _UNFINISHED_ZH.search(sentence):
        return "unfinished"
    if _ABOUT_ME_ZH.search(sentence):
        return "aboutMe"
    if _ABOUT_YOU_ZH.search(sentence):
        return "aboutYou"
    short = len(re.findall(r"[\u4e00-\u9fff]", sentence)) <= FRAGMENT_HAN
    return "fragment" if short and not _VERB_ZH.search(sentence) else "statement"
