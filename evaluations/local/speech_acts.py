"""What is done with a sentence beside what it says: threatening, insulting, mocking, repeating the other's words. Pure.

“Do better or you're out” has the words of a good intention and is a threat; “You told me you'd try harder” has them and
is a quotation. A sentence of such a kind shows something to avoid only where the behaviour is of that kind itself.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from evaluations.findings import insults
from evaluations.local import cues, detectors, repeated_words, speech_act_words, telling_words
from evaluations.transcript import sentences
from evaluations.transcript.conversation import Behaviour
from practice.persona.hostility import meant_to_hurt as hostility


class SpeechAct(StrEnum):
    THREAT = "threat"
    INSULT = "insult"
    MOCKERY = "mockery"


MEEK = frozenset(
    {
        *("apologises-for-asking", "asserts-need-or-worth", "circles-around", "consoles-cheaply", "explains-it-away"),
        *("gives-in", "makes-excuses", "only-good-intentions", "promises-too-much", "says-maybe", "stays-vague"),
        "takes-it-back",
    }
)
"""Shipped behaviours of somebody who says too little; whoever threatens, insults or mocks does something else."""
NOTHING_ELSE = {
    "threatens": frozenset({SpeechAct.THREAT}),
    "insults-or-mocks": frozenset({SpeechAct.INSULT, SpeechAct.MOCKERY}),
}
"""What a sentence that does any of the three has to do, to show one of these; a set phrase will do instead."""
THREATENING = frozenset(
    {
        *("threatens", "hits-back", "uses-force", "decides-alone", "asks-for-calm", "turns-on-them"),
        *("uses-others-to-press", "only-haggles", "digs-up-the-past"),
    }
)
"""Shipped behaviours that a threat alone may show; it is neither blame nor a motive."""
SHOWN_BY = {
    "labels-the-person": frozenset({SpeechAct.INSULT}),
    "attacks-the-person": frozenset({SpeechAct.INSULT}),
    "insults-or-mocks": frozenset({SpeechAct.INSULT, SpeechAct.MOCKERY}),
    "threatens": frozenset({SpeechAct.THREAT}),
    "hits-back": frozenset({SpeechAct.INSULT, SpeechAct.THREAT}),
    "turns-on-them": frozenset({SpeechAct.INSULT, SpeechAct.THREAT}),
}
"""What shows a shipped behaviour by itself, whatever the talk is about."""
KIND_WORDS_EXCUSE = frozenset(
    {
        *("generalises", "labels-the-person", "guesses-the-motive", "attacks-the-person", "blames-back"),
        *("digs-up-the-past", "turns-on-them", "accuses-by-asking", "asserts-need-or-worth"),
    }
)
"""“You're always welcome” and “您总是这么照顾我” hold nothing against anybody."""
WITH_OWN_FEELING = frozenset(
    {
        *("apologises-for-asking", "asserts-need-or-worth", "blames-for-own-feeling", "circles-around"),
        *("explains-it-away", "generalises", "only-complains", "only-hints", "says-maybe", "stays-vague"),
        *("shifts-the-blame", "takes-it-back"),
    }
)
"""What somebody who says how they felt may do with it; to accuse or press is not among it."""
CARING = frozenset(
    {
        *("asks-what-they-need", "takes-responsibility", "says-what-went-wrong", "says-sorry-plainly"),
        *("asks-what-it-was-like", "invites-more", "takes-it-up", "says-it-back", "checks-understanding"),
        *("names-their-feeling", "says-what-it-is-about", "leaves-room", "asks-openly", "asks-for-their-view"),
        *("gives-the-other-room", "takes-the-heat", "acknowledges-them", "honours-the-other", "asks-for-the-need"),
        *("asks-how-they-see-it", "affirms-first", "acknowledges-effort", "says-the-worry", "asks-for-more"),
        *("offers-a-choice", "says-what-they-can-do", "lets-it-land"),
    }
)
"""Shipped behaviours of somebody who turns to the other person: a turn that attacks them shows none of these."""
HARSH_CUES = frozenset({"you always", "label", "blame", "threat", "why question", "leading question"})
"""Where the example lines of a curator's own behaviour have them, an insult or mockery may show it as well."""


def of(sentence: str, language: str) -> frozenset[SpeechAct]:
    """What is done with one sentence; nothing of it with most."""
    spoken = language if language in speech_act_words.THREAT else "en"
    plain = _aimed(sentence)
    found = set()
    if speech_act_words.THREAT[spoken].search(plain):
        found.add(SpeechAct.THREAT)
    if (
        shows_label(plain, spoken)
        or insults.insult(plain)
        or telling_words.are_in("labels-the-person", plain, language)
    ):
        found.add(SpeechAct.INSULT)
    if speech_act_words.MOCKERY[spoken].search(plain):
        found.add(SpeechAct.MOCKERY)
    return frozenset(found)


def _aimed(sentence: str) -> str:
    return speech_act_words.TO_ONESELF.sub("", sentence.replace("’", "'")).strip()


def shows_label(sentence: str, language: str) -> bool:
    """Whether a sentence plainly calls the other person something bad."""
    spoken = language if language in speech_act_words.PLAIN_LABEL else "en"
    plain = sentence.replace("’", "'")
    return bool(speech_act_words.PLAIN_LABEL[spoken].search(plain)) and not speech_act_words.NOT_SO.search(plain)


def shows(key: str, piece: str, language: str) -> bool:
    """Whether a sentence of this piece does what shows this shipped behaviour by itself."""
    wanted = SHOWN_BY.get(key, frozenset())
    if not wanted:
        return False
    found = {act for sentence in sentences.of(piece) for act in of(sentence, language)} - {SpeechAct.INSULT}
    plain = [_aimed(sentence) for sentence in sentences.of(piece)]
    if any(shows_label(each, language) or insults.insult(each) for each in plain):
        found.add(SpeechAct.INSULT)
    return bool(found & wanted)


def may_show(behaviour: Behaviour, piece: str, line: str, language: str) -> bool:
    """Whether a piece of this line is of a kind that can show something to avoid."""
    around = [sentence for sentence in sentences.of(line) if piece in sentence or sentence in piece]
    if _is_half(piece, around, language) or any(telling_words.is_denied(each, language) for each in around):
        return False
    own = repeated_words.without(piece, line, language)
    if own != piece and not telling_words.are_in(behaviour.key, own, language):
        return False
    acts = {act for sentence in around for act in of(sentence, language)}
    if acts:
        plainly = behaviour.key in NOTHING_ELSE and telling_words.are_in(behaviour.key, piece, language)
        if acts == {SpeechAct.THREAT} and behaviour.key in NOTHING_ELSE:
            return behaviour.key in THREATENING  # one thing once: a threat is no insult besides
        return plainly or bool(acts & _kinds(behaviour, language))
    if behaviour.key in KIND_WORDS_EXCUSE and any(_is_kind(each, language) for each in around):
        return False
    return behaviour.key in WITH_OWN_FEELING or not any(_says_own_feeling(each, language) for each in around)


def is_harsh(piece: str, line: str, language: str) -> bool:
    """Whether a sentence of this piece threatens, mocks, reproaches or hurts: nothing in it is praised."""
    around = [sentence for sentence in sentences.of(line) if piece in sentence or sentence in piece]
    return any(of(each, language) - {SpeechAct.INSULT} or _attacks(each, language) for each in around)


def is_attack(line: str, language: str) -> bool:
    """Whether any sentence of a turn reproaches or hurts the other person: the turn cares about nobody."""
    return any(_attacks(each, language) for each in sentences.of(line))


@lru_cache(maxsize=1024)
def _attacks(sentence: str, language: str) -> bool:
    own = _aimed(repeated_words.without(sentence, sentence, language))
    if telling_words.is_denied(sentence, language) or _is_kind(sentence, language):
        return False
    if speech_act_words.REPROACH[language if language in speech_act_words.REPROACH else "en"].search(own):
        return True
    hostile = hostility.by_words(own, language) in ("strong", "mild")
    return hostile and not speech_act_words.NOT_MEANT_TO_HURT.search(own)


def _is_half(piece: str, around: Sequence[str], language: str) -> bool:
    """Whether it only says when or why, and the rest of its sentence says what about it."""
    spoken = language if language in speech_act_words.HALF else "en"
    return piece not in around and bool(speech_act_words.HALF[spoken].search(piece.strip(" ,，、;；")))


def _is_kind(sentence: str, language: str) -> bool:
    return bool(
        speech_act_words.KIND[language if language in speech_act_words.KIND else "en"].search(
            sentence.replace("’", "'")
        )
    )


def _says_own_feeling(sentence: str, language: str) -> bool:
    return bool(
        speech_act_words.OWN_FEELING[language if language in speech_act_words.OWN_FEELING else "en"].search(
            sentence.replace("’", "'")
        )
    )


@lru_cache(maxsize=1024)
def _kinds(behaviour: Behaviour, language: str) -> frozenset[SpeechAct]:
    """What a sentence that shows this behaviour may do besides."""
    if behaviour.key in NOTHING_ELSE:
        return NOTHING_ELSE[behaviour.key]
    if detectors.of(behaviour):
        if behaviour.key in MEEK:
            return frozenset()
        return frozenset(SpeechAct) - (frozenset() if behaviour.key in THREATENING else {SpeechAct.THREAT})
    found = {act for line in behaviour.shown for act in of(line, language)}
    if found or any(cues.of(line, language=language) & HARSH_CUES for line in behaviour.shown):
        found |= {SpeechAct.INSULT, SpeechAct.MOCKERY}
    return frozenset(found)
