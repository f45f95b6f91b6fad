"""Words that resemble a behaviour and are something else: a farewell, a consequence, a bare courtesy. Pure."""

import re

_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_SHORT_OF_IT = (
    r"^(?:[^，。]{0,3}[，, ])?(?:[你您]也?知道[，, ]?)?我?(?:们)?(?:最近|现在|这阵子|这段时间|这几天)?我?"
    r"(?:手头|日子|时间|家里|手里)?(?:也|真的?|有点儿?|有些|比较|挺|太)*(?:紧张?|忙|难|困难)(?:得很|着呢)?[。！]?$"
)
"""“我最近手头有点紧” only says that it is difficult: no kindness, and no way down for anybody."""
_LOOK_ALIKES = {
    # “How do you see it?” after a report asks for a view, and nothing about what they said.
    "follows-up": re.compile(
        r"^[^?]*\b(?:how do you see (?:it|this|that)|what(?:['’]s| is) your (?:view|side|take)"
        r"|what do you (?:think|make of it))(?: of (?:it|that|this))?\s*[?.]*$",
        re.IGNORECASE,
    ),
    # “That's not my fault.”
    "takes-responsibility": re.compile(
        r"(?:\bnot|n['’]t|\bnever|\bhardly)\b(?: \w+){0,2} (?:fault|mistake|problem|job)\b", re.IGNORECASE
    ),
    # “Why didn't I ask you earlier?”, “No, how could you?” of somebody who did not know.
    "accuses-by-asking": re.compile(
        r"^(?:no|of course not),? how could you\?$"
        r"|\bwhy (?:did|didn['’]t|don['’]t) i (?:ask|tell|see|notice|say|listen|call)\b",
        re.IGNORECASE,
    ),
    # “See you on Sunday”, “I'll ring the bank and ask what they need”.
    "brings-it-back": re.compile(
        r"\bsee you\b|\bbye\b|\btake care\b|\bgood ?night\b"
        r"|^(?!.*\bback to\b).*\bi(?:['’]ll| will) (?:ring|call|write|send|ask)\b",
        re.IGNORECASE,
    ),
    # “I don't want to take it away from you” asks for nothing, “I'd like to talk about my salary” only opens the talk.
    "says-what-they-want": re.compile(
        r"\b(?:i['’]d like|i would like|i want(?:ed)?|can i|could i|may i) (?:to )?(?:talk|speak|chat)\b(?!.*\band\b)"
        r"|^(?!.*\b(?:please|like|(?:can|could|would|will) you|i (?:want|need|ask)|i['’]m asking)\b)"
        r".*\bi don['’]?t want\b"
        # “Ten on weekdays and eleven on weekends?” offers.
        r"|^(?!.*\b(?:i|i['’]\w+|you|please|could|can|would|will|like|want|let['’]s|stop|give|make)\b).*\?$",
        re.IGNORECASE,
    ),
    # “Can I talk to you about Tuesday's presentation?” is no date.
    # The months of a late rent are none either, nor is the “now” of “What do you need most right now?”.
    "says-by-when": re.compile(
        r"^(?:(?:and|so|but|well|okay),? )?(?:what|how|who|where) (?:do|would|are|can|could) you\b.*\bnow\W*$|"
        r"\b(?:talk|speak|chat) (?:(?:to|with) you )?about\b|\babout (?:last |the )?\w+day\b"
        r"|\bwhen (?:can|could|would|will) i (?:get|have)\b"
        rf"|\b{_MONTH},?(?: and)? {_MONTH}\b",
        re.IGNORECASE,
    ),
    # “I can't promise the part, but I can bring you heaters” and “The reason was that Jonas led two” repeat nothing.
    **dict.fromkeys(
        ("says-it-back", "takes-it-up"),
        re.compile(
            r"^(?!.*\b(?:you said|you told|you mentioned|so you|you['’]re|you are|what you)\b)"
            r"(?:(?:and |but |so |well,? )?i(?:['’]ll| can(?:['’]t|not)?| could| will) "
            r"|.*\b(?:the (?:main |real |true |only )?reason (?:was|is))\b)",
            re.IGNORECASE,
        ),
    ),
    # “I know this hurts” is the other person's feeling.
    "says-own-feeling": re.compile(
        r"^(?!.*\b(?:me|my|i['’]m|i am|i was|i feel|i felt|we)\b)i (?:know|see|can see|understand|get|can imagine)\b",
        re.IGNORECASE,
    ),
    # “You talk with him tonight, and I'll talk with the boys” shares out work.
    "names-common-ground": re.compile(
        r"^(?!.*\b(?:both of us|you and i|we both|neither|same|just like|as well)\b).*\byou\b.*\band i(?:['’]ll"
        r"| will| \w+)\b",
        re.IGNORECASE,
    ),
    # “If we go live with a thousand, that's 25 people charged twice” is a consequence.
    "offers-another-way": re.compile(
        r"^(?!.*\b(?:could|can|let|instead|what if|how about|propose|suggest|start|only|first|give|try|test)\b)"
        r"(?:and |but |so |because )?if (?:we|you|it|they)\b.*\bthat(?:['’]s| is| would| means)\b",
        re.IGNORECASE,
    ),
    # “You hired me straight from training” thanks.
    "gives-the-true-reason": re.compile(
        r"^(?!.*\b(?:because|reason|why|not|want\w*|need\w*)\b)(?!.*n['’]t\b)(?:and |but )?you (?:\w+ed|drove|gave"
        r"|taught|took|were there) (?:me|us)\b",
        re.IGNORECASE,
    ),
    # “Do you have a minute?” and “Can we talk?” begin the talk; “您开心吗？”, as recognition writes “您看行吗？”, asks
    # how somebody feels.
    **dict.fromkeys(
        ("asks-for-a-yes", "asks-for-an-answer"),
        re.compile(
            r"\b(?:do you have|have you got|got|can you spare|can i have) (?:a|one|two|five|ten) (?:quick )?"
            r"(?:min(?:ute)?s?|sec(?:ond)?s?|moments?)\b"
            r"|\bcan (?:we|i) (?:talk|speak|chat|sit down|come in)\b|\bis (?:this|now) a good time\b"
            r"|(?:开心|高兴|生气|难过|舒服)(?:吗|么|不)[?？]?$",
            re.IGNORECASE,
        ),
    ),
    # “What would you need to rule out?” asks for knowledge.
    "asks-what-they-need": re.compile(
        r"\bneed to (?:rule|know|see|check|prove|decide|find out)\b|\bask what (?:they|he|she) needs?\b", re.IGNORECASE
    ),
    # “The launch is going great, I think” is nobody else's view.
    "states-the-other-view": re.compile(
        r"^(?!.*\b(?:you|your|yours|you['’]\w+|they|them|we|us|our|board|client|customers?|sales)\b)[^一-鿿]+$",
        re.IGNORECASE,
    ),
    # “There's no need to get emotional” leaves none.
    "leaves-room": re.compile(
        r"\bno (?:need|reason) to (?:cry|shout|(?:get|be) (?:so |all |that )?(?:\w+al|upset|dramatic|angry|sad))\b",
        re.IGNORECASE,
    ),
    # “Can you write to him and say who did it?” asks for a deed, not for a view; “Yeah hi, what's this now” greets.
    **dict.fromkeys(
        ("asks-how-they-see-it", "gives-the-other-room"),
        re.compile(
            r"^(?:(?:yeah|yes|hi|hey|hello|oh|ok|okay|so|well)\b[,.!]? ?)*what(?:['’]s| is) (?:this|it|up)(?: about)?"
            r"(?: now)?\W*$"
            r"|^(?:\w+,? )?(?:can|could|will|would) you (?:please |just )?(?:write|send|pay|email|ring|call|book|sign"
            r"|move|refer|bring)\b",
            re.IGNORECASE,
        ),
    ),
    # “Someone had to buy them, and it was you” thanks, “I get that you're the one who's left with it” understands.
    "blames-back": re.compile(
        r"\b(?:someone|somebody|one of us) (?:did|had to|was|has)\b.*\bit was you\b"
        r"|^(?:and |but |yeah,? |yes,? )?i (?:get|know|see|can see|understand|realise|realize|hear) (?:that )?you\b",
        re.IGNORECASE,
    ),
    # “You owe me money and you know it.”
    **dict.fromkeys(
        ("acknowledges-them", "takes-the-heat"),
        re.compile(r"\byou owe (?:me|us)\b|\band you know (?:it|that)\b", re.IGNORECASE),
    ),
    # “I'm not bringing any landlord into this”, “My last neighbour said the landlord would throw me out”.
    "uses-force": re.compile(
        r"\b(?:he|she|they|(?:my|our|his|her)(?: \w+)? (?:neighbou?r|mother|father|boss|landlord|friend|brother"
        r"|sister)) (?:said|told|threatened)\b"
        r"|\bi(?:['’]m| am) not (?:bringing|calling|getting|going to (?:call|get|bring|involve))\b",
        re.IGNORECASE,
    ),
    # “You don't write about the person under my watch any more” sets one rule.
    "generalises": re.compile(
        r"^(?!.*\b(?:always|never|ever|every\w*|each|all|whole|nobody|no[ -]?one|none|nothing|anything|anyone|single"
        r"|constant\w*|same|what(?:ever)?|whenever|times?|forever|typical\w*|usual\w*|again|weeks?|days?|only|half|most"
        r"|keeps?|like (?:you|that|this)|invariabl\w+|soul|since|literally"
        r"|once|things?|(?:\w*n['’]?t|not)(?: \w+)? (?:one|an?)|without)\b)[^一-鿿]+$",
        re.IGNORECASE,
    ),
    # “It wakes me up twice a week” matters to oneself.
    "says-why-it-matters-to-them": re.compile(
        r"^(?!.*\b(?:you|you['’]\w+|yours?|us|we|we['’]\w+|our|everybody|everyone|team|company|clients?|customers?"
        r"|guests?|hotels?|accounts?|renewals?|famil\w+|some(?:body|one)(?:['’]s)?|nobody|pays?|hundred|thousand|grand|quid"
        r"|per ?cent|board|house|department|practice|patients?|budget|others?|people|users?|costs?|saves?|sales"
        r"|shop|business)\b)[^一-鿿]+$",
        re.IGNORECASE,
    ),
    # “我知道您怕我没人照应，这次我还是不去” gives no reason.
    "gives-one-reason": re.compile(
        r"^(?!.*(?:因为|由于|得|要|已|工作|孩子|时间|钱|手头|忙|班|约|答应))[^。]*我知道[你您][^。]*(?:怕|担心|心疼|惦记)"
    ),
    # “You're the boss of the new office, congratulations” is glad with them.
    "insults-or-mocks": re.compile(
        r"^(?!.*\b(?:oh|wow|well done|brilliant|bravo|really|great)\b).*\bcongratulations\b", re.IGNORECASE
    ),
    # “No need to talk.” “I'll give you my number.”
    "asks-for-calm": re.compile(r"\bno need to (?:talk|answer|say|explain|decide|hurry)\b", re.IGNORECASE),
    "threatens": re.compile(
        r"\byou get (?:told off|blamed)\b|\bi(?:['’]d| would) (?:pass|hand) (?:on|over) my\b"
        r"|\bi(?:['’]ll| will) (?:give you my (?:number|key|notes)|help|lend|bring) ?",
        re.IGNORECASE,
    ),
    # “I'm not throwing you out” and “Be mad at me, whatever you need” strike nobody.
    "hits-back": re.compile(
        r"^(?:no,? |but )?i(?:'m| am) not \w+ing you\b(?! (?:off|any))"
        r"|\bbe (?:mad|angry|upset|furious) (?:at|with) me\b",
        re.IGNORECASE,
    ),
    # “What if I take the phone off you?” and “Then I can send you someone tonight” propose: nothing is agreed yet.
    "sums-up": re.compile(
        r"\b(?:what if|how about|what about|why don['’]t (?:we|you)|shall (?:i|we)|should (?:i|we)|do you want"
        r"|would it help|(?:would|could) you)\b[^.!]*\?"
        r"|^(?:(?:oh|ok|okay|well|right|and|so),?\.? )*(?:then|so),? (?:here(?:['’]s| is) what )?i (?:can|could"
        r"|might)\b(?!.*\band you\b)",
        re.IGNORECASE,
    ),
    **dict.fromkeys(("keeps-it-warm", "says-own-part"), re.compile(_SHORT_OF_IT)),
    # “医生说两岁前不看手机” is a rule, and led to nothing; “我想跟您商量一下” opens the talk.
    "says-the-effect": re.compile(r"(?:医生|专家|书上)[^，。]{0,2}说[^，。]{0,10}(?:不(?:看|给|能|要|吃|准)|少|应该)"),
    "offers-a-way-out": re.compile(rf"{_SHORT_OF_IT}|^[^，。]{{0,6}}想[跟和][您你]商量(?:一下)?[。，]?$"),
    # “你到底担心什么？” asks for the worry and names none.
    "says-the-worry": re.compile(r"(?:担心|怕|放不下|愁)(?:的)?(?:是)?(?:什么|啥)"),
    # “We call the bank on Monday” looks at nothing again.
    "agrees-to-look-again": re.compile(
        r"^(?!.*\b(?:again|how|whether|if|see|check\w*|review|look|try|you|us|each other|up|down"
        r"|in (?:a|two|three))\b).*\b(?:call|ring|talk|speak|meet)\b",
        re.IGNORECASE,
    ),
}
"""By the keys of the shipped behaviours."""
_OPENS_THE_TALK = re.compile(
    r"^(?:\w+[,.!]? ){0,4}?(?:do you have|have you got|got|(?:can|could) you spare|can i have|is (?:this|now)) "
    r"(?:(?:a|one|two|five|ten) )?(?:quick |good )?(?:min(?:ute)?s?|sec(?:ond)?s?|moments?|time)"
    r"(?: for me| to talk| now)?[?.!]?$"
    r"|^(?:[^，。？]{0,6}[，, ])?(?:您|你)?(?:现在)?(?:有空|有时间|方便)(?:吗|么)?[？?]?$",
    re.IGNORECASE,
)
"""“Hello, do you have a minute?” shows nothing of anything."""
_THANKS_FOR_EFFORT = frozenset({"affirms-first", "acknowledges-effort"})
_COURTESY = re.compile(r"^[^，,。！？]{0,4}(?:辛苦|谢谢|麻烦|不容易)[^，,。！？]{0,3}$")
_TURNS_TO_THE_MATTER = re.compile(r"可是|但是|不过|只是|就是|我想|说一下|说说|的事|谈")


def only_looks_like(key: str, text: str) -> bool:
    """Whether the piece resembles the shipped behaviour `key` without showing it."""
    if key in _THANKS_FOR_EFFORT:
        return _is_bare_courtesy(text)
    if _OPENS_THE_TALK.search(text.strip()):
        return True
    found = _LOOK_ALIKES.get(key)
    return found is not None and found.search(text.strip()) is not None


def _is_bare_courtesy(text: str) -> bool:
    """Whether a Chinese piece only says “辛苦了” and turns to the matter: it names nothing that anybody did."""
    clauses = [each.strip() for each in re.split(r"[，,。！？；]", text) if each.strip()]
    rest = [each for each in clauses if not _COURTESY.search(each) and len(each) > 2]
    return len(rest) < len(clauses) and all(_TURNS_TO_THE_MATTER.search(each) for each in rest)
