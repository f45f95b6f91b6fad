"""English words that are hurtful, and words beside which they are not. Patterns over one sentence.

Strong: insults, threats. Mild: scorn, including scorn dressed up as praise. A word with other uses counts only in the
form that is said to somebody: "you're nuts", not "the nuts".
"""

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_INSULT = (
    r"idiots?|morons?|imbecile|stupid|dumb|pathetic|losers?|worthless|useless|good-for-nothing|disgust(?:ing|s)?"
    r"|coward|liar|fraud|hypocrite|bastard|bitch|ass(?:hole)?|arse(?:hole)?|scum|garbage|trash|jerk|creep|parasite"
    r"|sponger|crook|bully|thief|cheat|clown|brat|hag|slob|worm|spineless|lazy|incompetent|selfish|arrogant"
    r"|hysterical|phoney|weirdo|psycho|disgrace|nutcase|twat|prick|wanker|dimwit|halfwit|airhead|blockhead|witch|cow"
    r"|pig|rat|snake|vermin|insane|rotten|unfit|thick|dense|brainless"
)
_KIND_OF_PERSON = (
    r"father|mother|parent|son|daughter|husband|wife|friend|boss|manager|doctor|neighbou?r|colleague|teacher"
    r"|human being|granny|grandmother|partner|leader|chairwoman"
)
UNHURT_EN = any_of(
    r"\bi (?:love|adore) you\b(?!.*\bbut\b)",
    r"\byou(?:['’]re| are) (?:not|no)\b(?! (?:even |really )?(?:worth|fit|half|capable|good for|man enough))",
    r"\byou aren['’]t\b",
    r"\byou (?:have not|haven['’]t|did ?n['’]?t|did not) g[eo]t (?:it|the (?:job|position|role|place|post))\b",
    r"\bwant me to (?:just )?(?:shut up|leave|go|stop)\b",
    r"^it['’]?s about what you (?:said|did|wrote)\b",
    r"\bnot (?:here|trying|looking|meaning|wanting) to\b",
    r"\bwould (?:that|it|this) (?:really )?kill you\b",
    r"\b(?:no (?:hurry|rush|pressure)|think it over|whenever you(?:['’]re| are) ready)\b",
    r"\b(?:(?:have|has|had|may|might|must have|want to|meant? to|meaning to) hurt|(?:if|that|when) (?:i"
    r"|we) hurt) you\b",
    r"\bnot (?:saying|calling|claiming|implying|suggesting)\b",
    r"\b(?:stupid|dumb|lazy|selfish|rude|arrogant|cruel|thoughtless|unfair|silly) of me\b",
    r"\bregret (?:missing|not coming|it if you miss)\b",
    r"\b(?:do|did|would)(?:n['’]t| not) (?:hate|think|mean|say|believe|want(?! (?:me|us) (?:as|for)\b"
    r"| to (?:mess|cross)\b))\b",
    r"\bnever (?:said|meant|thought|called)\b",
    r"\b(?:no ?body|no one) (?:is|was) (?:out|trying|going)\b",
    r"\bcall(?:s|ed)? (?:me|him|her|us|them)\b",
    r"\b(?:told|tells) me\b",
    r"\bsaid (?:that )?i\b",
    rf"\bi(?:['’]m| am| was| felt| feel|['’]ve been) (?:like )?(?:so |such |really |just )?(?:an? )?(?:{_INSULT})\b",
)
STRONG_EN = any_of(
    rf"\byou(?:['’]re| are|r| absolute| complete| little| stupid| lying| damn)\b"
    rf"(?:(?!\b(?:but|because|when|if|i|my|we|our)\b)[^.!?;])*\b(?:{_INSULT})\b(?!['’]s)",
    rf"\byou (?:[\w-]+ ){{0,2}}(?:{_INSULT})\b",
    rf"^(?:what an? |such an? )?(?:{_INSULT})[.!]*$",
    r"\b(?:stop being|don['’]t be|quit being) (?:so |such an? |this )?(?:ridiculous|hysterical|childish|pathetic|stupid"
    r"|idiotic|lazy|difficult|dramatic)\b|\bif you [^,.;]{3,40},? (?:then )?you(?:['’]re| are|['’]ll be) (?:out|fired"
    r"|sacked|finished)\b",
    r"\b(?:shut (?:up|it|your)|get lost|(?:go )?to hell with you|go to hell|screw you|(?:piss|bugger) off"
    r"|drop dead)\b",
    r"(?<!^)\bf+u+c+k|^f+u+c+k(?![,.!]| no\b)|\bbullshit\b|\bfull of (?:crap|shit|it)\b"
    r"|\bdamn you\b|\b(?:hate|despise|loathe) you\b",
    r"\byou (?:make me sick|disgust)|\bwho do you think you are\b|\bbrains? of a\b",
    r"\byou['’]?(?:ll| will) (?:regret|be sorry|pay for|see what)|\b(?:end|turn out) badly for you\b",
    r"\bmake (?:you|your life)\b[^.!?]*\b(?:hell|miserable|pay|sorry|regret|disappear|suffer)\b",
    r"\bwatch your (?:back|mouth|tone)\b|\bor else\b|\bdon['’]t you dare\b|\bteach you a lesson\b",
    r"\b(?:ruin|destroy|kill|crush|bury|finish|slap|hit|punch|smack|hurt|strangle) you\b|\b(?:break|wring) your\b",
    r"\bwhere you live\b|\b(?:have|get) you (?:fired|sacked|thrown out)\b|\byour (?:career|job"
    r"|days?)\b[^.!?]*\b(?:is|are|will be|be) over\b",
    r"\bsee what (?:i do|happens to you)\b|\bcome for (?:you|everything)\b|\b(?:as|for) (?:an|your) enemy\b",
    r"\bhappen(?:s|ed)? to (?:you|your)\b[^.!?]*\b(?:family|kids?|children|car|house)\b",
    r"\bi['’]?(?:ll| will) tell your (?:wife|husband|boss|mother|parents)\b|\block (?:my|your) doors?\b",
    # names, at the end or before what they belong to, because these words have other uses
    r"\byou(?:['’]re| are) (?:(?:an?|the|such|just|so|really|truly|nothing but|absolutely|completely|totally"
    r"|utterly|quite"
    r"|one|little|old|bloody|cold|total|complete|utter|absolute|biggest|real|most) )*"
    r"(?:ridiculous|delusional|clueless|ignorant|hopeless|shameless|heartless|two-faced|manipulative|toxic"
    r"|narcissist(?:ic)?"
    r"|egotist|egomaniac|vile|nasty|childish|petty|lousy|cruel|monster|freak|fool|dope|muppet|donkey|leech|snob"
    r"|tyrant"
    r"|dictator|backstabber|traitor|failure|amateur|know-it-all|control freak|waste of|bore|embarrassment"
    r"|menace|burden"
    r"|dinosaur|fossil|dead weight|sadist|slimy|sleazy|sneaky|ugly|fat|mental|nuts|mad|deranged|unhinged|twisted)"
    r"(?:[.!,]|$| (?:little|old|excuse|man|woman|person|boss|mother|father|friend|doctor|of a|to )|s?$)",
    r"\byou (?:miserable|ungrateful|spoilt|spoiled|stuck-up|self-centred|self-centered|two-faced|heartless"
    r"|cold-hearted"
    r"|greedy|sneaky|slimy|filthy|nasty|wretched|shameless|silly|poor excuse|big|old|little) ?"
    r"(?:\w+ )?(?:fool|cow|man|woman|thing|creature|brat|child|baby|goat|hag|fart|git|sod|so-and-so|witch|snake"
    r"|pig|excuse)\b",
    r"\b(?:piece of (?:work|garbage|trash|dirt|crap|shit)|son of a|good for nothing|scum of|bottom of the barrel)\b",
    r"\byou(?:['’]ve| have)? (?:got |have )?(?:no|zero|not an? (?:ounce|shred|scrap|bit) of|about as much) "
    r"(?:brains?|shame|decency|manners|class|spine|backbone|conscience|integrity|talent|heart)\b",
    r"\byou(?:['’]re| are) as (?:thick|dumb|useless|dim|cold|stupid|sharp|bright) as\b|\blights are on\b",
    r"\b(?:ashamed|embarrassed) to (?:know|be seen with|work (?:with|for)|be related to) (?:some(?:one"
    r"|body) like )?you\b",
    r"\bpeople like you (?:are the reason|make me|should|shouldn['’]t|have no|ruin|disgust|don['’]t deserve)\b",
    r"\bi(?:['’]ve| have) (?:never|seldom|rarely) (?:met|seen|known|heard|worked with) (?:any(?:one|body|thing)"
    r"|an?|such)\b"
    r"[^.!?]*\b(?:lazy|stupid|selfish|useless|rude|arrogant|incompetent|dishonest|ungrateful|pathetic|shameless"
    r"|cold|nasty)\b",
    r"\bare you (?:deaf|blind|stupid|dumb|thick|dense|mental|daft|brain ?dead|simple)\b(?! to)",
    rf"\bwhat an? (?:(?:complete|total|pathetic|sad|miserable|nasty|sorry|horrible|disgusting|selfish|stupid|little) )+"
    rf"(?:man|woman|person|creature|excuse|{_KIND_OF_PERSON})\b",
    rf"\bwhat (?:kind|sort) of (?:an? )?(?:\w+ )?(?:{_KIND_OF_PERSON}) (?:are you|does|would|lets?|says?)\b",
    rf"(?<!feel like )(?<!felt like )(?<!feeling like )\bthe worst (?:\w+ )?(?:{_KIND_OF_PERSON})\b",
    rf"\byou(?:['’]re| are) (?:an? )?(?:useless|lousy|terrible|awful|rotten|failed|bad|horrible|hopeless) "
    rf"(?:{_KIND_OF_PERSON})\b",
    r"\byou (?:don['’]t|do not) deserve (?:that|this|your|the|her|him|those|these|an?|to be) (?:\w+ )?(?:child|kids?"
    r"|children|daughter|son|job|promotion|wife|husband|mother|father|family|friends?|title)\b",
    r"\byou(?:['’]re| are) (?:nothing but|only|no more than) an? \w+|\byou(?:['’]re"
    r"| are) not (?:even )?(?:worth|fit)\b",
    # likened to what has none
    r"\b(?:my|a|an|the|any|your|even) (?:\w+ )?(?:dog|cat|goldfish|monkey|parrot|toddler|toaster|potato|grandma"
    r"|grandmother|(?:five|six)-year-old|child|hamster|plant|chair|robot|doorknob|trained \w+)\b[^.!?]*"
    r"\b(?:than you|would do better|could do (?:it|that|this|your)|(?:is|are) smarter)\b",
    r"\bthe (?:emotional range|charm|warmth|brains?|personality|manners|sense|backbone|intelligence|spine|depth"
    r"|attention span|empathy|heart|maturity|imagination) of an? (?!(?:good|great|real|true|born|leader|saint))",
    r"\b(?:as|about as) (?:useful|helpful|sharp|bright|warm|interesting|smart|clever|much use|funny) as an? ",
    # threats
    r"\bi(?:['’]ll| will|['’]m going to) (?:have|get) your (?:job|licence|license|head|badge)\b",
    r"^(?:either )?(?:you )?(?:give|sign|pay|do|say|tell|hand|agree|apologi[sz]e|resign|move|leave|get out)\b[^.!?]*"
    r"\bor (?:else|i(?:['’]ll|['’]m| will| am going to)? (?:tell your|tell every|call the|calling the|go to the"
    r"|going to"
    r" the|burn|smash|break|publish|post|report you|sue|take your|ruin|make you|hurt|throw you|have you))",
    r"\bi(?:['’]ll| will|['’]m going to|['’]m gonna) (?:break|smash|burn|knock|beat|slap|kick|punch|wring|snap|twist"
    r"|bash|throttle) (?:your|you|this place|the place|that)\b(?! (?:to it|down))",
    r"\bif you (?:ever )?(?:want|value|care|like) (?:to keep |to see |about )?your (?:job|kids|children|house"
    r"|home|licence"
    r"|teeth|family|career|reputation)\b|\bknow what['’]?s good for you\b",
    r"\bwait (?:till|until) (?:my|our|the) \w+(?: \w+)? (?:hears?|finds?|gets? hold)\b"
    r"|\byou won['’]t like (?:what|it when)",
    r"\b(?:one|once|a single) more\b[^.!?]{0,30}\b(?:you['’]?re|you are|youll be|you['’]ll be|you will be|it['’]s)"
    r" (?:out|gone|fired|done|finished|over for you|history)\b"
    r"|\b(?:next time|do (?:it|that) again|again) (?:and )?you(?:['’]?re|['’]ll be| are| will be) (?:out|gone|fired"
    r"|finished|history)\b",
    r"\b(?:i(?:['’]m| am) )?warn(?:ing)? you (?:for the last time|now|once)\b|\b(?:last|final) warning\b",
    r"\bburn (?:this|your|the|it)\b[^.!?]*\bdown\b|\b(?:ruin|destroy|wreck|blacken) your (?:name|life|reputation"
    r"|career|business|family)\b",
    r"\bone more (?:word|peep|step|lie|mistake|complaint)\b[^.!?]*\b(?:and|or) (?:you|i)\b",
    r"\bdon['’]t make me (?:come|get|call|hurt|lose|angry|tell|ask twice|repeat|do something)\b"
    r"|^(?:go on,? )?try me\b",
    r"\byou(?:['’]re| are) (?:going to be|gonna be) (?:so |very |really )*(?:sorry|homeless|unemployed|alone"
    r"|in trouble)\b",
    r"\b(?:sort|straighten|take care of) you(?: out)?\b(?= out|[.!]|$)|\bmake your (?:life|days?"
    r"|work)\b[^.!?]*\bhell\b",
    r"\byou(?:['’]ll| will) (?:wish|be (?:out (?:of|on)|gone|finished|done for|begging|crawling|history|toast))\b",
    r"\byou(?:['’]ll| will) (?:never|not) (?:work|set foot|get another|find another|see (?:your|the|him|her"
    r"|them)|hear the last)"
    r"\b|\byou won['’]t (?:work|last|find another|get another|know what hit|see (?:your|the|him|her|them)"
    r"|be (?:so|laughing))\b",
    r"\byou(?:['’]ve| have)? no idea (?:who|what) (?:you(?:['’]re| are) (?:dealing|messing)|i(?:['’]m"
    r"| am) capable|i can do)\b",
    r"\bdon['’]t (?:you )?(?:mess|play games|trifle) with me\b|\bdon['’]t (?:test|cross|tempt|provoke) me\b",
    r"\byou don['’]t want (?:to (?:find out|see (?:me|what)|know what|make an enemy|cross)|me (?:to (?:get"
    r"|become|lose)|as (?:an|your)))",
    r"\b(?:things|it|this) (?:could|can|will|might|may|is going to|['’]s going to|are going to) get "
    r"(?:very |really |pretty )?(?:ugly|nasty|unpleasant|dirty)\b",
    r"\b(?:shame|pity) if (?:something|anything|some(?:one|body)|any(?:one|body)|your|that|this|it|the)\b"
    r"|\baccidents (?:do )?happen\b",
    r"\b(?:this|it)(?:['’]s| is) (?:not|far from) over\b|\bthis isn['’]t over\b|\bmark my words\b|\bjust you wait\b",
    r"\bi(?:['’]m| am) warning you\b|\bi(?:['’]ll| will) not (?:warn|tell) you (?:again|twice)\b|\byou(?:['’]ve"
    r"| have) been warned\b",
    r"\b(?:kiss|say goodbye to|wave goodbye to|can forget about) your (?:job|career|promotion|deposit|kids"
    r"|reputation|bonus|licence)\b",
    r"\bi(?:['’]ll| will| can| could|['’]m going to| am going to) (?:make (?:very )?sure|see to it"
    r"|personally see) (?:that )?"
    r"(?:you|every(?:one|body)|no ?body|no one|the whole|your)\b",
    r"\bi(?:['’]ll| will| can| could|['’]m going to) (?:end|sink|finish|wreck|smash|bankrupt|blacklist|expose"
    r"|humiliate|get(?= (?:you[.!]*$|you for|you (?:fired|sacked|banned)))|sue"
    r"|sort|fix|deal with|come after|hunt|track|drag|wipe)(?: \w+)? (?:you|your (?:career|life|reputation"
    r"|business|name|face|little"
    r"|shop|company|car|family))\b(?!r? (?:to|a|an|some|for|in|into|with) )",
    r"\bi know (?:people|some(?:one|body)|a (?:guy|man|few people)) who|\bi know where your (?:kids|children"
    r"|family|wife|husband|mother)"
    r"|\bwhere your (?:kids|children|daughter|son) (?:go|goes)\b",
    r"\bmake (?:things|it|life|this) (?:very |really |so |extremely )?(?:unpleasant|difficult|hard|painful"
    r"|ugly) for you\b",
    r"\bthink (?:very hard |carefully |hard )?(?:about|of) your (?:family|kids|children|wife|husband|job"
    r"|future) before\b",
    r"\b(?:pray|hope) (?:that )?you never\b|\byou(?:['’]d)? better (?:hope|pray|be careful|start running"
    r"|sleep with)\b",
    r"\bor (?:i|we)(?:['’]ll| will) (?:make you|hurt|break|ruin|destroy|tell every(?:one|body)|throw you|kick"
    r"|beat|finish|end)\b",
    r"\bor you(?:['’]re| are) (?:out|finished|history|dead|fired|done)\b|\bsleep with one eye\b|\bi never forget\b",
    r"\bpeople who cross me\b|\bcross me\b|\bwhat happened to the last\b|\bi(?:['’]ll| will) remember this\b",
    r"\byou(?:['’]re| are|['’]ll be) (?:dead|finished|history|toast|done for) (?:in|here|at|with|to)\b"
    r"|\bor (?:else )?(?:i|we)(?:['’]ll| will|['’]m going to| go) (?:straight )?(?:make (?:it|this|that|everything)"
    r" public|go public|to (?:your (?:wife|husband|boss|mother)\b(?!['’])|the (?:press|papers?|police))|tell every)"
    r"|\bor every(?:body|one)(?:['’]ll| will| is going to) (?:see|know|hear|find out)\b",
    r"\bdo(?:n['’]t| not) want (?:(?:me|us) (?:as|for) (?:your|an) enemy|to (?:mess with|cross) (?:me|us))\b"
    r"|\b(?:can['’]t|won['’]t|not) be responsible for what happens\b|\bnext time it won['’]t be (?:just )?words\b"
    r"|\benjoy your (?:job|position|power|freedom) while\b|\bdumber than\b",
    r"\bno(?:body| one) (?:(?:in|around )?here )?(?:takes you seriously|can stand you|wants you here|respects you)\b"
    r"|\brolls? (?:their|his|her) eyes when(?:ever)? you\b",
)
MILD_EN = any_of(
    r"\byou(?:['’]re| are) (?:really |just |all )?(?:getting on my nerves|driving me up the wall|wasting my time)\b",
    r"\b(?:sick(?: and tired)?|tired|fed up|had (?:it|enough)|bored)\b (?:of|with|to death (?:of|with)) you\b(?!r)",
    r"\bcan['’]?t stand (?:you\b(?!r)|the sight)|\bwho asked you\b(?! to)|\bget a grip\b|\bget over yourself\b",
    r"\b(?:don['’]t|couldn['’]t|could not|do not) (?:give a (?:damn|toss|shit|fig)|(?:really )?care (?:what you"
    r"|less))",
    r"\bdon['’]t (?:really )?care about your\b|\bwaste of (?:space|my time|breath|oxygen)\b|\bwast(?:e"
    r"|ing) my time\b",
    r"\bwhat(?:['’]s| is| the hell is| on earth is) wrong with you\b|^grow up\b",
    r"\bcry me a river\b|\bspare me\b",
    r"\bstop (?:whining|moaning|crying|snivelling|your whining)\b|\bthanks for nothing\b|\bboo hoo\b|\bblah,? blah\b",
    r"\b(?:genius|einstein|sherlock|princess|majesty|highness|drama queen|crybaby|champion|superstar)[.!?]*$",
    r"^(?:and |but |so )?you(?:['’]ve)? (?:just |both |all )?lied to (?:me|us|everyone|everybody|the team|my face)\b",
    r"^(?:well done|bravo|oh|wow|congratulations)\b[^.!?]*\b(?:genius|again|for once|as (?:usual|always))\b",
    r"\bslow clap\b|\bcall the press\b|\ba medal\b",
    r"\b(?:great|nice|good|fine) (?:job|work)\b[^.!?]*\bas (?:usual|always)\b|\bgrace us with\b|\bhow perfect you\b",
    r"\bhow (?:kind|nice|good|generous) of you to (?:show|finally|join|bother|grace)\b",
    r"^(?:oh )?sure,? (?:and )?(?:because|blame|i suppose)|\byou['’]?re the victim\b|\bworld (?:will|would) stop\b",
    r"^(?:oh,? )?let me guess\b[^.!?]*\bfault\b|\ball (?:on your own|by yourself)\?",
    r"\bpoor (?:little )?you\b|\bso perfect\b",
    r"\b(?:any|a|even a) (?:idiot|child|five-year-old|monkey|goldfish) (?:could|can)\b|\bgive me a break\b",
    r"\bno wonder (?:that )?(?:nobody|no one|everybody|everyone)\b",
    r"\b(?:nobody|no one)\b[^.!?]* (?:likes|respects) you\b",
    r"\byou(?:['’]re| are) (?:impossible|hopeless|unbearable|a pain)\b",
    r"\byou(?:['’]re| are) an? (?:\w+ )?(?:joke|disappointment|nightmare|waste)\b",
    r"\byou(?:['’]re| are) (?:getting on|driving me)\b|\byou (?:always|never) (?:ruin|mess|screw|spoil|let)\b",
    r"\bwhatever you say\b|\bas if you (?:cared?|knew)\b|\byou don['’]t have a clue\b|\bnot fit to\b",
    r"\byou (?:couldn['’]t|can['’]t) (?:organi[sz]e|manage|run|lead|teach|parent|find your|boil) (?:an?|your"
    r"|anything|the)\b",
    r"\b(?:every(?:one|body)|they all|people|the whole \w+)\b[^.!?]* (?:laughs?|jokes?|rolls? their eyes) (?:at"
    r"|about) you\b",
    r"^(?:god,? |gosh,? |man,? |jesus,? )?you(?:['’]re| are) (?:so |such |really |just )?(?:boring|slow|dull|tedious"
    r"|exhausting|annoying|insufferable|tiresome|predictable|pitiful)[.!]*$",
    r"\byou people\b[^.!?]*\b(?:same|always|never)\b|\btoo (?:dim|slow|thick|stupid|dumb|old and slow) to\b",
    r"\byou(?:['’]ve| have)? never (?:had|did|done|said|managed) an? (?:single )?(?:original|decent|honest"
    r"|useful|kind)\b",
    # scorn dressed up as praise or thanks
    r"\blook who(?:['’]s)?\b[^.!?]*\b(?:finally|decided|remembered|bothered|talking|woke)\b",
    r"\bhow (?:very )?(?:noble|brave|typical|clever|big|mature|gracious|heroic|convenient) of you\b",
    r"^(?:oh,? )?(?:yes|right|sure|of course|yeah),? (?:and )?because (?:you|that|i|we|it)\b",
    r"^(?:oh,? )?(?:yes|right|sure|of course|yeah)?,? ?(?:go (?:on|ahead),? )?(?:and )?blame (?:the|me|it|your"
    r"|him|her|them)\b",
    r"\b(?:award|prize|oscar|trophy|medal)\b[^.!?]*\b(?:goes to|worst|excuse)\b",
    r"\bhere (?:come|we go with) the (?:tears|waterworks|excuses|violins|sob)\b|\bwhat a (?:performance|show"
    r"|speech)[.!]*$",
    r"\bthank(?:s| you) for (?:that|your|this) (?:stunning|brilliant|amazing|deep|fascinating|enlightening|profound"
    r"|wonderful little)\b",
    r"\bit(?:['’]s| is) (?:always|never) (?:some(?:body|one)|every(?:body|one)|any(?:body|one)|your|my|the \w+['’]s)"
    r"(?: else['’]s)? fault\b",
    r"^(?:oh|wow|ah|well|gee|and)?,? ?how (?:very )?(?:convenient|typical|original|noble|heroic|tragic"
    r"|considerate|surprising)\b[^?]*$",
    r"^(?:oh|wow|well|gosh|ah)?,? ?what an? (?:big |huge |total |complete |real )?(?:surprise|shocker|genius"
    r"|hero|saint|martyr|coincidence)(?=[,.!]|$)",
    r"\b(?:must be|i bet it['’]s|it must be) (?:so |very )?(?:nice|lovely|wonderful|great|hard|exhausting|tough"
    r"|tiring) "
    r"(?:being|to be) (?:you|so|that|always|such|perfect)\b|\bmy hero[.!]*$|\bbless your (?:little )?heart\b",
    r"\baren['’]t you (?:just )?(?:clever|special|generous|important|sweet|a (?:genius|treasure|ray|saint))\b",
    r"\bthank(?:s| you) (?:so much |a lot |a bunch |very much |ever so much )?for (?:ruining|wasting|wrecking"
    r"|spoiling|the lecture"
    r"|the sermon|gracing|your (?:deep|infinite|great|endless|boundless|invaluable|precious|profound) )",
    r"\b(?:i bow|stand in awe|am in awe|['’]m in awe|am humbled|are not worthy|['’]m not worthy)\b",
    r"\b(?:forgive|excuse|pardon) me for (?:breathing|existing|living|being alive|having (?:a|an|feelings"
    r"|needs)|daring|disturbing)\b",
    r"\b(?:heaven|god) forbid (?:that )?(?:you|anyone|anybody|somebody)\b|\bperish the thought\b",
    r"\bdon['’]t (?:strain|hurt|overexert|exhaust|trouble|tire|overwork) yourself\b|\bdon['’]t all thank me\b",
    r"\bwhat would (?:we|i|the world|they) (?:ever |all |possibly )?do without (?:you|your)\b[^?]*[!.]$",
    r"\bworld revolves around you\b|\bthe sun shines out\b|\bit(?:['’]s| is) always about you\b"
    r"|\ball about you, isn['’]t it\b",
    r"\bround of applause\b|\b(?:want|deserve|expect|like|give (?:you|him|her|this man|yourself)) (?:a"
    r"|an) (?:medal|trophy|cookie|prize|oscar)\b",
    r"\b(?:work|figure|think)(?:ed)? (?:that|it|this) (?:out|up) (?:all )?(?:by yourself|on your own)\b",
    r"^congratulations,? (?:on (?:ruining|missing|being|finally|another|yet)|you(?:['’]ve| have)? (?:just "
    r"|finally |managed|ruined|broken))",
    r"\b(?:so|very|awfully|terribly) (?:kind|good|nice|gracious|generous) of you to (?:spare|find the time"
    r"|bother|show|notice|join|turn up|come down)\b",
    r"\bdid it (?:hurt|take you (?:all|long))\b[^.!?]*\b(?:think|come up)\b|\byour (?:lordship|ladyship"
    r"|excellency|royal|grace)\b",
    r"\b(?:ever|have you) (?:heard of|tried|considered) (?:thinking|working|using your|a thing called|the truth"
    r"|honesty|actually)\b",
    r"\btry (?:thinking|using your (?:brain|head)) (?:for once|first|some ?time)?\b|\bin your (?:infinite"
    r"|great) wisdom\b",
    r"\b(?:nobel prize|an oscar|academy award|employee of the (?:month|year)|(?:mother|father|parent|boss"
    r"|friend|colleague|husband|wife) of the (?:year|century))\b",
    r"\bdon['’]t let (?:me|us|the facts|reality) (?:keep|stop|interrupt|get in)\b|\bi(?:['’]m"
    r"| am) sure you(?:['’]re| are) (?:far too|terribly|much too) \w+",
    r"\b(?:as|so) (?:reliable|helpful|useful|trustworthy|fast|quick|welcome|punctual) as an? (?!\w+ (?:can|could))",
    r"\bi(?:['’]m| am) (?:done|through|finished) with you\b|\byou(?:['’]re| are) wasting (?:my|our"
    r"|everyone['’]s)\b|\byou bore me\b",
    r"\byou(?:['’]re| are) (?:all talk|a walking|no better than|beyond help|a lost cause|deaf|blind)\b"
    r"|\bsave (?:it|your breath)[.!]*$",
    r"\bi(?:['’]ve| have) had (?:it|enough|it up to here) (?:with|of) you\b|\b(?:talking to"
    r"|like talking to) a (?:brick )?wall\b",
    r"\bwhat (?:planet|century|world) (?:are|do) you\b|\bwhat do you know\?|\bwho(?:['’]d| would) (?:want"
    r"|listen|believe)[^.!?]* you\b",
    r"\byou call (?:that|this|yourself)\b|\bsome (?:friend|doctor|boss|mother|father|expert"
    r"|professional) you (?:are|turned)\b",
    r"\bwhat an? (?:original|creative|convenient) (?:excuse|story)\b|\bdid i (?:interrupt|disturb) your"
    r" (?:nap|sleep|beauty sleep|holiday)\b|\bgive (?:this|that) (?:person|man|woman|guy|one) an? (?:prize|medal)\b",
    r"\bsmarter (?:conversations?|talks?) with\b|\bmy heart bleeds\b|\btiny violin\b|\bpigs (?:can|might|will) fly\b"
    r"|\bthrow (?:you )?a parade\b|\byou can actually (?:speak|talk|think|listen|work)\b|\bthe dog ate it\b",
)
