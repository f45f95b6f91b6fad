"""Whether lines can answer what a question asks for: a time, a number, a name. Pure.

"What time is choir?" and "How was choir?" are about the same thing, so sentence vectors take them for one question.
A line without a time in it answers no "when", whatever else it is near to. Questions for what, how and whether may be
answered by anything, and so may those for a reason or a size.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from practice.lifecycle import Language
from practice.persona.sentences.asked_for import GROUPS_KEPT, AskedFor, all_asked_for
from practice.persona.sentences.dialogue_act import LINES_KEPT, asks

TIMED: frozenset[AskedFor] = frozenset({"when", "duration", "place", "count", "sum", "age", "person"})
"""A line that is only ever asked for by these says nothing about how something was."""

_NUMBER = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|hundred|thousand|half|couple|dozen|both|once|twice|few|none"
    r"|no|zero|every|all)"
)
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|spring|summer|autumn|winter|christmas|easter|new year"
)
_SPAN = (
    r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|weekends?|summers?|winters?|evenings?)"
)
_EN: Mapping[AskedFor, str] = {
    "when": rf"\b(?:{_DAY}|{_SPAN}|to(?:day|night|morrow)|yesterday|now|ago|since|last|next|soon|later|then|never"
    rf"|always|before|after|when|until|till|by|mornings?|afternoons?|noon|midnight|o['’]clock|half past"
    rf"|quarter (?:past|to)|\d+(?:st|nd|rd|th)|{_NUMBER} (?:past|to)|yet|early|late)\b"
    rf"|\b(?:at|from|around|about|in) {_NUMBER}\b",
    "duration": rf"\b{_NUMBER}\b.{{0,20}}\b{_SPAN}\b|\b(?:since|until|till|ages|long|forever|always|ever|a {_SPAN}"
    rf"|(?:years|months|weeks|days|hours|minutes))\b",
    "sum": rf"(?!\b(?:one|half|both|none|no|every|all)\b)\b{_NUMBER}\b|\d"
    r"|\b(?:money|free|nothing|cheap|expensive|price|costs?|paid|pay|much|little|lot|bank)\b",
    "count": rf"\b{_NUMBER}\b|\d|\b(?:nobody|many|several|most|lots?|nothing|just|only|often|seldom|sometimes|never"
    rf"|always|again)\b|ly\b",
    "age": rf"\b{_NUMBER}\b|\d|\b(?:old|young|born|age|birthday)\b",
    "place": r"\b(?:in|at|on|by|near|behind|beside|under|over|from|to|next|a?round|opposite|through|off|outside|inside"
    r"|into|down|up|here|there|home|(?:up|down)stairs|(?:some|no|every)where|street|road|town)\b",
    "person": r"\b(?:i|me|my|mine|myself|(?:no|every|some|any)(?:body|one)|no one|wife|husband|mother|father|mum|mom"
    r"|dad|brother|sister|son|daughter|boss|friends?|people|neighbours?|doctor|boys?|girls?|m[ae]n|wom[ae]n|colleagues?"
    r"|team|board|you|only|just (?:him|her|them|us))\b|(?<=[a-z,] )(?-i:[A-Z])[a-z]+",
}
_HAN_NUMBER = "[0-9一二三四五六七八九十百千万两半几俩仨]"
_ZH: Mapping[AskedFor, str] = {
    "when": rf"{_HAN_NUMBER}+[点号日月年天岁]|周[一二三四五六日天末]|星期|礼拜|[今明昨前后]天|[去今明前]年"
    r"|[上下这]个?[月周次回]|[早晚]上|[上中下]午|夜里|刚|以[前后]|从前|之[前后]|后来|时候|当时|现在|马上|[春夏秋冬]|过年"
    r"|初[一二三四五六七八九十]|那[年天]|没",
    "duration": rf"{_HAN_NUMBER}+[多来]?个?多?(?:年|月|天|小时|钟头|分钟|星期|礼拜|周|宿|夜|晚)|半个|半天|一直|[好很]久"
    r"|一会|一阵|起|辈子|整[天夜宿]|早就",
    "sum": rf"{_HAN_NUMBER}|钱|元|块|贵|便宜|免",
    "count": rf"{_HAN_NUMBER}|都|全|没|[好很]多|不少|每|常|老|天天|从来|总|就我",
    "age": rf"{_HAN_NUMBER}|岁|属|年",
    "place": r"在|从|到|去|上|里|外|边|楼|路|街|家|店|厂|城|县|市|省|镇|村|门|屋",
    "person": r"我|[你您]|咱|谁|人|爸|妈|哥|姐|弟|妹|叔|姨|姑|嫂|儿|女|孩|同事|领导|经理|总"
    r"|客户|小[一-鿿]|自己|大家|没",
}
_FORMS = {
    False: {kind: re.compile(form, re.IGNORECASE) for kind, form in _EN.items()},
    True: {kind: re.compile(form) for kind, form in _ZH.items()},
}


def can_answer(question: str, asked: Sequence[str], says: Sequence[str], language: str) -> bool:
    """Whether something that lines like `asked` call for, and that is answered by `says`, can answer a question.

    >>> can_answer("How old is she?", ["How is the baby?"], ["She's fine.", "Asleep, in a hat."], "en")
    False
    >>> can_answer("How old is she?", ["How is the baby?"], ["She's fine for eight months."], "en")
    True
    """
    wanted, kinds = all_asked_for(question, language), kinds_asked(tuple(asked), language)
    if wanted & kinds or wanted & {"other", "whether"}:
        return True
    if "verdict" in wanted:
        return not kinds or not kinds <= TIMED
    return any(could_answer(line, question, language) for line in says)


def could_answer(line: str, question: str, language: str) -> bool:
    """Whether a line has what the question asks for; what may be answered by anything, it has.

    >>> could_answer("She's asleep.", "How old is she?", "en"), could_answer("Eight months.", "How old is she?", "en")
    (False, True)
    """
    return _has_any(line, all_asked_for(question, language), language)


@lru_cache(maxsize=GROUPS_KEPT)
def kinds_asked(asked: tuple[str, ...], language: str) -> frozenset[AskedFor]:
    """Every kind of thing that those of these lines which ask are about."""
    return frozenset(kind for line in asked if asks(line, language) for kind in all_asked_for(line, language))


@lru_cache(maxsize=LINES_KEPT)
def _has_any(line: str, wanted: frozenset[AskedFor], language: str) -> bool:
    forms = _FORMS[language == Language.CHINESE]
    return any(kind not in forms or forms[kind].search(line) for kind in wanted)
