"""What one sentence of a trainee's turn shows: an attack, a goodbye, a reaction of the brief, common talk. Pure.

One function per source of evidence; `evidence_of` asks them in order, and the first that has something decides. A
source may also decide that the sentence shows nothing, which is `NOTHING`; None leaves it to the next one.
"""

import re
from collections.abc import Callable, Sequence

from practice.persona.brief.harmless_reactions import LIKENESS_LEAST, has_own, of_nothing
from practice.persona.recognition.common_recognition import form_of, is_short
from practice.persona.recognition.judged_sentence import CERTAIN, RoleContext, SentenceEvidence, SentencePart
from practice.persona.recognition.known_facts import FactAsked
from practice.persona.recognition.meant_reaction import has_been_welcomed, may_be_meant
from practice.persona.recognition.nearest_reaction import (
    ASIDE_NEARER,
    CLEAR,
    SURELY,
    called_for,
    is_clear,
    rival,
)
from practice.persona.recognition.sum_asked_for import asks_for_sum, awaiting_sum
from practice.persona.recognition.time_proposal import awaiting_time, proposes_time
from practice.persona.recognition.understood import Recognised
from practice.persona.sentences.hospitality import invites, offers_hospitality
from practice.persona.sentences.set_phrases import (
    asks_again,
    asks_for_attention,
    asks_identity,
    names_topic,
    parting,
    serves,
    tells_own_news,
    topic,
    wishes_stop,
)
from practice.persona.sentences.under_way import is_under_way

ASIDE_LEAST = 0.56
_GOES_ON = re.compile(r", (?:and |but )?(?:how|what|when|where|who|why|do|did|is|are|can|could|i|we)\b", re.IGNORECASE)
"""After thanks: "Good, thank you, and how was your day?" """
THEIR_SMALL_TALK = 0.8  # likeness to a line of the brief that answers thanks or a goodbye with its own words
GUESSED_BELOW, ASKED_BELOW = 0.58, 0.62
SAID_OF_NOTHING = frozenset(
    {"greeting", "nice", "small-talk", "opening", "chat", "hesitation", "nothing-more", "platitude", "reassurance"}
)
SAID_IN_PASSING = frozenset({"acknowledgement", "agreeing"})  # of half a sentence: "end of January, yeah"
HURT_NEARER = 0.1  # a line merely judged to hurt must be nearer by this much than lines that the brief takes well
FACT_SURE, FACT_SURE_OF_PART = 0.88, 0.95
"""Minimum sureness that a sentence, or a part of one, asks for a fact."""
FACT_LEAST, FACT_CERTAIN, FACT_PLAINLY = 0.67, 0.75, 0.8
"""The same for its likeness; the second goes before what is known by its words, such as an offered drink. The third
is sure whatever other fact is near, and what a few words need."""
FACT_FAR_AHEAD, FACT_FAR_AHEAD_LEAST = 0.93, 0.6
"""So sure a fact may be less like the question: no other one is near."""
MANY_FACTS = 60
"""A brief with more is so dense that the nearest one answers mostly, and the lead over the next one says less."""
DENSE_SURE, DENSE_LEAST = 0.8, 0.62
RATHER_LEAST, RATHER_CLEARLY = 0.56, 0.615
"""The same where the question would be put off: likeness, and likeness together with the lead over the next fact."""
MOVES_FIRST, SURELY_MOVES_FIRST = 0.08, 0.15
"""A fact must be nearer by this much than a reaction that moves the talk, the second if that is surely meant."""
NARROWER = 0.04
"""A fact that is sure may be less near by this much than small talk, which answers several questions with one line."""
BY_FORM = frozenset({"pause", "wellbeing", "praise"})
"""What is known by its form: a reaction or an aside has to be much nearer to be meant instead."""
TAKEN_UP = frozenset({"confession", "feeling", "reason"})
"""What has to be taken up as such: "I should have said it, I didn't, that's on me" is no refusal."""
MEETING = frozenset({"greeting", "welcome"})

NOTHING = SentenceEvidence()


def evidence_of(talk: RoleContext, piece: SentencePart) -> SentenceEvidence:
    """What the piece shows, by the first source that has something."""
    sources: Sequence[Callable[[RoleContext, SentencePart], SentenceEvidence | None]] = (
        _attack,
        _parting,
        _certain_fact,
        _fixed_words,
        _day,
        _sum,
        _other_topic,
        _fact,
        _reaction,
        _common_talk,
    )
    found = next((found for source in sources if (found := source(talk, piece)) is not None), NOTHING)
    return found if found.reaction or found.fact or found.aside else _fact_rather(talk, piece) or found


def _attack(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """The reaction that costs trust, if the sentence is meant to hurt and the brief has nothing nearer."""
    likeness, nearest = piece.likeness, piece.nearest
    costly = [one for one in talk.brief.reactions if one.trust < 0 and one.key in likeness]
    if not costly or piece.meant in (None, "calm") or piece.certain:
        return None
    if piece.hurtful < 1 and piece.fact is not None and piece.fact.likeness >= FACT_CERTAIN:
        return None  # 你跟爸有没有后悔过 asks for what the persona knows
    if piece.strength >= LIKENESS_LEAST:
        if any(one.key == nearest for one in costly):
            return SentenceEvidence(Recognised(nearest, piece.strength))
        if piece.hurtful < piece.strength + HURT_NEARER:
            return None
    elif piece.hurtful < piece.strength:
        return None
    worst, least = min(one.trust for one in costly), max(one.trust for one in costly)
    fitting = [one.key for one in costly if one.trust == (worst if piece.meant == "strong" else least)]
    hurt = max(fitting, key=lambda each: likeness[each])
    return SentenceEvidence(Recognised(hurt, max(piece.hurtful, LIKENESS_LEAST)))


def _parting(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """A goodbye or thanks, unless the brief has a reaction for it: small talk of its own only if nearly word for word.

    Thanks count only after something has happened.
    """
    found = parting(piece.text, talk.language) if piece.whole else None
    if found is None or (found != "goodbye" and (not talk.happened or piece.question or _GOES_ON.search(piece.text))):
        return None
    theirs = piece.strength >= (THEIR_SMALL_TALK if piece.nearest in talk.harmless else LIKENESS_LEAST)
    return None if theirs else SentenceEvidence(aside=found)


def _certain_fact(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """The fact that it asks for nearly word for word, whatever it would be otherwise."""
    one = piece.fact
    return _fact(talk, piece) if one is not None and piece.whole and one.likeness >= FACT_CERTAIN else None


def _fact(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """The fact that it asks for, if no reaction and no common talk is nearer; what moves the talk comes first."""
    one = piece.fact
    if (
        one is None
        or one.likeness < _fact_least(talk, piece, one)
        or (is_short(piece.text) and one.likeness < FACT_PLAINLY)
    ):
        return None
    plainly = piece.whole and one.likeness >= FACT_PLAINLY
    dense = len(talk.brief.knows) > MANY_FACTS
    if not plainly and one.sureness < ((DENSE_SURE if dense else FACT_SURE) if piece.whole else FACT_SURE_OF_PART):
        return None
    if not _asks_rather(talk, piece, one) or one.likeness < piece.aside[1] - ASIDE_NEARER or one.fact not in talk.told:
        return None
    return SentenceEvidence(fact=one, aside="")


def _fact_rather(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """In a brief with many facts, the nearest one to a question that would have no answer otherwise."""
    one = piece.fact
    if one is None or not piece.whole or not piece.question or is_short(piece.text) or one.fact not in talk.told:
        return None
    if len(talk.brief.knows) <= MANY_FACTS or piece.act == "pause":
        return None
    near = one.likeness >= RATHER_LEAST and one.likeness + one.ahead >= RATHER_CLEARLY
    return SentenceEvidence(fact=one, aside="", weak=True) if near else None


def _fact_least(talk: RoleContext, piece: SentencePart, one: FactAsked) -> float:
    if piece.whole and one.sureness >= FACT_FAR_AHEAD:
        return FACT_FAR_AHEAD_LEAST
    return DENSE_LEAST if piece.whole and len(talk.brief.knows) > MANY_FACTS else FACT_LEAST


def _asks_rather(talk: RoleContext, piece: SentencePart, fact: FactAsked) -> bool:
    """Whether a fact is nearer than any reaction, and does not wait for just the nearest one."""
    if piece.nearest in talk.harmless:
        ahead = -NARROWER if fact.sureness >= FACT_SURE else 0.0
        return fact.likeness >= piece.strength + (ahead if fact.fact in talk.told else NARROWER)
    if piece.nearest in fact.fact.needs.after and fact.fact not in talk.told:
        return False
    return fact.likeness >= piece.strength + (MOVES_FIRST if piece.strength < SURELY else SURELY_MOVES_FIRST)


def _fixed_words(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """Asking to hear it again, for attention or to stop, whether a machine speaks; private news, a glass of water; what
    assistants say."""
    if piece.certain or not piece.whole:
        return None
    if asks_again(piece.text, talk.language):
        return SentenceEvidence(aside="again")
    if asks_for_attention(piece.text, talk.language) and not set(talk.happened) - set(talk.harmless):
        own = of_nothing(talk.brief, piece.likeness)
        small = SentenceEvidence(Recognised(own, piece.likeness[own]), "opening", weak=True) if own else None
        return None if piece.strength >= LIKENESS_LEAST else small or SentenceEvidence(aside="opening")
    if serves(piece.text) and not has_own(talk.brief, piece.likeness):
        return SentenceEvidence(aside="serves")
    if asks_identity(piece.text):
        return SentenceEvidence(aside="identity")
    if piece.strength >= CLEAR:
        return None
    known = {
        "stop": piece.strength < LIKENESS_LEAST and wishes_stop(piece.text, talk.language),
        "own-news": tells_own_news(piece.text, talk.language),
        "hospitality": offers_hospitality(piece.text, talk.language),
        "welcome": invites(piece.text),
    }
    return next((_welcomed(talk, kind) or SentenceEvidence(aside=kind) for kind, found in known.items() if found), None)


def _day(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """A proposed day, where the persona waits for one and the sentence is not certainly about something else."""
    one = awaiting_time(talk.brief, talk.happened)
    if one is None or not proposes_time(piece.text, talk.language) or piece.certain or piece.only_asked:
        return None
    return SentenceEvidence(Recognised(one.key, max(piece.likeness[one.key], SURELY)))


def _sum(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """A sum that is asked for, where the persona waits for one."""
    one = awaiting_sum(talk.brief, talk.happened)
    if one is None or piece.certain or not asks_for_sum(piece.text):
        return None
    return SentenceEvidence(Recognised(one.key, max(piece.likeness[one.key], SURELY)))


def _other_topic(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """Nothing, if it names a subject that the nearest reaction does not have."""
    other = not piece.certain and names_topic(piece.text, talk.lines[piece.nearest], talk.language) is False
    return NOTHING if other else None


def _reaction(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """The reaction it is like, if that is near, clear and may be meant."""
    if is_short(piece.text) and piece.aside[0] in SAID_IN_PASSING and piece.nearest in talk.harmless:
        return None  # "Right."
    near = piece.strength >= max(_least(talk, piece), rival(talk.brief, piece.likeness, piece.aside[1]))
    if not near or not is_clear(talk.brief, piece.likeness) or _is_guess(talk, piece):
        return None
    if piece.fact is not None and _asks_rather(talk, piece, piece.fact):
        return None
    key = called_for(talk.brief, piece.likeness, talk.happened, talk.stated if piece.question else talk.asked)
    return SentenceEvidence(Recognised(key, piece.strength)) if may_be_meant(talk, piece, key) else NOTHING


def _common_talk(talk: RoleContext, piece: SentencePart) -> SentenceEvidence | None:
    """The kind of common talk of the sentence or its last half, and what the brief has for it."""
    if not piece.whole or topic(piece.text, talk.language) is not None:
        return None
    halves = [each for each in piece.asides if each[0] not in SAID_IN_PASSING and piece.act not in TAKEN_UP]
    kind, strength = next((each for each in (piece.aside, *halves) if each[1] >= ASIDE_LEAST), ("", 0.0))
    if strength < (CERTAIN if piece.act in BY_FORM else piece.fact.likeness if piece.fact else 0.0):
        kind = ""  # known by its form, or asks for a fact rather
    first = talk.brief.reactions[0].key
    if kind == "greeting" and is_under_way(talk.brief, talk.happened) or kind == "own-news" and is_short(piece.text):
        kind = ""  # "busy morning huh" and "sick!" greet nobody and tell no news
    if kind == "hesitation" and kind != piece.aside[0]:
        kind = ""  # "I had the speech finished, you know, it's still on my laptop" says something
    if (welcomed := _welcomed(talk, kind)) is not None:
        return welcomed
    own = of_nothing(talk.brief, piece.likeness) if kind in SAID_OF_NOTHING and not piece.question else None
    if own is not None and not (own == first and has_been_welcomed(talk, first)):
        return SentenceEvidence(Recognised(own, piece.likeness[own]), kind, weak=True)
    return SentenceEvidence(aside=kind)


def _welcomed(talk: RoleContext, kind: str) -> SentenceEvidence | None:
    """The brief's own answer to a welcome, if it has one and nobody has been welcomed yet."""
    first = talk.brief.reactions[0].key
    if kind not in MEETING or first not in talk.harmless or has_been_welcomed(talk, first):
        return None
    return SentenceEvidence(Recognised(first, LIKENESS_LEAST), kind, weak=True)


def _is_guess(talk: RoleContext, piece: SentencePart) -> bool:
    """Whether a plain answer is better than this reaction: it leads nowhere, or is to what is told, and is not near.

    Of 235 replies of four lists read line by line, 28 were such guesses below 0.6, and 14 of them odd.
    """
    one = talk.brief.reaction(piece.nearest)
    asks_only = piece.question and form_of(piece.text, talk.language) == "question"
    if one.key == talk.brief.reactions[0].key:
        return asks_only and piece.act not in BY_FORM and piece.strength < ASKED_BELOW
    leads_nowhere = one.key in talk.harmless and not one.hint and piece.strength < GUESSED_BELOW
    told = one.key in talk.stated and one.trust >= 0
    return leads_nowhere or (asks_only and told and piece.strength < ASKED_BELOW)


def _least(talk: RoleContext, piece: SentencePart) -> float:
    if piece.act in BY_FORM and piece.nearest not in talk.harmless:
        return max(piece.least, SURELY)
    return piece.least
