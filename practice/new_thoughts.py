"""Puts full stops where a new thought begins in a line that was typed or recognised without any. Pure.

Only where the words before could be a sentence, the words after are one, and neither depends on the other: “the money
i lent you”, “when you shout i feel small” and “i think we agree” stay whole.
"""

import re
from collections.abc import Sequence

FEWEST_BEFORE, FEWEST_AFTER = 3, 3
"""Words that a thought has at least, beside a question."""
REACH = 5
"""How many words back the “the” of a noun may stand, or the “which” of a question."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ASKED_OF_YOU = r"(?:can|could|will|would|do|did|are|have|were|shall)(?:n['’]?t)? (?:you|we|i)\b"
_OPENLY = (
    r"(?:what|how|when|where|why|who|which)(?: (?:else|long|much|many|often|exactly|\w+ly))?"
    r"(?:['’]s| (?:is|are|was|were|do|does|did|would|could|can|should|will|have|has|might)(?:n['’]?t)?)"
    r" (?:it|that|this|you|he|she|they|we|i|there|the|your|my|our)\b"
    r"|what (?:happened|made|makes|would|else|about|if)\b|how (?:come|about)\b|since when\b"
)
_AGREED = (
    r"(?:is|are|was|would|does|do|will) (?:that|this|it|you)(?: be)?"
    r" (?:all right|alright|okay|ok|fine|fair|good|enough|possible|a deal|a yes|work\b|suit|help|right|agree|how|what)"
)
ASKS = rf"(?:{_OPENLY}|{_AGREED}|{_ASKED_OF_YOU})"
_QUESTION = re.compile(rf"{ASKS}|which (?:of|one)\b|why on earth\b", re.IGNORECASE)
_TAG = re.compile(r"(?:who\b|[a-z'’]+ (?:you|i|we|it)(?: be honest)?$)", re.IGNORECASE)
"""No question of its own: “aren't you”, “who have it worse”."""
_QUESTION_WORDS = _listed("what how why when where who which whose")
_LEADS_TO_QUESTION = _QUESTION_WORDS | _listed(
    """
    so nor if than as that only know see and but or because about is of to me else long much many often not i in
    on for just wonder since they he she we ask asked tell say understand mind hear remember find explain never
    once neither
    """
)

_STATED = re.compile(
    r"(?:i|we)(?:['’]\w+)? \w"
    r"|(?:you|he|she|they|it|that|this|there)['’]\w+ \w|(?:you|they) (?:are|don['’]t|didn['’]t|can['’]t|won['’]t)\b"
    r"|(?:he|she|it|that|this|there) (?:is|was|has|had|would|will|isn['’]t|wasn['’]t|doesn['’]t)\b"
    r"|(?:it|that) (?:makes?|made|means?|meant|hurts?|takes?|took|wakes?|woke|costs?|goes|went|sounds?|felt)\b"
    r"|let['’]s \w|sorry (?:about|for|that|it['’]s|i)\b|thing is\b|me and \w+ (?:had|have|are|were|split)\b"
    r"|(?:look|listen|honestly|maybe|next time|so) (?:i|we|you|it|that)(?:['’]\w+)? \w"
    r"|maybe (?:the|my|your)\b|(?:my|your|his|her) \w+ (?:told|said|is|was|has|had|wants)\b",
    re.IGNORECASE,
)
_IS = re.compile(
    r"(?:(?:i['’]m|you['’]re|we['’]re)\b(?! (?:\w+ing|after|in|on|at|with|about|from|for|to|up)\b)"
    r"|(?:it|that|there)['’]s(?! (?:made|been|left|got)\b)|let['’]s|sorry|thing|look|listen|honestly|maybe|next)\b",
    re.IGNORECASE,
)
"""What hardly ever describes the noun before it, as “i lent you” does."""
_GOVERNS = _QUESTION_WORDS | _listed(
    """
    a about above across actually after afterwards again against all alone although always am an and any are
    around as asks asking at be because been before behind being believe believed below beside between but by
    can could did do does doubt down during each even ever every everything everywhere except fear fearing feel
    feeling feels felt figure find first for found from get gets glad guess had happy has have hear heard he
    hope hopes hoped hoping how however i if imagine in into is its know knew knowing last like make makes maybe
    mean means meant might moment more most must my near neither never next nor nothing of often oh once only or
    other our out over perhaps please pretend promised rather realise realised really reckon remember round said
    saw say saying says see seeing seem seems seen shall she should simply since so some something anything
    someone sometimes still such suppose sure swear tell telling than that the their then these thing things
    think thinking thought those though through till to too totally toward under understand unless until upon
    very was way we well were whatever whenever wherever whether while will wish wished with without wonder
    would yeah yes yet you scared afraid worried um uh like basically probably obviously today tomorrow
    yesterday tonight now noticed notice pretending wondering insist admit just one time forget forgot also
    anyway otherwise quote
    """
)
"""Words that a clause may depend on, or that lead one in."""
_TOLD = _listed(
    """
    tell told telling ask asked show showed promise promised give gave make made let trust
    """
)
_TOLD_TO = _listed("me us you him her them it")
_BEFORE_THAT = _listed("about for of with like to at do did after")
_DETERMINERS = _listed(
    """
    the that those these any every each all a an only last first some most no something anything everything
    """
)
_DEPENDS = re.compile(
    r"^(?:(?:and|but|so|well|because|or|ok|okay|yeah|no|yes),? )*(?:if|when|whenever|once|unless|while|since|after"
    r"|before|until|although|though|as|because|what|whatever|where|how|the more|every time|everything|all i"
    r"|given|in case|even if|next time)\b",
    re.IGNORECASE,
)
_HAS_VERB = re.compile(
    r"(?<!for )(?<!with )(?<!to )(?<!from )(?<!of )(?<!at )(?<!on )(?<!like )"
    r"\b(?:i|you|we|he|she|it|they|there)(?:['’]\w+)? \w"
    r"|(?:n['’]t|that['’]s)\b|\b(?:is|are|was|were|have|has|had|can|could|will|would|did|do|does|must|should)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(r"[,;:]? (?=(?:and|but|so|because) )")
_GAP = re.compile(r"(?<=\w) (?=\w)")
_ENDED = re.compile(r"[.!?…]\s+")
_PAUSED = re.compile(r"[.!?…,;:]")
_WORDS = re.compile(r"[\w'’-]+")


def stopped(text: str) -> str:
    """The line with a stop before each new thought.

    >>> stopped("that's too long for me i've got the car repair in december")
    "that's too long for me. i've got the car repair in december"
    >>> stopped("i need the money i lent you in march")
    'i need the money i lent you in march'
    """
    found: list[str] = []
    start = 0
    for gap in _GAP.finditer(text):
        if _begins(_ENDED.split(text[start : gap.start()])[-1], text[gap.end() :]):
            found.append(text[start : gap.start()])
            start = gap.end()
    return ". ".join([*found, text[start:]])


def _begins(before: str, after: str) -> bool:
    words = [word.lower().replace("’", "'") for word in _WORDS.findall(before)]
    return bool(words) and (_asks(words, after) or _states(before.strip(), words, after))


def _asks(words: Sequence[str], after: str) -> bool:
    if not _QUESTION.match(after) or _TAG.match(after) or words[-1] in _LEADS_TO_QUESTION:
        return False
    return not _QUESTION_WORDS.intersection(words[-4:])  # “which of those could you live with”


def _states(before: str, words: Sequence[str], after: str) -> bool:
    if len(words) < FEWEST_BEFORE or len(_WORDS.findall(_PAUSED.split(after)[0])) < FEWEST_AFTER:
        return False
    if not _STATED.match(after) or _DEPENDS.match(_JOINED.split(before)[-1]) or _leads_in(words):
        return False
    if not _HAS_VERB.search(before) or _QUESTION_WORDS.intersection(words[-3:]):
        return False
    return bool(_IS.match(after)) or not _DETERMINERS.intersection(words[-REACH:])


def _leads_in(words: Sequence[str]) -> bool:
    """Whether a clause after these words may depend on them."""
    last, before = words[-1], words[-2]
    if last == "that" and before in _BEFORE_THAT:
        return False
    if last in _TOLD_TO:
        return before in _TOLD or last == "you" and before in _GOVERNS
    return last in _GOVERNS or last.endswith(("ly", "'m", "'re", "'ll", "'ve"))
