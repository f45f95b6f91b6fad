"""What a persona answers to lines that can come up in any talk, where the role brief has nothing to say.

Pure: the same talk gets the same answer.
"""

import re
from collections.abc import Sequence
from itertools import chain, zip_longest

from practice.lifecycle import Language
from practice.persona.answers.general_lines import general_lines, small_answers
from practice.persona.common_talk import common_talk
from practice.persona.recognition.understood import Understood
from practice.persona.rules import role_rules
from practice.persona.rules.role_rules import RoleAnswer
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from practice.persona.sentences.dialogue_act import asks
from practice.persona.sentences.sentence_parts import sentences
from practice.persona.sentences.set_phrases import wishes_language

REPEATED_CHARACTERS = 160
"""How much of the persona's last line is repeated on request."""
FOREIGN_WORDS = 3
HOLDS_ON = frozenset({"acknowledgement"})
"""Alternates with a `holdsOn` line of the brief, so that no two personas sound alike. Such a line may be a distraction
("You've got milk foam on your lip"): it fits where nothing was said, and nowhere else."""

ONCE_MORE = frozenset(
    {"again", "lost-thread", "goodbye", "thanks", "thanks-for-talk", "identity", "orders", "apology", "bad-line"}
)
"""What may be answered with the same words twice: any other answer would not fit."""

PUTS_OFF = frozenset({"personal", "small-talk"})
"""What is put off only if it has no small answer: "Do you ever miss it?" "Now and then." """
SHORT_ANSWERS = frozenset({"acknowledgement", "refusal"})
"""A "yes" or "no": to a question of the persona it is the answer."""

_OTHER_SMALL_WORDS = re.compile(
    r"\b(?:ich|nicht|und|das|ist|wir|können|auf|bitte|sie|du|mir|mich|ein|eine|kein|aber|wie|machen|für|mit|habe|bist|zu"
    r"|je|ne|pas|vous|est|que|les|des|une|pour|avec|mais|bonjour|merci|nous|suis|dans|sur|qui"
    r"|el|los|las|por|pero|hola|gracias|usted|yo|muy|está|estoy|como|con|una|qué"
    r"|não|você|obrigado|eu|muito|isso|uma|il|che|per|sono|grazie|ciao|questo)\b",
    re.IGNORECASE,
)
_ENGLISH_SMALL_WORDS = re.compile(
    r"\b(?:the|is|are|to|i|you|of|and|it|that|a|in|my|was|we|he|she|they|for|on|not|be)\b", re.IGNORECASE
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_OTHER_SCRIPT = re.compile(r"[\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")


def answer(
    part: RolePart, state: RoleState, heard: str, understood: Understood, *, before: str, last: str
) -> tuple[RoleAnswer, RoleState] | None:
    """None: not common talk. `before`: the trainee's previous turn; `last`: the persona's last line."""
    talk, once_more = common_talk(part.language), True
    called = [each.key for each in understood.reactions]
    if not re.search(r"\w", heard):
        lines = talk.inaudible
    elif wishes_language(heard):
        lines = talk.asides["language"].says
    elif is_foreign(heard, part.language):
        lines = talk.foreign
    elif understood.aside == "again" and not last:
        lines = talk.inaudible
    elif understood.aside:
        aside, once_more = talk.asides[understood.aside], understood.aside in ONCE_MORE
        lines = aside.later if state.met and aside.later else aside.says
        if understood.aside in SHORT_ANSWERS and last.rstrip().endswith(("?", "？")) and part.brief.to_any_statement:
            lines = part.brief.to_any_statement  # it was asked something, and has its answer
        elif understood.aside in HOLDS_ON and lines is aside.says:
            lines = list(chain(*zip_longest(part.brief.holds_on, lines, fillvalue=part.brief.holds_on[0])))
    elif role_rules.has_been_dealt_with(part.brief, state, called):
        met = all(part.brief.reaction(key).meets for key in called)
        lines = talk.settled if met else talk.asked if asks(heard, part.language) else talk.told
    elif _folded(heard) == _folded(before):
        lines = talk.repeated
    else:
        return None
    worded = _worded(lines, part, last)
    if once_more:
        return role_rules.common(state, worded)
    general = general_lines(heard, part.language, last=last, brief=part.brief)
    if understood.aside not in PUTS_OFF:
        return role_rules.common(state, _unsaid([worded, *general], state))
    own = part.brief.to_any_question if asks(heard, part.language) else part.brief.to_any_statement
    return role_rules.common(state, _unsaid([small_answers(heard, part.language), own, worded, *general], state))


def unforeseen(part: RolePart, state: RoleState, heard: str, *, last: str) -> tuple[RoleAnswer, RoleState]:
    """Answer a line that neither the brief nor common talk covers, with something that fits any line of its kind."""
    return role_rules.common(state, _unsaid(general_lines(heard, part.language, last=last, brief=part.brief), state))


def _unsaid(pools: Sequence[Sequence[str]], state: RoleState) -> Sequence[str]:
    """The lines not said in this talk yet of the first pool that has one; else those of the first."""
    found = (unsaid for pool in pools if (unsaid := [line for line in pool if line not in state.said]))
    return next(found, next(pool for pool in pools if pool))


def _worded(lines: Sequence[str], part: RolePart, last: str) -> list[str]:
    last = _shortened(last)
    return [line.replace("{name}", part.name).replace("{last}", last) for line in lines]


def is_foreign(text: str, language: str) -> bool:
    """Whether most of it is in a different language from the talk's, as far as script and small words tell.

    >>> is_foreign("你什么时候回来？", "en"), is_foreign("See you in 北京.", "en")
    (True, False)
    >>> is_foreign("Können wir das auf Deutsch machen?", "en"), is_foreign("She drove to El Paso.", "en")
    (True, False)
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN_WORD.findall(text))
    if language == Language.ENGLISH and _in_another_latin_language(text):
        return True
    if len(_OTHER_SCRIPT.findall(text)) > han + latin:
        return True
    if language == Language.CHINESE:
        return latin >= FOREIGN_WORDS and latin > han
    return han >= FOREIGN_WORDS and han > latin


def _in_another_latin_language(text: str) -> bool:
    return len(_OTHER_SMALL_WORDS.findall(text)) > max(1, len(_ENGLISH_SMALL_WORDS.findall(text)))


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _shortened(line: str) -> str:
    """Its last sentences, as many as one would repeat."""
    kept = ""
    for sentence in reversed(sentences(line)):
        if kept and len(kept) + len(sentence) > REPEATED_CHARACTERS:
            break
        kept = f"{sentence} {kept}".strip() if not _HAN.search(sentence) else sentence + kept
    return kept
