"""Writes a line as it would be printed, word for word: capitals, apostrophes, full stops and question marks. Pure.

People type “thats ok i guess”, and recognised speech is one long sentence. Only what no word depends on changes: the
words of the printed line are those of the original, in the same order.
"""

import re

from practice import new_thoughts

_CONTRACTED = {
    "im": "I'm",
    "ive": "I've",
    "youre": "you're",
    "youve": "you've",
    "youll": "you'll",
    "theyre": "they're",
    "theyve": "they've",
    "weve": "we've",
    "thats": "that's",
    "whats": "what's",
    "heres": "here's",
    "theres": "there's",
    "hes": "he's",
    "shes": "she's",
    "dont": "don't",
    "doesnt": "doesn't",
    "didnt": "didn't",
    "isnt": "isn't",
    "arent": "aren't",
    "wasnt": "wasn't",
    "werent": "weren't",
    "hasnt": "hasn't",
    "havent": "haven't",
    "hadnt": "hadn't",
    "couldnt": "couldn't",
    "wouldnt": "wouldn't",
    "shouldnt": "shouldn't",
    "cant": "can't",
    "wont": "won't",
}
_NO_APOSTROPHE = re.compile(rf"\b(?:{'|'.join(_CONTRACTED)})\b", re.IGNORECASE)
_ITS = re.compile(
    r"\b([Ii])ts(?= (?:a|an|the|not|too|so|just|only|about|been|my|your|really|very|all|over|fine|ok|okay|hard|still"
    r"|time|no|never|nothing|one|been going)\b)"
)
_MYSELF = re.compile(r"\bi(?=['’]|\b(?![.-]\w))")
_NAMED = re.compile(
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|april|june|july|august|september"
    r"|october|november|december)s?\b"
)
_BEGINS_AS_QUESTION = re.compile(
    rf"^(?:(?:and|so|but|well|okay|ok|um|uh|hm|no|yes|yeah|then|now|oh|wait),? )*(?:{new_thoughts.ASKS}"
    r"|(?:is|was|has|does|did) (?:he|she|it|that|there|this|everything|anything|somebody|someone)\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?…]+(?:[.!?…]+[”\"’']*(?=\s|$)|[.!?…]+|$)")
_HAN_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])")
_HAN_ASKS = re.compile(
    r"(?:[吗呢么]|(?:[好行是对]|可以|能|会|愿意|知道)不(?:[好行是对]|可以|能|会|愿意|知道)|怎么样|为什么|什么|多少|几点|怎么办)$"
)


def printed(line: str, language: str) -> str:
    """The line as it would be printed; unchanged where it is already.

    >>> printed("thats ok i guess what do you need", "en")
    "That's ok I guess. What do you need?"
    """
    if language == "zh":
        return _closed(_HAN_GAP.sub("，", line.strip()), "。", "？", bool(_HAN_ASKS.search(line.strip())))
    text = _NO_APOSTROPHE.sub(_apostrophe, line.strip())
    text = _ITS.sub(r"\1t's", text)
    text = _NAMED.sub(lambda found: found[0].capitalize(), _MYSELF.sub("I", text))
    return "".join(map(_sentence, _SENTENCE.findall(new_thoughts.stopped(text))))


def _apostrophe(found: re.Match[str]) -> str:
    word = _CONTRACTED[found[0].lower()]
    return word[0].upper() + word[1:] if found[0][0].isupper() else word


def _sentence(text: str) -> str:
    body = text.lstrip()
    if not body:
        return text
    before = text[: len(text) - len(body)]
    asks = bool(_BEGINS_AS_QUESTION.search(body))
    ended = body.rstrip()
    if asks and ended.endswith(".") and not ended.endswith(".."):
        body = ended[:-1] + "?"
    return before + _closed(body[0].upper() + body[1:], ".", "?", asks)


def _closed(text: str, stop: str, question: str, asks: bool) -> str:
    if text and (text[-1].isalnum() or text[-1] in "，,;；、 ") and len(text) > 1:
        return text.rstrip("，,;；、 ") + (question if asks else stop)
    return text
