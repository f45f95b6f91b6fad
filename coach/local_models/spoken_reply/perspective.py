"""Rewrites facts told to somebody ("you have led the team") in that person's own words ("I have led the team").

A small model that reads its part in the first person speaks from it; in the second person it mixes up who is who. Text
in quotation marks was said by somebody and is not changed.
"""

import re
from collections.abc import Callable

_QUOTED = re.compile(r"(“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』)")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b{told}\b", re.IGNORECASE), own)
    for told, own in (
        ("of you", "of us"),
        ("you are", "I am"),
        ("you were", "I was"),
        ("are you", "am I"),
        ("were you", "was I"),
        ("you['’]re", "I'm"),
        ("you['’]ve", "I've"),
        ("you['’]ll", "I'll"),
        ("you['’]d", "I'd"),
        ("yourself", "myself"),
        ("yours", "mine"),
        ("your", "my"),
    )
)
_NAMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b{told}\b", re.IGNORECASE), own)
    for told, own in (
        ("of you", "of them"),
        ("you are", "{name} is"),
        ("you were", "{name} was"),
        ("you have", "{name} has"),
        ("you do", "{name} does"),
        ("you['’]re", "{name} is"),
        ("you['’]ve", "{name} has"),
        ("you['’]ll", "{name} will"),
        ("you['’]d", "{name} would"),
        ("yourself", "{name}"),
        ("yours", "{name}'s"),
        ("your", "{name}'s"),
        ("you", "{name}"),
    )
)
_YOU = re.compile(r"\byou\b(?=(?P<after>\s*[.,;:!?)—–]|\s*$|\s+(?P<next>[\w'’]+)))", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEGINS_A_CLAUSE = _set(
    """
    that when if because and but what how where who whom which as than until while or so before after once since whether
    though although unless why whatever whenever moment time day way thing things
    """
)
_TAKES_AN_OBJECT = _set(
    "make makes made let lets help helps helped tell tells told give gives gave want wants keep keeps kept ask asks"
)
_FOLLOWS_AN_OBJECT = _set(
    """
    to and for with because when but on at about in a an the not as how that out back off by from again after before
    into through over up down what why if my his her their this these those twice once who or during without of later
    so very too more most every each all both some any one two three
    """
)


def in_own_words(text: str, language: str) -> str:
    """The text with "you" changed to "I"; in Chinese only the pronouns change."""
    return _outside_quotes(text, _chinese if language == "zh" else _english)


def about(text: str, name: str, language: str) -> str:
    """The text with "you" changed to `name`.

    "Your boss" told to Robin becomes Robin's boss. Plain verbs keep their form.
    """
    if language == "zh":
        return _outside_quotes(text, lambda part: part.replace("你们", "他们").replace("你", name))

    def change(part: str) -> str:
        for told, own in _NAMED:
            part = told.sub(own.format(name=name), part)
        return part

    return _outside_quotes(text, change)


def relation(text: str, name: str, language: str) -> str:
    """A role as seen by `name`: 你的母亲 told to 小雨 is 小雨的母亲."""
    return text.replace("你的", f"{name}的").replace("你", f"{name}的") if language == "zh" else about(text, name, "en")


def _outside_quotes(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if n % 2 else change(part) for n, part in enumerate(_QUOTED.split(text)))


def _chinese(text: str) -> str:
    return text.replace("你们", "我们").replace("你", "我").replace("您", "我")


def _english(text: str) -> str:
    for told, own in _WORDS:
        text = told.sub(own if own.startswith("I") else lambda found, own=own: _cased(found.group(), own), text)

    def pronoun(found: re.Match[str]) -> str:
        before = re.findall(r"[\w'’]+|[.!?;:,\n—–]", text[: found.start()])
        last = before[-1].lower() if before else "."
        if not last[0].isalnum() or last in _BEGINS_A_CLAUSE:
            return "I"
        if last in _TAKES_AN_OBJECT:
            return "me"
        following = found.group("next")
        return "me" if following is None or following.lower() in _FOLLOWS_AN_OBJECT else "I"

    return _YOU.sub(pronoun, text)


def _cased(found: str, own: str) -> str:
    return own.capitalize() if found[0].isupper() else own
