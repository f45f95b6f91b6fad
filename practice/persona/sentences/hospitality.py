"""Offered drinks, seats and tissues, and invitations to come in, known by their words. Pure."""

import re

from practice.lifecycle import Language

_HOSPITALITY_EN = re.compile(
    r"\b(?:do|would|will) you (?:\w+ )?(?:want|like|need|take|have|care for)\b[^.?!]{0,20}\b(?:water|tea"
    r"|coffee|drink|glass|cup|tissue"
    r"|biscuit|cake|something to (?:eat|drink)|sit down|a seat|a chair)\b|\b(?:can|could|may|shall) i (?:get"
    r"|bring|offer|make|pour)"
    r" you\b|\bi(?:['’]ll| will| can)? (?:bring|get|make|pour|fetch) you (?:an?|some|another)\b|^(?:want"
    r"|fancy) (?:some|an?) \w+\?$",
    re.IGNORECASE,
)
_HOSPITALITY_ZH = re.compile(
    r"(?:要不要|想不想|来)(?:喝|吃|点|杯)?[^，。？]{0,3}(?:水|茶|咖啡|纸巾|凳子)|给[你您](?:倒|泡|拿|热|端)(?:点|杯|个|张)?|喝(?:点|口|杯)(?:水|热水|茶|牛奶)"
)


_INVITES_EN = re.compile(
    r"^(?:please |just |do |you can |you could )*(?:come (?:on |right )?in|sit (?:yourself )?(?:down|anywhere)"
    r"|(?:have|take|grab|pull up) (?:yourself )?a (?:seat|chair)|make yourself (?:at home|comfortable))\b(?!.*\?)",
    re.IGNORECASE,
)


def invites(sentence: str) -> bool:
    """Whether it asks somebody in, or to sit down.

    >>> invites("Come on in, you can leave the notebook shut."), invites("Sit any closer and I scream?")
    (True, False)
    """
    return _INVITES_EN.search(sentence) is not None


def offers_hospitality(sentence: str, language: str) -> bool:
    """Whether it offers something to drink, a seat or a tissue.

    >>> offers_hospitality("sit down you want some water or", "en"), offers_hospitality("Do you want some tea?", "en")
    (False, True)
    """
    return (_HOSPITALITY_ZH if language == Language.CHINESE else _HOSPITALITY_EN).search(sentence) is not None
