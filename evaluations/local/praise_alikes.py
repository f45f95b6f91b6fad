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
        r"\bgot eyes\b"
        r"|^(?!.*\b(?:me|my|i['’]m|i am|i was|i feel|i felt|we)\b)i (?:know|can see|understand|get|hear|can imagine)\b"
    ),
    # “What counted against you is …”, “But you had a whole room of people”, “You could have moved the speech”.
    "says-it-back": rf"{_COUNTERS}|{_OWN_FAULT}",
    # “I know, I know. But nobody missed me” has heard nothing.
    "takes-it-up": rf"{_COUNTERS}|{_OWN_FAULT}|^(?:yes,? |yeah,? )*i know,? i know\W+but\b",
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
        r"|^(?:then |so |and |okay,? )*let['’]s (?:go(?! back)|open|ask|ring|call|do|try|start)\b"
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
    # “一年就这么几天” says how seldom something is, and nothing of anybody.
    **dict.fromkeys(
        ("affirms-first", "acknowledges-effort"),
        r"^(?!.*[您你妈爸哥姐叔姨爷奶]).*(?:就|才|只)(?:有)?(?:这么|那么)?[一两二三几][一两三]?[天次回趟][。，！]?$",
    ),
    # “宕机从九次降到两次” is a result.
    "names-the-event": r"^[^上昨前周]*从[^，。]{1,4}[次个件](?:降|压|减|涨)到[^，。]*$",
    # “Your boy?”, “and tell his boss?”
    "asks-for-a-yes": r"^(?:your|my|his|her) \w+\?$|^(?:and|or) (?:tell|ask|say)\b[^?]*\?$",
    # “Yeah, so, come in, sit down”, “I feel guilty sitting here”, “maybe I stay”.
    "lets-it-land": r"^(?!.*\b(?:moment|minute|time|quiet|breath\w*|wait|with you)\b).*\bsit down\W*$|\bguilty\b"
    r"|\bmaybe i\b",
    # “I need it quiet in here”, “You wouldn't have to ask.”
    "leaves-room": r"\bi need (?:it|some) quiet\b|\byou wouldn['’]t have to ask\b",
    # “I went home pretty upset”, “He does it because he gets a kick out of it”.
    "takes-the-heat": (
        r"^(?!.*\b(?:you\w*|fair|right|deserved?|understand|hear|sorry|true|fault|know)\b)(?:and |but |so |because )?"
        r"(?:i (?:went|was|felt|came|got|had|sat|need|want)|(?:he|she) (?:\w+s|did|was|had))\b"
    ),
    # “Sorry, no, we don't take it back”, “I'm sorry you're in this situation.”
    "takes-responsibility": r"\bsorry,? (?:but )?(?:no|we don['’]t|we can['’]t)\b"
    r"|\bsorry (?:that )?you(?:['’]re| are)\b",
    # “So, how was your weekend?”, “What do you prefer?”
    "invites-more": r"\bhow was your (?:weekend|holiday|trip|evening)\b"
    r"|^(?:so,? )?(?:which|what) (?:do|would) (?:you (?:prefer|rather)|help you more)\b",
    # “and I might be totally wrong”
    "says-they-differ": r"\bi (?:might|could|may) (?:well )?be (?:\w+ )?wrong\b",
    # “It's in the house rules, so you don't get a say” presses and excuses nothing.
    "makes-excuses": r"\bhouse rules\b",
    # “I get that it's awkward.”
    "apologises-for-asking": r"^(?:yeah,? |yes,? |and |but )?i (?:get|know|see|understand) (?:that )?it['’]?s? ",
    # “See, this is what I mean”, “I think you know what's coming”, “just so you know”.
    "acknowledges-them": r"^(?:yes,? |well,? )?i know you do\W*$|\bthis is what i mean\b"
    r"|\byou know what['’]?s coming\b|^(?:just )?so you know\W*$",
    # “The till won't let me do it”, “周末啊，我还没想好”, “I'd rather not, but”, “I don't complain”.
    "says-no-plainly": rf"{_EXCUSED}|\bi['’]d rather not,? but\b|\bi don['’]?t (?:care|complain)\b",
    # “I don't care about the money.”
    "gives-one-reason": r"\bi don['’]?t care\b",
    # “It's not you.”
    "says-it-plainly": r"^it['’]?s not you\W*$",
    # “I was fighting for you, believe me” honours oneself.
    "honours-the-other": r"\bi (?:was fighting|fought) for you\b",
    # “So there's two things I can think of.”
    "names-common-ground": r"^(?:so,? |well,? )*there(?:['’]s| are) (?:two|three|a few) things\b",
    # “if you were upset, but work was crazy”
    "names-their-feeling": r"\bif you (?:were|felt|are|feel) (?:\w+ )?(?:upset|hurt|offended|angry|sad)\b.*\bbut\b",
    # “急也轮不到我啊”, “我心里挺不是滋味的” take no part.
    "says-own-part": r"轮不到我|不是滋味",
    # “今天先这样” ends the talk.
    "says-by-when": r"今天(?:就)?先这样",
    # “then take till the end of January” offers.
    "sums-up": r"^then take\b",
    # Of things to avoid: “nobody can say; there's probably one in a year” is a fact,
    "consoles-cheaply": r"^(?!.*\byou(?:r|['’]\w+)?\b).*"
    r"\bthere(?:['’]s| is|['’]ll be| will be) probably (?:one|another)\b",
    # “You'll find somebody better” is a consolation, “I'll train whoever follows” an offer that can be kept,
    "promises-too-much": r"\byou['’]ll find\b|\bi['’]ll train\b",
    # “you couldn't even be upset, because …” is on their side,
    "argues-with-a-feeling": r"\bcould(?:n['’]t| not) even (?:be|feel|cry|show)\b",
    # “我平时光问他吃没吃，都没问过您一句” blames oneself.
    "generalises": r"^[^您你]*没(?:有)?(?:问|谢|陪|帮|关心|听|顾)[过上]?(?:过)?[您你]",
    "repeats-it-calmly": _EXCUSED,
    # “Can you talk to him at home?” asks for a deed.
    **dict.fromkeys(
        ("asks-how-they-see-it", "asks-for-their-view", "gives-the-other-room"),
        # “How are you really?”, “How long has he been like this?”, “And where were you?”, “Can you tell me when?”
        r"\bhow are you\b(?!.*\b(?:see|view|think|look)\b)"
        r"|^(?:and |so )?(?:how long has (?:he|she|it)|where were you|(?:can|could) you tell me when)\b"
        r"|^(?:\w+,? )?(?:can|could|will|would) you (?:please |just )?(?:talk|speak|keep|take|stop|make) (?:to "
        r"|with |it |this )",
    ),
}
_PATTERNS = {key: re.compile(each, re.IGNORECASE) for key, each in _ALIKE.items()}


def only_looks_like(key: str, text: str) -> bool:
    """Whether the piece is beside what the shipped behaviour `key` asks for."""
    found = _PATTERNS.get(key)
    return found is not None and found.search(text.strip()) is not None
