"""Writes the first line of a conversation, before anybody has spoken.

The scenario tells the actor what to do: "Stir the soup, say that it is nearly ready, ask how the studying went." A
small model reads such a plan out loud. So it is given example plans with the lines spoken from them, about other
people, and then the actual plan, reduced to what can be heard. The examples stay in a separate cache slot, so that for
an opening only its own plan has to be read, however long the persona is.
"""

import re

from coach.local_models.language import Language
from coach.local_models.language_model.llm import Script

_SPEECH: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:say|ask|tell|thank|greet|complain|mention|remark|apologi[sz]e|admit|wonder|announce|remind|praise|offer|"
        r"invite|joke|insist|demand|explain|talk|speak|call|answer|welcome|congratulate|report|wish|hello|words?)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"[说问夸谢提喊讲叫骂劝]|抱怨|告诉|招呼|道歉|开口|寒暄|解释|聊"),
}
_CLAUSE = {"en": re.compile(r"(?<=[,.;])\s+(?:and )?"), "zh": re.compile(r"(?<=[，。；])")}
# Whole sentences only: "ask what “nearly there” meant" is not a line.
_LINE = re.compile(r"“([^“”]+[.!?…。！？])”|\"([^\"]+[.!?…])\"|「([^「」]+[。！？…])」")
_UNPLANNED = re.compile(r"^Open the conversation with |^以.+的方式，向.+开口")

_EXAMPLES: dict[Language, str] = {
    "en": (
        "How people open a talk. Each plan is for the actor; the line is all that is heard.\n\n"
        "Plan for Nina, who talks to Paul: Complain about the weather and ask whether Paul has slept.\n"
        "Nina: What weather, I'm soaked! Did you get any sleep, Paul?\n\n"
        "Plan for Mr Ito, who talks to Dara: Say that you only have five minutes and that you hope it is not about the "
        "contract again.\n"
        "Mr Ito: Ah, Dara. I've only got five minutes, and I hope it's not about the contract again.\n\n"
        "Plan for Lena, who talks to Max: Thank Max for coming, joke about the old sofa, and say that you would like "
        "your book back.\n"
        "Lena: Thanks for coming, Max. Mind the sofa, it bites. Listen, I'd like my book back, please.\n\n"
    ),
    "zh": (
        "人们怎样开口。打算是给演员看的，台词才是说出来的话。\n\n"
        "小陈对老吴的打算：抱怨天气，问老吴昨晚睡得怎么样。\n"
        "小陈: 这雨下得，我全身都湿透了。老吴，你昨晚睡着了没有？\n\n"
        "李经理对小周的打算：说自己只有五分钟，希望不是又来谈合同。\n"
        "李经理: 小周啊，我只有五分钟，可别又是来谈合同的吧。\n\n"
        "阿琳对大刘的打算：先谢谢大刘过来，再说想把书要回来。\n"
        "阿琳: 大刘，谢谢你跑这一趟。对了，那本书，你能还我吗？\n\n"
    ),
}
_PLAN: dict[Language, str] = {
    "en": "Plan for {ours}, who talks to {theirs}: {plan}\n{ours}:",
    "zh": "{ours}对{theirs}的打算：{plan}\n{ours}:",
}


def planned(plan: str) -> bool:
    """Whether the scenario says how to begin; if it only says who begins, the persona decides."""
    return bool(plan.strip()) and not _UNPLANNED.search(plan)


def word_for_word(plan: str, language: Language) -> str:
    """The sentences in quotation marks in the plan, to be spoken word for word; empty if there are none."""
    sentences = ["".join(found).strip() for found in _LINE.findall(plan)]
    return (" " if language == "en" else "").join(sentences)


def audible(plan: str, language: Language) -> str:
    """The plan from its first spoken act on: actions cannot be heard."""
    clauses = [clause for clause in _CLAUSE[language].split(plan.strip()) if clause]
    first = next((n for n, clause in enumerate(clauses) if _SPEECH[language].search(clause)), 0)
    kept = (" " if language == "en" else "").join(clauses[first:])
    return kept[:1].upper() + kept[1:]


def opening(ours: str, theirs: str, plan: str, language: Language, messages: list[dict[str, str]]) -> Script:
    """The script whose continuation is the first line."""
    text = _EXAMPLES[language] + _PLAN[language].format(ours=ours, theirs=theirs, plan=audible(plan, language))
    return Script(text=text, messages=messages, stop=["\n"], slot="opening", fixed=len(_EXAMPLES[language]))


def examples(language: Language) -> Script:
    """The examples that every opening begins with."""
    return Script(text=_EXAMPLES[language], messages=[], stop=["\n"], slot="opening", fixed=len(_EXAMPLES[language]))
