"""Patterns for what is done with a sentence, by language; `speech_acts.py` decides what follows from them."""

import re

_LOSS = (
    r"(?:out|fired|gone|finished|through|history|toast|off (?:the|this|my) \w+|done(?: here)?|sorry"
    r"|looking for (?:a|an|another) \w+)"
)
_PUNISHED = (
    rf"you(?:'re| are) {_LOSS}|you(?:'ll| will| can) (?:be {_LOSS}|regret|pay for|see what|wish|lose|look for|find"
    r" (?:yourself )?(?:a|an|another)|pack|clear|hear from|forget (?:it|about)|go\b(?! ahead)|leave)"
    r"|(?:i|we)(?:'ll| will|'m| am|'re| are going to| have)? ?(?:going to |gonna )?(?:report|sue|fire|sack|ruin"
    r"|destroy"
    r"|expose|evict|throw you|kick you|make you|tell (?:your|everybody|everyone|the)|telling (?:your|everybody"
    r"|everyone"
    r"|the|\w+ and)|call(?:ing)? (?:the|your|a lawyer|security)|find (?:somebody|someone)|get (?:somebody|someone)"
    r"|go to (?:the|your)|see you in court|walk(?:ing)? out|leav(?:e|ing) you)"
    r"|(?:we're|it's|this is|that's) (?:over|done|finished|through|the end)|heads will roll|that's it"
)
THREAT = {
    "en": re.compile(
        rf"\bor (?:else\b(?! (?:i|we) \w)|(?:{_PUNISHED})\b)"
        # “If …, I'll tell the client” and “if …, you can leave earlier” may be kind: fewer words count here.
        r"|\b(?:if|unless)\b[^.!?]{6,}\byou(?:(?:'re| are|'ll be| will be) (?:out|fired|history|toast)"
        r"|(?:'ll| will| can) (?:look for (?:a|an|another)|regret|pay for))\b"
        r"|\b(?:one|once) more\b(?! for)[^.!?]*\b(?:and|or|then)\b[^.!?]*\b(?:you|i|we|it)\b"
        r"|\bi(?:'ll| will|'m going to|'m|'d better) (?:ring|call|phone|calling|ringing) (?:your|the police|my lawyer"
        r"|a lawyer|the landlord)\b|(?<!not )\bthrow(?:ing)? you out\b"
        r"|\btell(?:ing)? every(?:body|one) (?:what|why|who|about)\b"
        r"|\bfor? (?:somebody|someone) who can\b|(?<!have to )\bfind (?:somebody|someone) who can\b"
        r"|\b(?:one|a single) word (?:about|of|to)\b[^.!?]*\b(?:and|or)\b"
        r"|\b(?:i'll|i will|i'm going to|we'll) (?:make (?:you|sure you) (?:pay|regret|suffer)|beat you|kill you"
        r"|break your)\b"
        r"|\b(?:last|final) (?:warning|chance)\b"
        r"|\b(?:do|say|try|touch|ask|call)\b[^.!?]*\bagain\b[^.!?]*"
        r"\b(?:you(?:'ll| will)|i(?:'ll| will|'m(?! sorry))|we're)\b"
        r"|\byou(?:'ll| will) (?:regret|pay for|be sorry)\b|\byou(?:'ve| have) been warned\b"
        r"|\byou(?:'d| had) better\b|(?<!we )(?<!to )\bwatch (?:it|yourself|your (?:back|step))\b|\bdon't (?:you dare"
        r"|make me)\b"
        r"|\byou(?:'re| are) fired\b|(?<! you to )\b(?:pack|clear) (?:out )?your (?:things|bags|desk|stuff)\b"
        r"|\bi(?:'ll| will|'m going to| am going to) (?:report|sue|ruin|destroy|hurt|expose|evict) you\b"
        r"|\bi(?:'ll| will) make (?:sure|your life|you)\b[^.!?]*\b(?:pay|regret|suffer|never|hell|sorry)\b"
        r"|\bi(?:'ll| will)(?! not) (?:put|throw|chuck) (?:you|(?:all )?your (?:stuff|things|bags)) (?:on the|out)\b"
        r"|\b(?:we|you)'ll see how (?:long|far|much) (?:you|that|your)\b"
        r"|\byou(?:'re| are) out on the (?:street|kerb|pavement)\b"
        r"|\bi(?:'m| am) (?:writing|going|taking (?:this|it)) (?:straight )?to"
        r" (?:personnel|hr|the (?:board|press|papers))\b"
        r"|\bi(?:'m| am) telling the (?:whole |entire )?(?:board|committee|office|team|boss)\b"
        r"|\bif (?:you|i) (?:don't|do not)\b[^.!?]*\bi(?:'m| am|'ll| will) (?:calling|call|ringing|getting"
        r"|leaving|telling)\b"
        r"|\bor i(?:'m| am| will|'ll) (?:getting|get|posting|post|telling|calling|call)\b"
        r"|\bthere(?:'ll| will) be consequences\b|\b(?:let's )?see how you like (?:it|that)\b|\bdon't say i didn't\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"要你好看|给我小心点|别怪我(?![爸妈们家])|(?:走着|等着)瞧|你(?:给我)?等着|要[你您]好看|饶不了|后果自负|给我(?:小心|滚|等着)|你试试看?|说到做到"
        r"|(?:再|要是|如果|敢|不然|否则|要不)[^。！？]{0,24}(?:走人|(?<!打)滚|开除|辞退|报警|起诉|法院|告[你您]|断绝|分手|离婚|别想"
        r"|别来|别做了|别认|抬不起头|不客气|没完|后悔|拉黑|曝光|赶[你您出]|回老家|卷铺盖)"
        r"|最后(?:一次)?(?:警告|机会)|让[你您][^，。]{0,8}(?:后悔|好看|抬不起头|吃不了)|跟[你您]没完"
        r"|不(?:加|涨|给|批|同意|答应|改)[^。！？]{0,12}(?:走人|辞职|不干|离职)|就(?:去总部|找大老板|递辞职信)"
    ),
}
MOCKERY = {
    "en": re.compile(
        r"^(?:oh|wow|ah|well|yeah|sure|right),? (?:how (?:\w+ )?(?:generous|sweet|noble|kind|nice|clever"
        r"|convenient|original)|what an? |isn't (?:that|he|she)|aren't you|bravo|brilliant|fantastic|wonderful|lovely"
        r"|charming|poor (?:you|thing|baby|little)|the great\b|great,)|\bbravo\b(?! for)|\bof the year\b"
        r"|\byour (?:highness|majesty)\b"
        r"|\bwhat a (?:genius|hero|surprise|saint|martyr)\b|\bhow (?:sweet|noble|generous|convenient) of you\b"
        r"|\b(?:boo[- ]?hoo|bla(?:h)?,? bla(?:h)?|yeah,? right|big surprise|my hero|slow clap|spare me)\b"
        r"|\bpoor (?:little )?(?:you|baby)\b|\bthanks for nothing\b"
        r"|\baren't you (?:clever|special|sweet|generous|funny)\b"
        r"|\bwell done,? (?:really|sherlock|genius|einstein)\b|\b(?:do )?you want a medal\b|\bcry me a river\b"
        r"|\bmake me laugh\b|\bstanding ovation\b|\blike a (?:dog with|broken record|stuck record|spoilt child)\b"
        r"|\bplay(?:ing)? the (?:\w+ )?(?:victim|martyr|saint|widow|hero|innocent)\b|\b(?:she|he) says,? from the\b"
        r"|^(?:oh,? )?please[,.!] (?!do|don't|sit|come|stay|take|go|let|tell|say|not|try|help|wait|listen"
        r"|and\b|it's|i\b|you\b)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"真有你的|可真[行会能]|你真(?:行|伟大|了不起)|(?:(?<![哎哦嗳])哟|啧啧)|好一个|佩服佩服"
        r"|(?:[你您真][^，。]{0,3}|^|[，。！])大(?:忙人|好人|老板|圣人|孝子)"
        r"|(?:别|少)来这套|装什么|演什么|[你您][^。]*笑死(?:我|人)|笑死(?:我|人)[^。]*[你您]|您?可真会|好大的(?:面子|口气)"
    ),
}
REPROACH = {
    "en": re.compile(
        r"\bhow (?:many times|dare you|could you)\b|\bwhat did you expect\b"
        r"|\bwhat(?:'s| is) wrong with you\b|\bthanks to you\b"
        r"|\byour (?:sulking|whining|moaning|nagging|tantrums?)\b|\bif you weren't so\b|\bkept your mouth shut\b"
        r"|\byou treat (?:me|us|this|it|him|her)\b[^.!?]*\blike\b|\bthe phone works (?:in )?both (?:directions|ways)\b"
        r"|\byou(?:'re| are) making (?:this|it|everything)\b[^.!?]*\b(?:hard|difficult|worse)\b"
        r"|\byou people\b|\bwhat the (?:hell|heck|fuck)\b|\bwhat were you thinking\b(?! (?:in|at|about|then))"
        r"|\bit (?:didn't"
        r"|never) occur(?:red)? to (?:a|you)\b"
        r"|\b(?:it's|it is|it was|that's|this is) (?:all |probably |just )?your (?:own )?(?:fault|doing|problem)\b"
        r"|\byou(?:'ve| have)? (?:probably |obviously |clearly |surely |must have |just )"
        r"(?:broke(?:n)?|caused|ruined|done) (?:it|this|that)\b"
        r"|\bwhat (?:do you want|is it)(?: from (?:us|me))? (?:now|this time|again)\b|\bwhat now\?",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"还好意思|多少[遍次回]了?|从来(?:不|没)(?:听|管|想|帮|把)|凭什么|就知道[^，。]{0,6}(?:钱|自己)"
        r"|(?<!不)是?[您你]们?自己(?:的错|的问题|弄坏|活该|找的)|[您你]到底(?:还)?想(?:怎么样|干什么|干嘛)|又(?:怎么了|想干嘛)[？?]|活该"
    ),
}
NOT_MEANT_TO_HURT = re.compile(
    r"\b(?:feel\w*|felt|scared|afraid|hurt|best|great|said|i(?:'ll| will)? shut up)\b|(?:难过|委屈|害怕|心疼|担心)",
    re.IGNORECASE,
)
"""Words beside which hostile ones name a feeling, praise, quote or speak of oneself."""
_SAYS = (
    r"(?:said|say|told (?:me|us|him|her|them|everyone|everybody)|tell (?:me|us)|wrote|texted|answered|replied"
    r"|shouted|swore|promised(?: me| us)?|claimed|(?:keep|kept) (?:saying|telling (?:me|us)))"
)
REPEATS = {
    "en": re.compile(
        rf"\byou(?:'ve| have|'d| had)?(?: \w+ly| always| never| once| just| also| even"
        rf"| only)?(?: \w+ed and)? {_SAYS}\b"
        r"(?: (?:on|last|this|at|in|before|yesterday|again)\b(?: \w+){0,2}(?=,|:| that\b))?"
        r"|\b(?:he|she|they|who|and|(?:my|your|his|her|our|the) \w+|(?-i:[A-Z])\w+)(?<!\bI)(?<!\bIt)(?<!form)"
        r"(?<!everybody)(?<!Everybody)"
        r"(?<!everyone)(?<!Everyone)(?<!people)(?<!People)(?<!You) (?:just |then |also |even )?"
        r"(?:said|says|told (?:me|us|him|her|them)|shouted|wrote|texted)\b"
        r"|\byour (?:exact |very |own )?(?:words|sentence|answer|motto|line|message|mail|note|text)"
        r" (?:was|were|is|said|says|read)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[你您](?!们?(?:别|不要|要|可以|能|就|来|给我|慢慢|接着|先|再|跟我|倒是|听我)?说)[^，。！？]{0,8}?"
        r"(?:说(?!话|服|清)|讲|写|答应|保证|发誓|拍着胸脯)(?:的是|过|了|好)?"
        r"|[你您]的(?:原话|话)(?:是|就是)"
    ),
}
RESUMES = {
    "en": re.compile(
        r"[,;]? (?:and|but|yet|so|then) (?:(?:now|then|still|here|in fact|actually),? )?(?:you(?!'d| would|'ll| will)"
        r"|nothing|it (?:never|didn't|wasn't)|that (?:was|never)|i (?:believed|waited|had|sat)|look)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[，,]?(?:结果|可是|可[你您]|但|却|还不是|到现在|到头来|哪次|注意到哪|呢[？?])"),
}
OWN_FEELING = {
    "en": re.compile(
        r"\bi(?:'m| am| was| were| felt| feel| got| get)\b(?: \w+){0,2}"
        r" (?:afraid(?! (?:is|it|there|that's|so|not)\b)|angry|annoyed|ashamed|betrayed"
        r"|embarrassed"
        r"|disappointed|exhausted|frightened|frustrated|guilty|helpless|humiliated|hurt|left out|lonely|nervous"
        r"|overwhelmed"
        r"|sad|scared|shocked|stressed|tired|uneasy|upset|worried)\b"
        r"|\bi (?:felt|feel)\b(?: \w+){0,2} (?:awful|bad|foolish|lost|mad|silly|small|stupid|terrible)\b"
        r"|\b(?:hurt|hurts|bothers|bothered|worries|worried|stung|stings) me\b"
        r"|\b(?:makes?|made|leaves?|left) me feel\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"我[^，。！？]{0,8}(?:难过|难受|伤心|委屈|丢脸|难堪|尴尬|没面子|不是滋味|失落|失望|着急|担心|害怕|心疼|心酸|内疚|不安"
        r"|不舒服|堵得慌|紧张|心寒|抬不起头)|让我[^，。]{0,4}(?:难过|难受|丢脸|难堪|尴尬|没面子)"
    ),
}
KIND = {
    "en": re.compile(
        r"\b(?:thank(?:s| you)(?! for nothing)|welcome|grateful|appreciate|so kind|kind of you|so good to|glad you"
        r"|lucky to have|i know you care about|saves? (?:us|me|the day)|i (?:value|respect|admire)|good at"
        r"|never (?:once )?(?:complain\w*|let (?:me|us) (?:down|feel)|gave up|said no)|like (?:nobody|no one) else"
        r"|always (?:picked up|been (?:there|kind|good|fair)|there for|help\w*|kind|made time|make time))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"总(?:是|在)?想着我|谢谢|感谢|多谢|感激|照顾我|帮我|对我(?:很|这么|那么|挺|一直)?好|为我好|疼我|从来(?:不|没有?)(?:骂|抱怨|嫌|发火|发脾气)"
    ),
}
PLAIN_LABEL = {
    "en": re.compile(
        r"\byou(?:'re| are) (?:just |simply |really |such |so |nothing but )*(?:an? |the )?(?:\w+ )?"
        r"(?:laz(?:y|iest)|unreliable|selfish|careless|sloppy|rudest|irresponsible|arrogant|dishonest|hopeless|ungrateful"
        r"|childish|immature|greedy|two-faced|spineless|heartless|stingy|needy|clueless|incompetent|unprofessional"
        r"|insufferable|fraud|slob|leech|snake|hypocrite|thief|cheat|liar|coward|scrounger|freeloader|control freak"
        r"|drama queen|know-it-all|waste of space|disgrace|backstabber|cheapskate|egoist|narcissist|tyrant"
        r"|sponger|parasite|worst \w+|most (?:selfish|stupid|careless|useless|dishonest) \w+)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"[你您](?:这(?:个)?人|就是|真是)(?:太|真|个|一个|就是)?(?:老糊涂|懒|自私|不负责任|没良心|小气|小心眼|不孝|冷血|抠门|白眼狼|骗子)"
    ),
}
NOT_SO = re.compile(r"\b(?:not|never|no|n't|nobody says|don't think)\b|不是|没有|不觉得", re.IGNORECASE)
HALF = {
    "en": re.compile(
        r"^(?:and |but |so )?(?:when(?:ever)?|if|because(?! of)|since|while|after|before|although|though|unless"
        r"|until)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(?:的?时候|之前|之后|以前|以后|的话)$|^(?:当|因为|要是|如果|虽然|自从)"),
}
MARKED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』")
TO_ONESELF = re.compile(r"\b(?:me to (?:get lost|shut up)|(?:i|i'll|me|it|them) shut up)\b", re.IGNORECASE)
"""Rude words that strike nobody else: “tell me to get lost”, “I'll shut up”, “keep it shut up in a box”."""
