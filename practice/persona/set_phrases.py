"""What people say in fixed words: goodbye, thanks, "say that again", a call centre's greeting. Pure."""

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
    r"(?:go|run|dash|be off|get going|let you (?:go|get on))\b(?! to| into| for)",
    re.IGNORECASE,
)
_THANKS_EN = re.compile(rf"{_LEAD_EN}(?:thanks|thank you|cheers|many thanks)\b", re.IGNORECASE)
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


_ATTENTION_EN = re.compile(
    r"\b(?:got|have(?: you got)?|spare(?: me)?) (?:a|one|two|five)(?: quick| free)? (?:sec|second|moment|minute"
    r"|min)s?\b"
    r"|\b(?:can|could|may) (?:i|we) (?:just |quickly |maybe )?(?:talk|speak|sit|come in"
    r"|have a (?:quick )?(?:word|talk|chat)"
    r"|bother|borrow you|grab you|ask you something)\b",
    re.IGNORECASE,
)
_ATTENTION_ZH = re.compile(
    r"(?:有空|有时间|方便|得空)(?:吗|不|没|么)|(?:耽误|打扰|占用?)[你您]?(?:一下|一会儿?|两分钟|几分钟|点?时间)"
    r"|(?:能|可以)(?:跟|和|找)?[你您]?(?:说|聊|谈)(?:两句|几句|会儿|一下)?(?:吗|不)"
)


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
    r"|\bcome again\?|\bwhat (?:did|was it) (?:that )?you (?:just )?sa(?:y|id)\b",
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
    """
    found = (_AGAIN_ZH if language == Language.CHINESE else _AGAIN_EN).search(sentence.strip())
    return found is not None and not re.search(r"\b(?:and|or) (?:i|you)\b|试试", sentence, re.IGNORECASE)


def parting(sentence: str, language: str) -> Literal["goodbye", "thanks"] | None:
    """Whether its words are a goodbye or thanks at the end of a talk.

    >>> parting("Okay, bye Sam, see you tomorrow.", "en"), parting("Cool, thanks for the chat.", "en")
    ('goodbye', 'thanks')
    """
    chinese = language == Language.CHINESE
    if (_GOODBYE_ZH if chinese else _GOODBYE_EN).search(sentence.strip()):
        return "goodbye"
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
