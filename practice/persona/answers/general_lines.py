"""Lines that fit any sentence of a kind, for where neither the role brief nor common talk has an answer. Pure.

A reply to something else is worse than a plain one: of 34 odd replies of the sixth fresh list 28 were specific and
wrong, 6 plain and flat (scripts/bench/roleplay.md). So the persona's own answers to anything of a kind come first, and
a finer kind only where its form leaves no doubt.
"""

import re
from collections.abc import Sequence

from practice.lifecycle import Language
from practice.persona.answers.answer_back import answer_back
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.common_talk import common_talk
from practice.persona.sentences.dialogue_act import QUESTIONS, DialogueAct, act, asks
from practice.persona.sentences.line_kind import LineKind, line_kind
from practice.persona.sentences.plain_words import plain
from practice.persona.sentences.sentence_parts import thoughts
from practice.persona.sentences.set_phrases import topic

TAKEN_UP = frozenset({"confession", "feeling", "reason", "pause", "unfinished"})
"""What has to be taken up as such, whatever else the sentence is."""
SURE: frozenset[LineKind] = frozenset(
    {
        "attention",
        "nowOrLater",
        "offered",
        "pauseOffered",
        "either",
        "howLong",
        "everDo",
        "atHand",
        "tag",
        "tagYou",
        "youLook",
        "announces",
        "notThat",
        "plea",
        "sumUp",
    }
)
"""Kinds whose form leaves no doubt, and whose answers fit whatever it is about."""
OFFERED: frozenset[LineKind] = frozenset({"pauseOffered", "nowOrLater", "offered", "attention"})
"""Of these what is offered is answered, though it asks for a view: "Do you want to hear it now or later?" """
PROPOSED: frozenset[LineKind] = frozenset({"offer", "wouldWork"})
"""What is weighed like a request, though it has another form."""
ASKS_BACK = ("is ", "are ", "was ", "were ", "do ", "does ", "did ", "have ", "has ", "had ", "will ", "would ", "no?")
BACK_WORDS = 8
"""A longer sentence says more than its first clause, which is what a short question takes up."""
TAIL_WORDS, TAIL_HAN = 5, 6
"""So short a last sentence only adds to the question before it: "Would you go if I came along? Just to know." """


def small_answers(heard: str, language: str) -> Sequence[str]:
    """What answers the last sentence by its form alone; empty if it has none of the small forms."""
    said = _answered(heard, language)
    kind = line_kind(said, language) if said else None
    return common_talk(language).unforeseen[kind] if kind in SURE else ()


def general_lines(heard: str, language: str, *, last: str, brief: RoleBrief) -> list[Sequence[str]]:
    """Lines for what was said, those that fit its kind most closely first. `last`: the persona's last line."""
    talk, said = common_talk(language).unforeseen, _answered(heard, language)
    if not said:
        return [brief.to_any_statement, talk["statement"], talk["aboutMe"]]
    done: DialogueAct | str = "fragment" if topic(said, language) else act(said, language)
    if done == "reason" and not _GIVES_REASON[language == Language.CHINESE].search(said):
        done = "statement"  # "I have to tell you first because it isn't what you expect" answers no why
    kind = line_kind(said, language)
    general = talk[done]
    if _is_about_you(said, done, language):
        return [talk["praise" if done == "praise" else "wellbeing"], brief.to_any_statement, talk["statement"]]
    if done in TAKEN_UP or (done == "fragment" and topic(said, language)):
        return [general, brief.to_any_statement, talk["statement"]]
    sure = [talk[kind]] if kind in SURE and (done != "view" or kind in OFFERED) else []
    finer = [talk[kind]] if kind and kind not in SURE else []
    if kind in PROPOSED or (done == "request" and not sure):
        return [brief.to_any_request, *finer, talk["request"], talk["statement"]]
    if done in QUESTIONS:
        thinks = done == "view" or _DEEP[language == Language.CHINESE].match(said)
        first = [talk["view"], brief.to_any_question] if thinks else [brief.to_any_question, *finer, general]
        return [*sure, *first, talk["which"], talk["view"]]
    back = _asking_back(said, language, last)
    return [*sure, brief.to_any_statement, *back, general, talk["statement"], talk["aboutMe"]]


def _is_about_you(said: str, done: str, language: str) -> bool:
    """Whether it asks how somebody is, or praises what is at hand, and the usual answers fit."""
    return done == "praise" or _HOW_ARE_YOU[language == Language.CHINESE].search(said) is not None


def _asking_back(said: str, language: str, last: str) -> list[Sequence[str]]:
    """ "Did you? Go on.", unless the persona has just answered like that."""
    back = answer_back(said) if language == Language.ENGLISH and len(said.split()) <= BACK_WORDS else None
    if back is None or last.casefold().startswith(ASKS_BACK):
        return []
    lines = common_talk(language).unforeseen["backYou" if " I" in back else "back"]
    return [[line.replace("{back}", back) for line in lines]]


def _answered(heard: str, language: str) -> str:
    """The sentence that is to be answered, in plain words: the last, or a question before it if it tells nothing that
    has to be taken up: "Is it too much? You can tell me." """
    said = [each for sentence in thoughts(heard) if (each := plain(sentence, language))]
    if not said:
        return ""
    asked = [each for each in said if asks(each, language)]
    if asked and not asks(said[-1], language) and act(said[-1], language) not in ("confession", "feeling", "request"):
        return asked[-1]
    adds = len(said[-1].split()) <= TAIL_WORDS and len(_HAN.findall(said[-1])) <= TAIL_HAN and len(said) > 1
    calls = adds and _CALLS.match(said[-1]) and not asks(said[-1], language) and not _CALLS.match(said[-2])
    return said[-2] if calls else said[-1]


_HAN = re.compile(r"[\u4e00-\u9fff]")
_GIVES_REASON = (
    re.compile(
        r"^(?:it['’]?s |that['’]?s |well,? |just )*(?:because|cause)\b|\bthat['’]?s why\b|^i (?:\w+ )?need",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:就?是)?因为|所以我|主要是"),
)
_DEEP = (
    re.compile(
        r"^(?:and |but |so |then )*(?:why\b|what (?:would|will|should|could|makes?|made|stops?|matters?"
        r"|do you (?:think|want|need))\b"
        r"|how (?:would|could|should|will|can|come)\b|(?:would|could|will) (?:you|we|it|that)\b)",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:那|可|所以)?[你您妈哥]?(?:为什么|为啥|凭什么|怎么(?:才|能|就|办|想|会)|要是|如果)"),
)
"""What one has to think about: reasons, conditions, what would follow."""
_CALLS = re.compile(r"^[\w'’]+[.!…]*$|^[\u4e00-\u9fff]{1,2}[。！…]*$")
"""One word: a name, "honestly", "please"."""
_HOW_ARE_YOU = (
    re.compile(
        r"\bhow(?:['’]re| are|['’]ve| have) (?:you|things)\b|\bhow (?:it['’]?s|things are|you['’]?re) (?:going"
        r"|doing)\b|\bhow(?:['’]s| is| was) (?:it going|things|life|everything"
        r"|your (?:day|week|weekend|evening|morning))\b|^(?:are|were) you (?:ok|okay|all right|alright|feeling"
        r"|keeping)\b"
        r"|^(?:did|have) you (?:sleep|slept)\b|^(?:good|nice|busy|long|rough) (?:day|weekend|week)\?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"[你您](?:最近|今天|这几天|这阵子)?(?:还好|怎么样|咋样|累|忙|身体)|^最近(?:怎么样|咋样|还好|忙|好)|睡(?:得|好|着)[^。]{0,4}(?:[吗没]|怎么样|咋样)|吃(?:过|了)?饭?了?[没吗]"
    ),
)
