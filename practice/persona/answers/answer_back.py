"""Answers a statement the short way English speakers do: "I drive a bus." "Do you?" Pure.

It fits whatever was said, shows that it was heard and gives nothing away. Chinese has no such form.
"""

import re

_LEAD = r"^(?:(?:and|but|so|well|then|because|no|yes|yeah|oh|okay|ok|honestly|look|actually|anyway|now|just)[, ]+)*"
_SUBJECT = (
    r"(?P<who>i|you|he|she|they|we|it|that|this|there|somebody|someone|nobody|everybody|everyone|people|those|these)"
    r"(?: else)?"
)
_SAID = re.compile(
    rf"{_LEAD}{_SUBJECT}(?P<short>['’](?:m|re|s|ve|ll|d))?(?: (?:really|just|still|also|only|even|always|never"
    rf"|actually"
    r"|kind of|sort of|probably|definitely))* (?P<verb>[a-z]+(?:['’]t)?)(?: (?P<next>[a-z'’]+))?",
    re.IGNORECASE,
)
_BACK = {
    **dict.fromkeys(("somebody", "someone", "nobody", "everybody", "everyone", "people", "those", "these"), "they"),
    "that": "it",
    "this": "it",
    "i": "you",
    "you": "I",
}
_SHORT = {"re": "are", "ve": "have", "ll": "will"}
_AUXILIARIES = frozenset(
    {"am", "is", "are", "was", "were", "can", "could", "will", "would", "should", "must", "do", "does", "did", "might"}
)
_PERFECT = frozenset({"been", "got", "had", "done", "gone", "seen", "said", "made", "taken", "given", "known", "come"})
_PAST = re.compile(
    r"(?:had|went|said|told|saw|came|got|made|took|gave|found|left|lost|kept|knew|thought|felt|heard|met|bought"
    r"|brought|paid|sent|sold|spent|stood|sat|slept|spoke|drove|wrote|began|broke|chose|fell|forgot|held|hurt"
    r"|let|lent|led|meant|put|read|ran|rang|set|showed|shut|sang|sank|stole|taught|threw|understood|woke|won"
    r"|wore|built|caught|dealt|drank|ate|fought|grew|hid|rode|rose|shook|stuck|swore|tore)$"
)
_LEAST_WORDS = 3
_DOUBTED = re.compile(
    r"^(?:i['’]?m (?!\w+ing\b)|you must\b|i(?:['’]?d| would) (?:like|love|rather|prefer)\b"
    r"|i (?:really |do |just |can |also )*(?:mean|guess|suppose|swear|promise|hope|wish"
    r"|know|understand"
    r"|see|hear|love|like|appreciate|trust|respect|care|agree|get|remember|believe|feel|felt)\b"
    r"|(?:it|that|this)['’]?s? (?:is |was )?(?:\w+ )?(?:fine|okay|ok|fair|true|right|all right|alright|good"
    r"|nice|great|over"
    r"|important|serious)\b)",
    re.IGNORECASE,
)
"""To which the short question would doubt what was said kindly: "I'm on your side." "Are you?" """


def answer_back(sentence: str) -> str | None:
    """The short question; None if its subject or its verb is not plain.

    >>> answer_back("I saw the scratch on the car."), answer_back("You didn't do anything wrong.")
    ('Did you?', "Didn't I?")
    >>> answer_back("She's twenty-one."), answer_back("The tomatoes look good.")
    ('Is she?', None)
    """
    found = _SAID.match(sentence.strip())
    if found is None or sentence.rstrip().endswith("?") or len(re.findall(r"\w+", sentence)) < _LEAST_WORDS:
        return None
    said, short = found["who"].lower(), (found["short"] or "")[1:].lower()
    verb, following = found["verb"].lower().replace("’", "'"), (found["next"] or "").lower()
    who = _BACK.get(said, said)
    auxiliary = _auxiliary(said, short, verb, following)
    if auxiliary is None or _DOUBTED.search(sentence[found.start("who") :]) or following in ("know", "mean"):
        return None
    if said == "nobody" or re.search(rf"^.{{0,{found.end('verb')}}}\bnever\b", sentence, re.IGNORECASE):
        return None
    return _asked(_agreeing(auxiliary, who), who, negative=following == "not" or verb == "not" or "n't" in verb)


def _auxiliary(said: str, short: str, verb: str, following: str) -> str | None:
    """The auxiliary of the statement, or "do" or "did" if it has none."""
    if short == "m":
        return "am"
    if short == "s":
        return "has" if verb in _PERFECT else "is"
    if short == "d":
        return "had" if verb in _PERFECT or verb.endswith("ed") else "would"
    if short:
        return _SHORT[short]
    if verb in ("have", "has", "had") and (following in _PERFECT or following.endswith("ed") or following == "not"):
        return verb
    bare = verb.removesuffix("n't")
    if bare != verb:
        return {"ca": "can", "wo": "will"}.get(bare, bare)
    if verb in _AUXILIARIES:
        return verb
    if _PAST.match(verb) or (verb.endswith("ed") and verb not in ("need", "feed")):
        return "did"
    if said in ("he", "she", "it", "that", "this"):
        return "does" if verb.endswith("s") else None
    return "do" if said in ("i", "you", "we", "they", "people") else None


def _agreeing(auxiliary: str, who: str) -> str:
    """In the form that goes with who is asked."""
    if auxiliary in ("am", "is", "are"):
        return {"I": "am", "you": "are", "we": "are", "they": "are", "there": auxiliary}.get(who, "is")
    if auxiliary in ("was", "were"):
        return {"you": "were", "we": "were", "they": "were", "there": auxiliary}.get(who, "was")
    if auxiliary in ("has", "have"):
        return "has" if who in ("he", "she", "it") else "have"
    return auxiliary


def _asked(auxiliary: str, who: str, *, negative: bool) -> str:
    if not negative:
        return f"{auxiliary} {who}?".capitalize().replace(" i?", " I?")
    if who != "I":
        return "No?"  # "Aren't you?" would doubt it
    if auxiliary == "am":
        return "Am I not?"
    shortened = {"can": "can't", "will": "won't", "might": "might not"}.get(auxiliary, f"{auxiliary}n't")
    return f"{shortened} {who}?".capitalize().replace(" i?", " I?")
