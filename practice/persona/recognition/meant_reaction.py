"""Whether a reaction that a sentence is like is meant: what costs, ends, agrees or comes again needs more. Pure.

Sentence vectors tell what a sentence is about, not what it does: a question about a reproach is near to the reproach.
"""

from typing import Literal

from practice.persona.brief.role_brief import Reaction
from practice.persona.common_talk import Hostility
from practice.persona.recognition.common_recognition import form_of, is_short
from practice.persona.recognition.judged_sentence import RoleContext, SentencePart
from practice.persona.recognition.nearest_reaction import SURELY, is_trap, nearer_to_another
from practice.persona.sentences.answer_kinds import can_answer
from practice.persona.sentences.line_kind import line_kind
from practice.persona.sentences.proposals import is_agreement, proposes
from practice.persona.sentences.set_phrases import takes_blame
from practice.persona.sentences.told_of_oneself import admits, is_of_oneself, share_of_admissions
from practice.persona.sentences.under_way import is_under_way

RATHER = 0.5  # minimum likeness for what costs trust; the higher one if the sentence sounds calm
INSULT_LEAST = 0.62  # the same for what costs much, without a hostile word
ASKED_COSTS = 0.75  # a question seldom costs trust: "Why didn't you say?" is near to an accusation, and is none
TRAP_LEAST = 0.55  # giving in, taking back: what may end the talk must have been meant
ADMITTED, ONLY_ADMITTED = 0.5, 0.75
"""A reaction is to an admission if so large a share of its lines admits something; the second, if to nothing else."""
AGAIN_LEAST = 0.52
"""Minimum likeness to something that moved the talk and has happened before."""


def may_be_meant(talk: RoleContext, piece: SentencePart, key: str) -> bool:
    """Whether nothing about the sentence speaks against the reaction: what costs, ends or agrees needs more."""
    one = talk.brief.reaction(key)
    if (
        key == talk.brief.reactions[0].key
        and key in talk.harmless
        and has_been_welcomed(talk, key)
        and not piece.certain
    ):
        return False
    if is_trap(talk.brief, key) and piece.strength < TRAP_LEAST:
        return False
    if key in talk.happened and key not in talk.harmless and piece.strength < AGAIN_LEAST:
        return False
    if _only_resembles(piece, one, talk.language):
        return False
    # Of a part of a sentence, sounding calm only speaks against what costs much: insults and threats.
    cost = -one.trust
    if cost > 0 and takes_blame(piece.text, talk.language):
        return False
    sounds_calm = piece.calm and (piece.whole or cost > 1) or piece.meant is None and is_short(piece.text)
    if cost > 0 and _only_asks(talk, piece) and piece.strength < ASKED_COSTS:
        return False
    if cost > 0 and piece.strength < _least_to_cost(cost, piece.meant, sounds_calm):
        return False
    if one.ends and piece.question and key in talk.stated:
        return False
    if piece.question and not can_answer(piece.text, one.heard, [*one.says, *one.otherwise], talk.language):
        return False
    agrees = bool(one.meets) and is_agreement(one.heard, talk.language)
    if agrees and not piece.certain and (piece.only_asked or not proposes(piece.text, talk.language)):
        return False
    return not any(nearer_to_another(likeness, key, piece.strength) for likeness in piece.clauses)


def _only_resembles(piece: SentencePart, one: Reaction, language: str) -> bool:
    """Whether its words speak against what the reaction is to: an admission that is denied or about nobody's own
    fault, a loss of trust by how somebody looks.

    "I'm not after a confession" confesses nothing, and "You seem surprised" blames nobody.
    """
    kind = line_kind(piece.text, language)
    if one.trust < 0:
        return kind == "youLook" and piece.hurtful < 1
    admissions = share_of_admissions(one.heard, language)
    if kind == "notThat" and piece.strength < SURELY and (one.meets or admissions >= ADMITTED):
        return not any(line_kind(each, language) == kind for each in one.heard)
    return admissions >= ONLY_ADMITTED and not admits(piece.text, language) and not is_of_oneself(piece.text)


def _only_asks(talk: RoleContext, piece: SentencePart) -> bool:
    """Whether it is a question without a hurtful word: "How did he seem?" """
    return piece.question and piece.hurtful < 1 and form_of(piece.text, talk.language) == "question"


def has_been_welcomed(talk: RoleContext, welcome: str) -> bool:
    """Whether the persona has been welcomed, or more has happened than small talk: they are not welcomed any more."""
    return welcome in talk.happened or is_under_way(talk.brief, talk.happened)


def _least_to_cost(cost: int, meant: Hostility | Literal["calm"] | None, sounds_calm: bool) -> float:
    """How like what costs so much trust a sentence has to be; an insult needs hostile words or is one word for word."""
    if cost > 1 and meant in (None, "calm"):
        return INSULT_LEAST
    return SURELY if sounds_calm else RATHER
