"""Words that are hurtful, and words beside which they are not. Patterns over one sentence.

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
UNHURT_EN = any_of(
    r"\byou(?:['’]re| are) (?:not|no)\b",
    r"\byou aren['’]t\b",
    r"\bnot here to\b",
    r"\b(?:(?:have|has|had|may|might|must have|want to|meant? to|meaning to) hurt|(?:if|that|when) (?:i"
    r"|we) hurt) you\b",
    r"\bnot (?:saying|calling|claiming|implying|suggesting)\b",
    r"\b(?:stupid|dumb|lazy|selfish|rude|arrogant|cruel|thoughtless|unfair|silly) of me\b",
    r"\bregret (?:missing|not coming|it if you miss)\b",
    r"\b(?:do|did|would)(?:n['’]t| not) (?:hate|think|mean|say|believe|want)\b",
    r"\bnever (?:said|meant|thought|called)\b",
    r"\b(?:no ?body|no one) (?:is|was) (?:out|trying|going)\b",
    r"\bcall(?:s|ed)? (?:me|him|her|us|them)\b",
    r"\b(?:told|tells) me\b",
    r"\bsaid (?:that )?i\b",
    rf"\bi(?:['’]m| am| was| felt| feel|['’]ve been) (?:like )?(?:so |such |really |just )?(?:an? )?(?:{_INSULT})\b",
)
STRONG_EN = any_of(
    rf"\byou(?:['’]re| are|r| absolute| complete| little| stupid| lying| damn)\b[^.!?]*\b(?:{_INSULT})\b",
    rf"\byou (?:[\w-]+ ){{0,2}}(?:{_INSULT})\b",
    rf"^(?:what an? |such an? )?(?:{_INSULT})[.!]*$",
    r"\b(?:shut (?:up|it|your)|get lost|(?:go )?to hell with you|go to hell|screw you|(?:piss|bugger) off"
    r"|drop dead)\b",
    r"\bf+u+c+k|\bbullshit\b|\bfull of (?:crap|shit|it)\b|\bdamn you\b|\b(?:hate|despise|loathe) you\b",
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
    # threats
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
    r"|humiliate|get|sue"
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
)
MILD_EN = any_of(
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
    # scorn dressed up as praise or thanks
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
)
UNHURT_ZH = any_of(
    "不是故意|不是(?:怪|骂|说|嫌)[你您]|不是来|不(?:恨|讨厌|嫌弃?)[你您]|没(?:有)?(?:怪|骂|嫌)[你您]",
    "没(?:有)?说你|没有人要",
    "并不|一点也不",
    "骂我|说我|叫我",
    "^(?:哥|姐|妈|爸|老板|经理)[，,]?[你您]?(?:就)?别(?:再)?逼我了?[。！]?$",
    "觉得自己|我真|我太|是我",
)
STRONG_ZH = any_of(
    "闭嘴|废物|窝囊|垃圾|白痴|蠢|笨蛋|混蛋|王八|傻[逼子瓜]|脑残|脑子(?:进水|有)|智商|跟猪|猪狗|狗都比"
    "|如(?:一条)?狗|比你强",
    "不要脸|厚脸皮|无耻|恶心|^[你给快]?[我]?滚|去死|放屁|懂个屁|骗子|小人|祸害|烂泥|白眼狼|没良心"
    "|算(?:个)?什么东西|不是(?:个)?东西",
    "神经病|你有病|不配|你也配|贱|畜生|他妈|操你|恨你|老不死|德[行性]|不可理喻",
    "让你好看|等着瞧|走着瞧|后悔的|(?:就|你)完(?:了|蛋)|付出代价|后果自负|饶不了|收拾你|给我小心|打断|丢饭碗"
    "|吃不了兜着走",
    "没好果子|没好日子|不客气|卷铺盖|识相|没完|不得安宁|别想走|这笔账|罚酒|给我记住|小心我",
    "没出息|没脑子|没长脑子|缺心眼|缺德|可耻|下[贱流]|败类|人渣|渣[男女]|吸血鬼|寄生虫|软骨头|孬种|乡巴佬|泼妇"
    "|疯[子婆]|老糊涂|老顽固|守财奴",
    "势利眼|卑鄙|龌龊|无赖|流氓|猪头|木头脑袋|榆木|饭桶|草包|二百五|弱智|智障|低能|冷血|狼心狗肺|忘恩负义"
    "|狗[东屁眼]|屁话|鬼话连篇|扯淡|胡扯|变态",
    "扫把星|丧门星|讨债鬼|败家|赔钱货|不是人|没人性|良心[^。！？]{0,4}狗|丢尽|害群之马|老鼠屎|绿茶|白莲花|巨婴"
    "|妈宝|啃老|混账|吃软饭|瞎了(?:我的|你的)?[狗]?眼",
    "[你您](?:就是|真是|简直|真|太|可真|怎么这么|这么|这个|个|这种)[^。！？，]{0,6}(?:坏|毒|狠|丑|笨|傻|懒|怂"
    "|贱|烂|差劲|无能|小气|抠门|刻薄|阴险|自私|虚伪|无情|恶毒|幼稚|可笑|可悲|低级|没品|没素质|没教养)",
    "(?:见|遇)过[^。！？]{0,6}[你您]这(?:么|种|样)[^。！？]{0,8}的?(?:人)?[。！]?$"
    "|[你您]这种人[^。！？]{0,4}(?:活该|不值|也|就|真|最|没)",
    "走着瞧|给我等着|有[你您](?:好看|受的|哭的)|[让叫][你您][^。！？，]{0,8}(?:混不下去|身败名裂|滚|吃苦头"
    "|下不来台|过不下去|没法[^。]{0,3}(?:混|待|做人)|好过|厉害|吃不了|后悔|抬不起头|丢(?:工作|脸)|生不如死)",
    "别怪我(?:翻脸|无情|心狠|不留情|不讲|没提醒|手)|撕破脸|掂量掂量|有种[你您就]|[你您]敢[^。！？]{0,8}试试"
    "|试试看?我?敢不敢|(?:抖|捅|曝|散)(?:出去|到网上)|传得?(?:满|到处)|发(?:到网上|给(?:所有|大家|全))",
    "弄死|整死|搞死|打死|揍[你您]|扇[你您]|抽[你您]|废了[你您]|砸了[你您]|封杀|在(?:这行|圈子里?"
    "|公司)[^。]{0,4}(?:混|待)不下去|休想|(?:一辈子|永远)别想|哭都来不及|给脸不要脸|不见棺材",
    "不会放过|放不过[你您]|找人(?:收拾|修理|教训)|教训教训|修理[你您]|好自为之|新账旧账|连本带利|跟[你您]算账"
    "|[你您]家(?:住)?(?:在)?哪[^。]*(?:知道|清楚)|知道[你您]家|叫[你您]家",
    "[让叫][你您][^。！？，]{0,4}难看|想想[你您]的?(?:家人|孩子|老婆|老公|父母|爹妈)(?:吧|再)?|睁(?:着)?一?只眼"
    "|遭报应|得到报应",
    "(?:断|毁|砸)了?[你您]的?(?:前途|饭碗|名声|后路|财路)|鱼死网破|同归于尽|别想(?:好过|安生|太平|干了|混)"
    "|倒霉的是[你您]|出了事[^。]*别怪|走不出|让[你您]全家",
)
MILD_ZH = any_of(
    "受够了?你|受不了你|烦透|真烦|烦死|烦不烦|看见你就|忍你|没法(?:跟你)?沟通|算老几|以为你是谁|谁在乎"
    "|关我(?:什么|屁)事",
    "什么毛病|哭哭啼啼|可真行|真了不起|就[你您](?:最|一个)?(?:聪明|能|高尚|行)|浪费(?:我的)?时间|帮倒忙|少来"
    "|得了吧|装什么|真会装",
    "装可怜|摆架子|大忙人|赏光|比唱|这么有本事|老人家的时间|接着演|贴金|佩服|[你您]永远(?:是对|没错)",
    "[你您](?:真|太)(?:让人失望|没用|虚伪|自私|懒|讨厌)|什么都做不好|都是你(?:害|的错)|全怪你|没教养|一文不值"
    "|根本不在乎",
    "卖惨|别累着了|借口[^。]{0,3}(?:真|可)(?:多|快)|这么威风|多多指教啊",
    "拜[你您]所赐|托[你您]的福|劳您大驾|大驾|贵人多忘事|供起来|惹不起|伺候不起|高攀不起|谁敢(?:惹|说"
    "|得罪)[你您]|[就全][^。]{0,3}[你您](?:最)?(?:委屈|有理|忙|累|重要|高贵|清高|金贵)",
    "给[你您](?:发|颁|送)[^。]{0,4}(?:奖|锦旗|奖状|勋章)|发[你您]个|奥斯卡|影[帝后]|戏精"
    "|要不要(?:给[你您])?鼓(?:个)?掌|官威|多大(?:的)?(?:官|脸)|好大的(?:架子|面子|口气|脸)|了不起啊",
    "能耐了|长本事|翅膀硬|太阳[^。]{0,3}西边|活久见|开(?:了)?眼了|长见识了|笑死|岂敢|活雷锋|活菩萨|大善人"
    "|公主病|皇帝|老佛爷|大少爷|大小姐|小祖宗|您老(?:人家)?(?:真|可|的时间)|金口|贵体",
    "多亏了?[你您][^。！]*(?:砸|黄|完|赔|没了|搞成)|谢谢[你您]全家|可真(?:行|会|能|有|够|是个|厉害|棒|好意思)"
    "|真好意思|(?<![没不])好意思说|亏[你您](?:说|想|做|干)得出|[你您]也好意思",
    "(?:跟|对)[^。]{0,4}(?:牛弹琴|墙说话)|白长了|白活|白养|吃白饭|吃干饭|吃闲饭|动动(?:你的)?脑子"
    "|用用(?:你的)?脑子|带脑子|有完没完|没完没了|懒得(?:理|跟)[你您]|受够[你您]|看透[你您]",
    "(?:就|凭)[你您](?:也|这(?:点|种|样|水平|本事|德性))|[你您]以为(?:[你您]是|自己是|地球|谁都)"
    "|地球[^。]{0,4}转|又(?:来|开始)(?:这套|装|演)|装(?:无辜|傻|糊涂|可怜|好人|蒜)|别装(?!了)",
    "[你您]烦不烦|真(?:让人)?(?:心寒|倒胃口|没劲)|没救了|没法救|说了也白说|鸡同鸭讲|(?:少|别)(?:给我"
    "|跟我)?(?:废话|啰嗦|来这套|哭穷|卖惨|演戏|装)|猫哭耗子|黄鼠狼|站着说话",
)
