"""Words that resemble something to do and are beside it: a reason, a demand, a fragment, small talk. Pure.

Most of them stand in talks full of slips, where nearly every sentence is about the matter, so that meaning alone
praises too much. Patterns by the keys of the shipped behaviours; each is of a kind, with a line it was written for.
"""

import re

_OWN_FAULT = r"\bi should(?:['’]ve| have) (?:told|said|asked)\b"
_COUNTERS = (
    r"^(?:but|and|yeah,? and|well,?) you (?:had|have|got|did|could(?:['’]ve| have))\b|\bcounted against you\b"
    r"|\bnot on me\b|\byou did(?:n['’]t| not) even\b|\band you haven['’]t\b|\bi['’]d like to say\b"
)
_EXCUSED = r"\bwon['’]t (?:even )?let me\b|还没想好"
_FELT = (
    r"\b(?:feel\w*|felt|afraid|angry|ashamed|embarrass\w*|guilty|hurts?|heart|sad|scared|tears|upset|worr\w*|nervous"
    r"|sick|awful|terrible|bad)\b"
)
_ALIKE = {
    # “It makes me sick”, “I'm really sorry about the wedding”, “I can tell you're ashamed”.
    "says-own-feeling": (
        r"\bmakes me sick\b|\brotten of me\b|^i can (?:tell|see|hear) (?:that )?you\b"
        rf"|^(?!.*{_FELT}).*\bsorry (?:about|for)\b|^(?:look,? )?i was (?:so |really )?(?:stressed|busy|tired),? ok"
    ),
    # “I hear that this comes as a shock” speaks of the other person.
    "speaks-for-themselves": (
        r"^(?!.*\b(?:me|my|i['’]m|i am|i was|i feel|i felt|we)\b)i (?:know|can see|understand|get|hear|can imagine)\b"
    ),
    # “What counted against you is …”, “But you had a whole room of people”, “You could have moved the speech”.
    "says-it-back": rf"{_COUNTERS}|{_OWN_FAULT}",
    "takes-it-up": rf"{_COUNTERS}|{_OWN_FAULT}",
    "says-what-it-is-about": _OWN_FAULT,
    "lets-it-change-something": rf"{_COUNTERS}|^(?!.*\bi['’]ll\b).*{_OWN_FAULT}",
    # “Why did you come today, I'd really like to know.”
    "asks-what-it-was-like": r"^(?:and |so |but )?why\b",
    # “I'd like you to pay it back”, “You send me the first two hundred on Friday” are the other person's deeds.
    **dict.fromkeys(
        ("says-what-they-will-do", "says-what-they-can-do"),
        r"^(?!.*\b(?:i['’]ll|i will|i can|i could|we['’]ll|we can|we could|we will|let me|i['’]m happy)\b)"
        r".*\b(?:i['’]d like you to|i want you to|i know you|you (?:send|pay|give) me|i lent|on my own in)\b"
        r"|\bsee what i can do\b|\bsome(?:body|one) will (?:get back|call|ring)\b",
    ),
    # “I'd like you to pay it back”, “Let's go to the bank together on Monday.”
    "brings-it-back": (
        r"^(?!.*\b(?:back (?:to|on)|still|question)\b).*\b(?:pay|give|get|send|bring)\b[^.]*\bback\b"
        r"|^(?:then |so |and |okay,? )*let['’]s (?:go|open|ask|ring|call|do|try|start)\b"
    ),
    # “Maybe you could mention it to somebody sometime.”
    "says-who-does-it": r"\b(?:to|by) (?:somebody|someone)\b|\bsome ?time\b",
    # “What is it you need it for?”, “Do you know what time it was?”, “I'd honestly like to understand.”
    "asks-for-an-answer": (
        r"^(?:and |so |but )?(?:what (?:is|was|are|were|do you need|did)|why|how (?:did|do|was|come))\b[^.]*\?$"
        r"|\blike to understand\b|\bdo you know what\b"
    ),
    # “I've lost five kilos.”
    "gives-results": r"\blost (?:\w+ )?(?:kilos?|pounds|weight)\b",
    # “哪个不说您带得不对”, “你到底担心什么？”
    "checks-it": r"哪个不|谁不(?:知道|说)|到底[^，。]*(?:什么|啥)",
    # “宕机从九次降到两次” is a result.
    "names-the-event": r"^[^上昨前周]*从[^，。]{1,4}[次个件](?:降|压|减|涨)到[^，。]*$",
    # “Your boy?”, “and tell his boss?”
    "asks-for-a-yes": r"^(?:your|my|his|her) \w+\?$|^(?:and|or) (?:tell|ask|say)\b[^?]*\?$",
    # “Sit down”, “I feel guilty sitting here”, “maybe I stay”.
    "lets-it-land": r"^(?:so,? |please,? |right,? )*sit down\b(?!.*\b(?:moment|minute|time|quiet)\b)|\bguilty\b"
    r"|\bmaybe i\b",
    # “I need it quiet in here.”
    "leaves-room": r"\bi need (?:it|some) quiet\b",
    # “I went home pretty upset”, “He does it because he gets a kick out of it”, “it's only a feeling”.
    "takes-the-heat": (
        r"^(?!.*\b(?:you\w*|fair|right|enough|deserved?|understand\w*|hear\w*|sorry|true|fault|point|get (?:it|that)"
        r"|know (?:it|that|this)|must be|sounds?|a lot|hard|tough|awkward|shock|tell me|didn['’]t know)\b)[^一-鿿]+$"
    ),
    # “Sorry, no, we don't take it back”, “I'm sorry you're in this situation.”
    "takes-responsibility": r"\bsorry,? (?:but )?(?:no|we don['’]t|we can['’]t)\b"
    r"|\bsorry (?:that )?you(?:['’]re| are)\b",
    # “So, how was your weekend?”
    "invites-more": r"\bhow was your (?:weekend|holiday|trip|evening)\b",
    # “and I might be totally wrong”
    "says-they-differ": r"\bi (?:might|could|may) (?:well )?be (?:\w+ )?wrong\b",
    # “It's in the house rules, so you don't get a say” presses and excuses nothing.
    "makes-excuses": r"\bhouse rules\b",
    # “I get that it's awkward.”
    "apologises-for-asking": r"^(?:yeah,? |yes,? |and |but )?i (?:get|know|see|understand) (?:that )?it['’]?s? ",
    "acknowledges-them": r"^(?:yes,? |well,? )?i know you do\W*$",
    # “The till won't let me do it”, “周末啊，我还没想好”.
    "says-no-plainly": _EXCUSED,
    "repeats-it-calmly": _EXCUSED,
    # “Can you talk to him at home?” asks for a deed.
    **dict.fromkeys(
        ("asks-how-they-see-it", "gives-the-other-room"),
        r"^(?:\w+,? )?(?:can|could|will|would) you (?:please |just )?(?:talk|speak|keep|take|stop|make) (?:to "
        r"|with |it |this )",
    ),
}
_PATTERNS = {key: re.compile(each, re.IGNORECASE) for key, each in _ALIKE.items()}


def only_looks_like(key: str, text: str) -> bool:
    """Whether the piece is beside what the shipped behaviour `key` asks for."""
    found = _PATTERNS.get(key)
    return found is not None and found.search(text.strip()) is not None
