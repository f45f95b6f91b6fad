"""Strips fillers from spoken words and writes them as a sentence. Pure.

People say "uh", "like" and "you know", type without capitals and omit question marks; the example lines of a role brief
do not. Sentence vectors treat all of that as meaning, so both sides are compared in plain words.
"""

import re

from practice.lifecycle import Language
from practice.persona.sentences.dialogue_act import asks

_SPELLINGS = {
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "have to",
    "gimme": "give me",
    "lemme": "let me",
    "dunno": "don't know",
    "kinda": "a bit",
    "sorta": "a bit",
    "cuz": "because",
    "coz": "because",
    "thx": "thanks",
    "pls": "please",
    "plz": "please",
    "u": "you",
    "ur": "your",
    "im": "I'm",
    "ive": "I've",
    "dont": "don't",
    "cant": "can't",
    "wont": "won't",
    "didnt": "didn't",
    "doesnt": "doesn't",
    "isnt": "isn't",
    "wasnt": "wasn't",
    "thats": "that's",
    "whats": "what's",
    "youre": "you're",
}
_SPELLING = re.compile(rf"\b(?:{'|'.join(_SPELLINGS)})\b", re.IGNORECASE)
_SOUND_EN = (
    r"(?:u+h+m*|o{2,}h*|aw+|wo+w|u+m+|e+r+m*|e+h+|a+h+|h+m+|m+h+m*|u+gh+|phew|lol|(?:ha){2,}h?|(?:he){2,}|s+o{3,})"
)
_SOUNDS_EN = re.compile(rf"(?:^|(?<=[\s,]))[\s,]*\b{_SOUND_EN}\b[\s,.…]*", re.IGNORECASE)
_ASIDES_EN = re.compile(
    r",\s*(?:like|you know|i mean|i guess|i don['’]t know|how you say|whatever|you see)\s*(?=[,.?!]|$),?"
    r"|^(?:so |well |and )?(?:i mean|you know|you see|like)\b,?\s+(?!what\b|how\b|that\b|when\b)"
    r"|\s*,?\s*\bif (?:i (?:may|can) ask|you don['’]t mind (?:me |my )?asking)\b|\s*,?\s*\bby the way\b"
    r"|\s*,?\s*\b(?:or something|or what|or whatever|and stuff)\b(?=\s*(?:[,.?!]|$))"
    r"|(?<=\w), (?:do you know|can you say)(?=\?$)",
    re.IGNORECASE,
)
_LEADS_EN = re.compile(
    r"^(?:(?:so|well|basically|actually|anyway|yeah|ok|okay|look|listen|hey|oh|right|and|but|dude|bro|man"
    r"|mate)\b[\s,]+)+"
    r"(?=\S+\s+\S)",
    re.IGNORECASE,
)
_GREETED_EN = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: (?:there|again"
    r"|\w+)){0,3})[,!] +(?=\w[\w'’]* \w+ \w+)",
    re.IGNORECASE,
)
_STOPPED_EN = re.compile(
    r"^(?:hang on|hold on|wait)(?:,\s+(?=\w[\w'’]* \w+ \w+)|\s+(?=(?:who|what|why|where|how|which|when|is|are"
    r"|did|do)\b))",
    re.IGNORECASE,
)
_NAMED_EN = re.compile(
    r",?\s+(?:dude|bro|mate|man)(?=[.?!]*$)"
    r"|,\s+(?:dad|daddy|papa|mum|mom|grandpa|granny|honey|darling|love|sir|madam|ma['’]?am|miss|doc|doctor"
    r"|boss)(?=[.?!]*$)",
    re.IGNORECASE,
)
_CALLED_EN = re.compile(
    r"^(?!(?:and|but|so|or|well|if|that|not|which|what|how|when|where|why|who|whose|then|because|than|as|sorry|pardon|please)\b)"
    r"(?:(?:mrs?|ms|miss|dr|doctor)\.? )?[a-z]+,? +(?=(?:what|how|where|when|who|why)(?:['’]?s| (?:is|are|was|were|do"
    r"|did|does|would|could|long|much|many))\b|(?:can|could|may|would|will|do|did|have|are|were) (?:you|i|we)\b)",
    re.IGNORECASE,
)
"""A name before a question: "Sam how's the flat", "Mrs Adeyemi, are you at home?" """
_HONESTLY_EN = re.compile(r",?\s+(?:honestly|be honest|to be honest|tell me honestly)(?=[.?!]*$)", re.IGNORECASE)
_TWICE_EN = re.compile(r"\b(\w+)(?:,? \1\b)+", re.IGNORECASE)

_FILLERS_ZH = re.compile(
    r"^(?:(?:嗯+|呃+|额+|哎呀?|唉|哦+|啊+|那个|就是说?|这个|怎么说呢|我跟[你您]说|其实吧?|反正)(?:[，,、。…\s]+|(?=那个|就是)))+"
    r"|[，,]?(?:怎么说呢|[你您]知道吧)(?=[，,。…]|$)|…+"
)
_WISHES_TO_ASK_ZH = re.compile(
    r"^(?:所以|就|那)?我(?:就|只|是)?想(?:问问?|请教|了解|知道)(?:一下|下)?[您你]?[，,]?"
    r"(?=.{2,}(?:什么|怎么|咋|为啥|哪|谁|几|多少|吗|是不是|有没有|能不能|行不行))"
)
_CALLED_ZH = re.compile(
    r"^(?:妈妈?|爸爸?|哥|姐|婶|(?![我你他她您])[一-鿿]{1,2}(?:姐|哥|总|经理|老师|叔|姨))[，,\s]+|"
    r"(?:^|(?<=[，,。！？]))(?:妈妈?|爸爸?|哥|姐|婶|[一-鿿](?:经理|总|姐|哥|老师))(?=[你您])"
    r"|[，,](?:妈妈?|爸爸?|哥|姐|婶|(?![我你他她您])[一-鿿]{1,2}(?:经理|总|姐|哥|老师))(?=[，,。！？?!]|$)"
)
"""A form of address: 妈，您歇会儿; 那三万的事儿，哥你还记得不; 谢谢您，周经理。"""


def unaddressed(line: str) -> str:
    """Without a Chinese form of address, which sentence vectors take for the matter.

    >>> unaddressed("妈，您坐。"), unaddressed("哥，"), unaddressed("Mum, sit down.")
    ('您坐。', '哥，', 'Mum, sit down.')
    """
    return _CALLED_ZH.sub("", line) or line


HONESTLY_WORDS = 3
"""A longer sentence says something besides that it is meant honestly."""


def plain(sentence: str, language: str) -> str:
    """Empty if nothing but sounds was said. A properly written sentence keeps its "Well," and "But".

    >>> plain("uh so are you, like, mad at me", "en"), plain("um, er", "en"), plain("嗯……那个，我有点事", "zh")
    ('Are you mad at me?', '', '我有点事')
    >>> plain("june what is this", "en"), plain("What do you want?", "en")
    ('What is this?', 'What do you want?')
    >>> plain("WHERE WERE YOU?!", "en")
    'Where were you?!'
    """
    if language == Language.CHINESE:
        return _WISHES_TO_ASK_ZH.sub("", unaddressed(_FILLERS_ZH.sub("", sentence.strip()))).strip("，,、 ")
    text = sentence.strip()
    if text.isupper() and re.search(r"[A-Z]{2}.*[A-Z]{2}", text):
        text = text.lower()  # shouted or typed with the key held: capitals are no names
    text = _SPELLING.sub(lambda found: _SPELLINGS[found[0].lower()], text)
    text = _CALLED_EN.sub("", _STOPPED_EN.sub("", _GREETED_EN.sub("", text)))
    text = _HONESTLY_EN.sub("", text) if len(text.split()) > HONESTLY_WORDS else text
    written = text[:1].isupper() and text[-1:] in ".?!…" and not _SOUNDS_EN.search(text)
    for _ in range(2):
        text = _ASIDES_EN.sub(" ", _SOUNDS_EN.sub(" ", text)).strip(" ,")
        text = _NAMED_EN.sub("", text if written else _LEADS_EN.sub("", text))
    text = _TWICE_EN.sub(r"\1", " ".join(text.split())).replace(" ,", ",").replace(" ?", "?")
    if not re.search(r"\w", text):
        return ""
    if text[-1] not in ".?!…":
        text += "?" if asks(text, language) else "."
    return re.sub(r"\bi\b", "I", text[0].upper() + text[1:])
