"""Whether hurtful words in a sentence are aimed at the listener and asserted. Pure.

"I'll shut up now", "nobody thinks you're stupid", 他让我闭嘴 and 这空调真垃圾 contain the words of an insult without
being one: they are about the speaker, about somebody or something else, or denied.
"""

import re

from practice.lifecycle import Language

_DENIED_EN = re.compile(
    r"\b(?:nobody|no one|no-one|none of us)\b[^.?!]{0,25}\b(?:thinks?|says?|said|calls?|calling|called|believes?"
    r"|blames?)\b"
    r"|\bi (?:really |do |still )*(?:love|adore|missed|miss) you\b(?!.*\bbut\b)"
    r"|\bcould(?:n['’]t| not) care less (?:what|when|how|where|if) you (?:do|play|wear|come|eat|cook)\b"
    r"|\b(?:fine|nice|good|great|beautiful|excellent|lovely|solid|brilliant|important|whole|single) piece of work\b"
    r"|\b(?:know|knew|realise|sorry|afraid|sad|see|hate|hated|when|that|how much) (?:that )?i (?:\w+ )?hurt you\b"
    r"|\b(?:it|this|that|which|what i)(?:['’]s| is| will|['’]ll| might| may|['’]ve| has)?(?: \w+){0,4} hurts? you\b"
    r"|\bnot (?:that|because) you(?:['’]re| are)\b"
    r"|\b(?:never|not|\w+n['’]t) (?:(?!make\b)\w+ ){0,3}(?:hate|hurt|harm|blame|threaten|insult|attack) you\b"
    r"|\byou never (?:let (?:me|us|her|him|them) down|did anything|once (?:let|complained)|complain)"
    r"|\bimpossible to (?:be )?(?:mad|angry|cross|dislike|hate)\b"
    r"|\bgive a (?:damn|shit|toss) about (?!you|your|what you)",
    re.IGNORECASE,
)
_SAID_OF_SELF_EN = re.compile(
    r"\b(?:i|we)(?:['’]ll| will| should| could|['’]d better| must|['’]m going to|['’]d)?"
    r"(?: just| really| have| better)* shut up\b|^shut up,? (?:really|no|seriously|no way)\b"
    r"|^(?:just |go on,? |please )*(?:blame|shout at|hit|hate) me\b|^give me a break, i\b"
    r"|\blazy (?:sunday|saturday|day|morning|afternoon|evening|weekend)\b"
    r"|\byou (?:look|sound) (?:\w+ )?(?:awful|terrible|tired|ill|exhausted|dreadful|rough|sick)\b",
    re.IGNORECASE,
)
_YOU_EN = re.compile(r"\b(?:you|your|yours|yourself)\b|['’]ya\b", re.IGNORECASE)
_NOT_OF_YOU_EN = re.compile(
    r"^(?:and |but |so |well |oh |sorry,? )*(?:i|i['’]\w+|my|it|it['’]s|that|that['’]s|this|there|the|a|an|we"
    r"|he|she|they)\b",
    re.IGNORECASE,
)
_DENIED_ZH = re.compile(
    r"(?:不会|不想|不是要|没想|没有|从没|没)(?:去|要|想)?(?:告|骂|害|骗|逼|怪|恨|打|怨|嫌)(?:过)?[你您]|敢不敢试试(?!看)|等着瞧瞧"
    r"|(?:笑|累|急|吓|忙|热|冷|饿|困|烦)死(?:我|了?[这那])|(?:倒|扔|丢)垃圾|垃圾(?:我|桶|袋|分类)|滚(?:水|烫|着呢|开水)"
    r"|(?:天气|流程|手续|事儿?|雨|电脑|系统|这[^你您，。]{1,4})(?:真|太|好)烦|[你您](?:日子|最近|这阵子)?也?不好过"
    r"|[你您]是不是(?:嫌|觉得|恨|怪)我|[你您]真(?:能干|厉害|辛苦|不容易)"
    r"|[你您]可?真行[啊呀]?[，,](?!还|又|就)|[你您]多(?:能干|厉害|了不起|聪明)啊?[，,](?:我|真的|一个人|这)"
    r"|^(?:哥|姐|妈|爸|那|行|好|嗯|[，,])*我等着[你您们]*[。！]?$|我(?:先|就|还是)?闭嘴|[你您]别后悔就行|不信[你您]看看"
)
_OF_OTHERS_ZH = re.compile(
    r"^(?:(?:可|但|那时|当时|其实|反正|现在)?(?:我|他|她|它|咱)|那(?!就|你|您)|这(?!种|号|人|就)|现在)"
)
_THREATENS_ZH = re.compile(r"^我(?:让|叫|会|要|就|告|跟|劝|警告|看|非)|瞧|后果|后悔|收拾")
_CLAUSE_ZH = re.compile(r"[^，,。！？!?；;]+")
_YOU_ZH = re.compile("[你您]")


def is_denied(sentence: str, language: str) -> bool:
    """Whether what could hurt is denied, or plainly said of the speaker or of things.

    >>> is_denied("Nobody thinks you're stupid.", "en"), is_denied("I'll shut up now.", "en")
    (True, True)
    >>> is_denied("You're stupid.", "en"), is_denied("我去倒垃圾", "zh")
    (False, True)
    """
    if language == Language.CHINESE:
        return _DENIED_ZH.search(sentence) is not None
    return _DENIED_EN.search(sentence) is not None or _SAID_OF_SELF_EN.search(sentence) is not None


def is_of_others(sentence: str, found: re.Match[str], language: str) -> bool:
    """Whether the Chinese clause with the hurtful words is about the speaker, somebody else or something.

    >>> import re
    >>> is_of_others("他让我闭嘴", re.search("闭嘴", "他让我闭嘴"), "zh")
    True
    """
    if language != Language.CHINESE:
        return False
    clause = next(each for each in _CLAUSE_ZH.finditer(sentence) if each.end() > found.start())[0]
    aimed = _YOU_ZH.search(clause) or _THREATENS_ZH.search(clause)
    return not aimed and _OF_OTHERS_ZH.search(clause.strip()) is not None


def may_be_aimed(sentence: str, language: str) -> bool:
    """Whether a sentence without a hurtful word could be meant for the listener.

    >>> may_be_aimed("I'm a terrible liar.", "en"), may_be_aimed("Your kind always wins.", "en")
    (False, True)
    """
    if language == Language.CHINESE:
        return _YOU_ZH.search(sentence) is not None or _OF_OTHERS_ZH.search(sentence) is None
    return _YOU_EN.search(sentence) is not None or _NOT_OF_YOU_EN.search(sentence) is None
