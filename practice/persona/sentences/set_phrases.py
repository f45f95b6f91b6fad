"""What people say in fixed words: goodbye, thanks, "say that again", "are you a robot?", "can we stop here?". Pure."""

import re
from collections.abc import Sequence
from typing import Literal

from practice.lifecycle import Language

_LEAD_EN = r"^(?:(?:ok|okay|well|right|cool|great|fine|perfect|good|so|anyway|all right|alright|yeah|yes)[,.! ]+)*"
_GOODBYE_EN = re.compile(
    rf"{_LEAD_EN}(?:good)?bye\b|\bsee you (?:later|soon|around|tomorrow|then|on|next|at"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b|\btake care\b"
    rf"|\bgood night\b"
    r"|\bhave a (?:good|nice|great|lovely) (?:day|one|evening|weekend|night|afternoon)\b"
    r"|\b(?:talk|speak) (?:to you )?(?:soon|later)\b"
    rf"|{_LEAD_EN}(?:i(?:['’]d better| have to|['’]ve got to| must|['’]ll| should)|(?:have|got) to) "
    r"(?:go|run|dash|be off|get (?:going|moving|off)|head off|let you (?:go|get (?:on|back)))\b"
    r"(?! to(?! it\b)| into| for| you| him| her| them| through| over| on with)",
    re.IGNORECASE,
)
_THANKS_EN = re.compile(rf"{_LEAD_EN}(?:thanks|thank you|cheers|many thanks)\b(?!,? but\b)", re.IGNORECASE)
_FOR_TALK_EN = re.compile(
    r"\b(?:thanks|thank you|cheers)\b[^.?!]*"
    r"\bfor (?:listening|hearing me|talking|(?:the|this|our) (?:little )?(?:talk|chat))\b",
    re.IGNORECASE,
)
_FOR_TALK_ZH = re.compile(r"(?:谢谢|多谢|感谢)[^。？]{0,3}(?:听我|陪我|跟我(?:聊|谈|说))")
_LEAD_ZH = r"^(?:[那好行嗯妈爸哥姐]|好的|好吧|那就|[，,])*"
_GOODBYE_ZH = re.compile(
    rf"{_LEAD_ZH}(?:再见|拜拜|晚安|慢走)|(?:回头|明天|下次|改天|下周)见|{_LEAD_ZH}我(?:就)?先?(?:走了|回去了|挂了|撤了|去睡了|去忙了)"
)
_THANKS_ZH = re.compile(rf"{_LEAD_ZH}(?:谢谢|多谢|谢了)|(?:谢谢|多谢)[^，,]{{0,4}}[。！!]?$")


_SERVES = re.compile(
    r"\bhow (?:can|may|could) i (?:help|assist|be of (?:help|service|assistance))(?: you)?"
    r"(?: today| now| with)?\b[^,]*[?.]$|\bwhat can i do for you\b"
    r"|\banything else (?:that )?i can (?:help|assist|do)\b|\bi(?:['’]m| am) here to (?:help|assist)\b"
    r"|\b(?:happy|glad) to (?:help|assist)\b|(?:有什么|还有什么)[^。？]{0,8}(?:可以|能|需要)[^。？]{0,4}(?:帮|为)"
    r"|为[你您](?:做些?什么|服务)|很高兴为",
    re.IGNORECASE,
)


ATTENTION_EN = (
    r"\b(?:got|have(?: you got)?|spare(?: me)?) (?:a|one|two|three|five|six|seven|ten|\d+|a few|some)"
    r"(?: quick| free)? (?:sec|second|moment|minute|min)s?\b"
    r"|\b(?:can|could|may) (?:i|we) (?:just |quickly |maybe )?(?:talk|speak|sit|come in"
    r"|have a (?:quick )?(?:word|talk|chat)|bother|borrow you|grab you|(?:ask|tell) you (?:something|a question))\b"
)
ATTENTION_ZH = (
    r"(?:有空|有时间|方便|得空)(?:吗|不|没|么)|(?:耽误|打扰|占用?)[你您]?(?:一下|一会儿?|两分钟|几分钟|点?时间)"
    r"|(?:能|可以)(?:跟|和|找)?[你您]?(?:说|聊|谈)(?:两句|几句|会儿|一下)?(?:吗|不)"
    r"|(?:能|可以|想)问[你您](?:一?个|点|件)(?:事|问题)"
)
_ATTENTION_EN = re.compile(ATTENTION_EN, re.IGNORECASE)
_ATTENTION_ZH = re.compile(ATTENTION_ZH)


def asks_for_attention(sentence: str, language: str) -> bool:
    """Whether it only asks to be listened to.

    >>> asks_for_attention("Hey Sam, got a sec?", "en"), asks_for_attention("Give me a second.", "en")
    (True, False)
    """
    return (_ATTENTION_ZH if language == Language.CHINESE else _ATTENTION_EN).search(sentence) is not None


def serves(sentence: str) -> bool:
    """Whether it is what assistants and call centres say.

    >>> serves("How can I help you today?"), serves("How can I make it easier for you?")
    (True, False)
    """
    return _SERVES.search(sentence.strip()) is not None


_AGAIN_EN = re.compile(
    r"^(?:sorry[, ]+)?(?:(?:can|could|would|will) you |please |just )*(?:say|tell me|run|repeat) (?:that|it"
    r"|this)(?: to me)? (?:again|once more|one more time)\b|\b(?:can|could|would) you repeat\b"
    r"|\b(?:did|could)(?:n['’]t| not) (?:quite )?(?:hear|catch|get) (?:that|you|what you|it)\b|^(?:sorry"
    r"|pardon),? (?:what|again|pardon)\b"
    r"|\bcome again\?|\bwhat (?:did|was it) (?:that )?you (?:just )?sa(?:y|id)\b(?! (?:to|about|when|if|after)\b)",
    re.IGNORECASE,
)
_AGAIN_ZH = re.compile(
    r"(?:再|重新?)(?:说|讲)(?:一)?[遍次]|没(?:太)?听(?:清|见|明白)|^(?:啊|嗯|什么|啥)[？?]$|[你您](?:刚(?:才)?)?说(?:的)?(?:啥|什么"
    r"|的什么)(?:来着)?[？?]?$"
    r"|什么来着"
)


def asks_again(sentence: str, language: str) -> bool:
    """Whether it asks to hear the last line once more.

    >>> asks_again("Could you say that again?", "en"), asks_again("Say that again and I'm leaving.", "en")
    (True, False)
    >>> asks_again("What did you say?", "en"), asks_again("What did you say to him?", "en")
    (True, False)
    """
    found = (_AGAIN_ZH if language == Language.CHINESE else _AGAIN_EN).search(sentence.strip())
    return found is not None and not re.search(r"\b(?:and|or) (?:i|you)\b|试试", sentence, re.IGNORECASE)


def parting(sentence: str, language: str) -> Literal["goodbye", "thanks", "thanks-for-talk"] | None:
    """Whether its words are a goodbye or thanks, and if so whether for the talk itself, which ends it.

    >>> parting("Okay, bye Sam, see you tomorrow.", "en"), parting("Cool, thanks a lot.", "en")
    ('goodbye', 'thanks')
    >>> parting("Anyway, thanks for listening.", "en")
    'thanks-for-talk'
    """
    chinese = language == Language.CHINESE
    if (_GOODBYE_ZH if chinese else _GOODBYE_EN).search(sentence.strip()):
        return "goodbye"
    if (_FOR_TALK_ZH if chinese else _FOR_TALK_EN).search(sentence):
        return "thanks-for-talk"
    return "thanks" if (_THANKS_ZH if chinese else _THANKS_EN).search(sentence.strip()) else None


_TOPIC_EN = re.compile(
    r"^(?:(?:well|so|no|it['’]s just|actually|listen)[, ]+)*(?:it(?:['’]s| is| was)|this is|that['’]s"
    r"|i(?:['’]m| am) here|i came|i(?:['’]d like| want(?:ed)?| need) to (?:talk|speak)(?: (?:to|with) you)?"
    r"|(?:can|could) we (?:talk|speak)"
    r"|let['’]?s (?:talk|speak)) (?:only |just |really |all )?about (?:the |my |your |our |that |this |a )?"
    r"(?P<topic>[\w'’-]+(?: [\w'’-]+)?)[.?!]*$",
    re.IGNORECASE,
)
_TOPIC_ZH = re.compile(
    r"^(?:就是|是|我)?(?:想)?(?:跟你|跟您|和你|和您)?(?:关于|谈谈|说说|聊聊)(?P<topic>[一-鿿]{2,4}?)(?:的事情?)?[。？]?$"
)
_ANY_TOPIC = re.compile(
    r"^(?:something|anything|everything|nothing|it|us|you|me|this|that|important|important things?|thing|time"
    r"|last|what"
    r"|how|why|getting|having|being)\b|^(?:这|那|一|个|点|你|我|咱)",
    re.IGNORECASE,
)
STEM = 4
"""Two words are the same topic if they begin alike by this many letters."""


def topic(sentence: str, language: str) -> str | None:
    """What a sentence names as its subject and says nothing more about.

    >>> topic("It's about the allotment.", "en"), topic("It's about something important.", "en")
    ('allotment', None)
    """
    found = (_TOPIC_ZH if language == Language.CHINESE else _TOPIC_EN).search(sentence.strip())
    return None if found is None or _ANY_TOPIC.search(found["topic"]) else found["topic"]


def names_topic(sentence: str, lines: Sequence[str], language: str) -> bool | None:
    """Whether the subject that the sentence names occurs in these lines; None if it names none.

    Sentence vectors take "It's about the allotment" for any "It's about the car".
    """
    named = topic(sentence, language)
    if named is None:
        return None
    text = " ".join(lines).casefold()
    if language == Language.CHINESE:
        return any(named[at : at + 2] in text for at in range(len(named) - 1))
    return any(re.search(rf"\b{re.escape(word[:STEM])}", text) for word in named.casefold().split() if len(word) > 2)


_LANGUAGE = re.compile(
    r"\b(?:speak|talk|do (?:this|it|that)|continue|switch|go on|say (?:it|that)|change"
    r"|use)\b[^.?!]{0,24}\b(?:german|deutsch|french"
    r"|spanish|italian|portuguese|turkish|polish|russian|arabic|chinese|mandarin|english|(?:my|another"
    r"|a different) language)\b"
    r"|\bauf deutsch\b|\ben (?:français|español)\b"
    r"|(?:说|讲|用|换)(?:成)?(?:英语|英文|中文|汉语|普通话|粤语|方言|法语|德语|日语)",
    re.IGNORECASE,
)


def wishes_language(text: str) -> bool:
    """Whether it wishes to speak another language.

    >>> wishes_language("Can we speak German for a bit?"), wishes_language("She speaks for the English team.")
    (True, False)
    """
    return _LANGUAGE.search(text) is not None


_STOP_EN = re.compile(
    r"\b(?:can|could|may|shall|should) (?:we|i) (?:please |just |maybe )*(?:stop|end|finish|leave it|take a break|quit"
    r"|(?:do|discuss|continue) (?:this|it|that) (?:tomorrow|another|some other|later|at another))\b"
    r"|\bi (?:really )?(?:can['’]?t|cannot|can not) (?:do|take) this\b(?! job| on\b| home| to\b)"
    r"|\bi (?:want|need|would like|['’]d like) to (?:stop|end)(?: (?:here|now|this|it|the talk"
    r"|the conversation))?[.!]*$"
    r"|^(?:ok |okay |oh |well |please |no )*(?:stop|forget (?:it|about it)|never ?mind|let['’]?s (?:stop"
    r"|leave it))\b[^?]{0,30}$",
    re.IGNORECASE,
)
_STOP_ZH = re.compile(
    r"^(?:那|哎|唉|行了?|好了?|[，,])*(?:算了|不说了|不聊了|不谈了|别说了|先不说|先这样|到此为止|停一?下吧)|(?:说|谈|聊|坚持)不下去|(?:改天|下次|明天|回头)再(?:说|聊"
    r"|谈)(?:吧|行吗|好吗|行不行)?[。？?]?$"
)


def wishes_stop(sentence: str, language: str) -> bool:
    """Whether it wishes to break the talk off, for now or for good, or takes back what was begun.

    >>> wishes_stop("Can we stop here, I don't feel well.", "en"), wishes_stop("Can you stop at ten?", "en")
    (True, False)
    """
    return (_STOP_ZH if language == Language.CHINESE else _STOP_EN).search(sentence.strip()) is not None


_IDENTITY = re.compile(
    r"\b(?:are|r) (?:you|u) (?:\w+ )?(?:an? |some kind of )?(?:real |actual )?(?:ai|a\.i\.|robot|bot|chat ?bot"
    r"|machine|computer"
    r"|program|chat ?gpt|language model|human being|real person|person|human)\b|\bam i (?:talking"
    r"|speaking) (?:to|with) an? \w+"
    r"|[你您]是不?是?(?:一个|个)?(?:真人|机器人?|人工智能|AI|电脑|程序|聊天)",
    re.IGNORECASE,
)


def asks_identity(sentence: str) -> bool:
    """Whether it asks if a machine is speaking.

    >>> asks_identity("are you actually an AI or is there somebody typing"), asks_identity("Are you a good driver?")
    (True, False)
    """
    return _IDENTITY.search(sentence) is not None


_MINE_EN = (
    r"(?:mother|father|mum|mom|dad|parents?|kids?|child|children|baby|son|daughter|wife|husband|partner"
    r"|girlfriend|boyfriend"
    r"|brother|sister|grand(?:ma|pa|mother|father)|nan|aunt|uncle|cat|dog|friend)"
)
_NEWS_EN = re.compile(
    rf"\bmy (?:\w+ )?{_MINE_EN}\b[^.?!]{{0,30}}\b(?:ill|sick|hospital|died|dead|dying|passed away|surgery"
    rf"|operation|fever|cancer|up all night"
    r"|accident|broke (?:his|her|their|my)|left me|not (?:well|doing well))\b"
    r"|\bi (?:\w+ )?(?:barely|hardly|did ?n['’]?t|did not|have ?n['’]?t|have not|couldn['’]?t|could not"
    r"|can['’]?t|cannot) (?:sleep|slept)\b"
    r"|\bi(?:['’]m| am|['’]ve been| have been| was) (?:\w+ )?(?:ill|sick|pregnant|unwell|in hospital"
    r"|burnt? out|going through a divorce"
    r"|not (?:feeling )?well)\b|\bi(?:['’]ve| have)? (?:got |have )?an? (?:burn-?out|migraine|fever|headache"
    r"|cold|panic attack)\b"
    r"|\bi (?:just )?(?:got|was) (?:fired|divorced|diagnosed)\b|\bmy (?:back|head|knee|stomach"
    r"|tooth) (?:is killing me|hurts|aches)\b"
    r"|\bi feel (?:\w+ )?(?:sick|ill|unwell|dizzy|not (?:so )?(?:well|good))\b",
    re.IGNORECASE,
)
_NEWS_ZH = re.compile(
    r"我(?:妈|爸|爷爷|奶奶|姥姥|姥爷|外婆|外公|老婆|老公|爱人|媳妇|孩子|儿子|女儿|闺女|家里人?)[^，。？]{0,8}(?:住院|病了|生病|发烧|去世|走了|摔|手术|不舒服)"
    r"|我[^，。？]{0,8}(?:失眠|一宿没睡|一晚上?没睡|没睡好|睡不着|挨骂|被骂|失业|裁员|离婚|住院|病了|发烧|头疼|胃疼|怀孕)"
)


def tells_own_news(sentence: str, language: str) -> bool:
    """Whether it tells of one's own sleep or health, or of bad news in one's family.

    >>> tells_own_news("my kid was up all night so if i sound grumpy its not you", "en")
    True
    >>> tells_own_news("My wife says I should go.", "en"), tells_own_news("我妈住院了", "zh")
    (False, True)
    """
    return (_NEWS_ZH if language == Language.CHINESE else _NEWS_EN).search(sentence) is not None


_BLAME_EN = re.compile(
    r"\b(?:because of me|(?:my|all my) (?:own )?(?:fault|mistake)|i (?:\w+ )?(?:hurt|let|left|failed"
    r"|disappointed|abandoned) you"
    r"|(?:that|this|it)(?:['’]s| is| was) (?:all )?on me|i was wrong|i should(?:n['’]t)? have)\b",
    re.IGNORECASE,
)
_BLAME_ZH = re.compile(r"(?:怪|怨)我|我(?:不对|错了|的错|伤了你|对不[起住])|因为我")


def takes_blame(sentence: str, language: str) -> bool:
    """Whether the speaker takes the blame: that blames nobody else, however often it says "you".

    >>> takes_blame("You stood there with no speech because of me.", "en"), takes_blame("You left me alone.", "en")
    (True, False)
    """
    return (_BLAME_ZH if language == Language.CHINESE else _BLAME_EN).search(sentence) is not None
