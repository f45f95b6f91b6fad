"""Recognises which reactions of a role brief a trainee's turn calls for. Independent of the database.

One turn may call for several, so each of its sentences is compared, by sentence vectors, with what each reaction lists
as `heard` and with its `when`. A sentence calls for one reaction or none: a line that the brief does not foresee is
better answered by the language model than by the wrong line. `scripts/bench/roleplay` measures how often this is right
(decision 0017).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from coach.providers.ports import SentenceEmbeddings
from practice.role_brief import Reaction, RoleBrief
from practice.turns.common_recognition import aside_of, hostility_of, is_question, is_short, less_alike
from practice.turns.common_talk import Hostility, common_talk
from practice.turns.dialogue_act import act, asks
from practice.turns.harmless_reactions import LIKENESS_LEAST, harmless_ones, has_own, of_nothing
from practice.turns.likeness import Likenesses, overall
from practice.turns.plain_words import plain
from practice.turns.proposals import is_agreement, proposes
from practice.turns.sentence_parts import clauses, halves, pairs, sentences
from practice.turns.set_phrases import asks_again, names_topic, parting, serves, topic
from practice.turns.time_proposal import awaiting_time, proposes_time

LANGUAGE = "mul"  # the multilingual model tells reactions apart better than the English one, in English too
CLAUSE_LIKENESS_LEAST = 0.56  # a clause is weaker evidence than a sentence
CONFIRMS = 0.25  # a reaction that follows another may be less alike by this much once the other has happened
FOLLOWS = 0.06  # the same if it does not end the talk
ASIDE_LEAST = 0.56
ASIDE_NEARER = 0.05  # common talk has to be nearer than the brief by this much
SAID_OF_NOTHING = frozenset({"greeting", "nice", "small-talk", "opening", "hesitation", "platitude"})
SAID_IN_PASSING = frozenset({"acknowledgement", "agreeing"})  # of half a sentence: "end of January, yeah"
HURT_NEARER = 0.1  # a line merely judged to hurt must be nearer by this much than lines that the brief takes well
RATHER, SURELY = 0.5, 0.6  # minimum likeness for what costs trust; the higher one if the sentence sounds calm
INSULT_LEAST = 0.62  # the same for what costs much, without a hostile word
TRAP_LEAST = 0.55  # giving in, taking back: what may end the talk must have been meant
BY_FORM = frozenset({"pause", "wellbeing", "praise"})
"""What is known by its form: a reaction or an aside has to be much nearer to be meant instead."""
CERTAIN = 0.8  # a sentence this much like a line of the brief counts as that line, however it sounds
PART_NEARER = 0.08  # a clause this much nearer to another reaction than its sentence is to its own takes its place
MEETING = frozenset({"greeting", "welcome"})
CLEAR, APART = 0.52, 0.03  # less like a reaction than this, a sentence has to be so much nearer to it than to another


@dataclass(frozen=True)
class Recognised:
    """A recognised reaction; `likeness` is from -1 to 1."""

    key: str
    likeness: float


@dataclass(frozen=True)
class Understood:
    """`reactions` that the turn calls for, most likely first. `aside`: the kind of common talk at its end."""

    reactions: tuple[Recognised, ...] = ()
    aside: str = ""


async def recognise(
    brief: RoleBrief,
    text: str,
    embeddings: SentenceEmbeddings,
    *,
    language: str = "en",
    happened: Collection[str] = (),
) -> list[Recognised]:
    """The reactions that the turn calls for; see `understand`."""
    return list((await understand(brief, text, embeddings, language=language, happened=happened)).reactions)


async def understand(
    brief: RoleBrief,
    text: str,
    embeddings: SentenceEmbeddings,
    *,
    language: str = "en",
    happened: Collection[str] = (),
) -> Understood:
    """What the trainee's turn calls for; `happened` are the reactions of earlier turns. Raises ProviderError."""
    spoken = sentences(text)
    said = [each for sentence in spoken if (each := plain(sentence, language))]
    pieces = [clause for sentence in said for clause in clauses(sentence)]
    if not said:
        return Understood(aside="again" if "?" in text and spoken else "hesitation" if spoken else "")
    lines, talk = lines_of(brief), common_talk(language)
    by_half = {sentence: halves(sentence, language) for sentence in said}
    both = pairs(said)
    heard = [*said, *pieces, *both, *chain(*by_half.values())]
    alike = await Likenesses.read(heard, [*chain(*lines.values()), *talk.lines()], embeddings, language=LANGUAGE)
    heard_by = {one.key: one.heard for one in brief.reactions}
    stated = {one.key for one in brief.reactions if not any(asks(line, language) for line in one.heard)}
    harmless = harmless_ones(brief)
    best: dict[str, float] = {}
    aside = ""
    wanted = [*((one, LIKENESS_LEAST) for one in said), *((one, CLAUSE_LIKENESS_LEAST) for one in (*pieces, *both))]

    def likeness_to_each(piece: str) -> dict[str, float]:
        return {
            key: overall(alike.of(piece, each)) - less_alike(piece, heard_by[key], language)
            for key, each in lines.items()
        }

    for piece, least in wanted:
        question, done = is_question(piece, language), act(piece, language)
        likeness = likeness_to_each(piece)
        nearest = max(likeness, key=lambda each: likeness[each])
        strength = likeness[nearest]
        if done in BY_FORM and nearest not in harmless:
            least = max(least, SURELY)
        other, other_strength = aside_of(piece, alike, talk, language)
        meant, near = hostility_of(piece, alike, talk, language)
        is_calm = meant == "calm"
        if piece not in said and near < 1:
            meant = None  # a part of a sentence hurts only by its words
        if (hurt := _hurt(brief, likeness, meant, near)) is not None:
            best[hurt.key] = max(best.get(hurt.key, -1.0), hurt.likeness)
        elif (last := _parts(brief, piece, likeness, happened, language)) and piece in said:
            aside = last
        elif strength < CERTAIN and piece in said and asks_again(piece, language):
            aside = "again"
        elif strength < CERTAIN and piece in said and serves(piece) and not has_own(brief, likeness):
            aside = "serves"
        elif (day := _day_called_for(brief, piece, likeness, happened, language)) is not None:
            best[day.key] = max(best.get(day.key, -1.0), day.likeness)
        elif strength < CERTAIN and names_topic(piece, lines[nearest], language) is False:
            continue
        elif strength >= max(least, _rival(brief, likeness, other_strength)) and _is_clear(brief, likeness):
            key = _called_for(brief, likeness, happened, stated if question else ())
            if _is_trap(brief, key) and strength < TRAP_LEAST:
                continue
            # Of a part of a sentence, sounding calm only speaks against what costs much: insults and threats.
            cost = -brief.reaction(key).trust
            sounds_calm = is_calm and (piece in said or cost > 1) or meant is None and is_short(piece)
            if cost > 0 and strength < _least_to_cost(cost, meant, sounds_calm):
                continue
            if brief.reaction(key).ends and question and key in stated:
                continue
            one = brief.reaction(key)
            agrees = bool(one.meets) and is_agreement(one.heard, language)
            if agrees and strength < CERTAIN and not proposes(piece, language):
                continue
            parts = clauses(piece) if piece in said else []
            if any(_nearer_to_another(likeness_to_each(part), key, strength) for part in parts):
                continue
            best[key] = max(best.get(key, -1.0), strength)
        elif piece in said and topic(piece, language) is None:
            asides = [aside_of(half, alike, talk, language) for half in reversed(by_half[piece])]
            asides = [each for each in asides if each[0] not in SAID_IN_PASSING]
            like = [each for each in ((other, other_strength), *asides) if each[1] >= ASIDE_LEAST]
            aside = other = like[0][0] if like and (done not in BY_FORM or like[0][1] >= CERTAIN) else ""
            if other in MEETING and (first := brief.reactions[0].key) in harmless:
                best.setdefault(first, LIKENESS_LEAST)
            elif other in SAID_OF_NOTHING and not question and (own := of_nothing(brief, likeness)) is not None:
                best.setdefault(own, likeness[own])
    found = sorted((Recognised(*each) for each in best.items()), key=lambda each: (-each.likeness, each.key))
    return Understood(tuple(found), aside)


async def prepare(brief: RoleBrief | None, embeddings: SentenceEmbeddings, *, language: str = "en") -> None:
    """Embed every line that sentences are compared with, before the first turn. Raises ProviderError.

    Without a brief: the lines that belong to every talk in `language`.
    """
    lines = [*chain(*lines_of(brief).values())] if brief else []
    await embeddings.embed([*lines, *common_talk(language).lines()], language=LANGUAGE, lasting=True)


def lines_of(brief: RoleBrief) -> dict[str, list[str]]:
    """The lines that a sentence is compared with, by the key of the reaction."""
    return {one.key: [*one.heard, one.when] for one in brief.reactions if not one.by_trust}


def _called_for(
    brief: RoleBrief, likeness: Mapping[str, float], happened: Collection[str], unmeant: Collection[str]
) -> str:
    """The reaction most like the sentence, given what has happened.

    If a reaction that follows another is near, the other comes first until it has happened; afterwards the following
    one does: "You can count on it" is a promise the first time, and a firm promise when repeated.
    """
    ranked = sorted(likeness, key=lambda key: -likeness[key])
    first = brief.reaction(ranked[0])
    near = [key for key in ranked[1:] if likeness[key] >= likeness[first.key] - CONFIRMS]
    missing = [key for key in first.needs.after if key not in happened]
    if missing:
        least = likeness[first.key] - (CONFIRMS if first.ends else FOLLOWS)
        return next((key for key in missing if likeness[key] >= least), first.key)
    if first.key in happened:
        confirming = (
            key
            for key in near
            if key not in {*happened, *unmeant} and _follows(brief.reaction(key), first.key, likeness, happened)
        )
        return next(confirming, first.key)
    return first.key


def _least_to_cost(cost: int, meant: Hostility | Literal["calm"] | None, sounds_calm: bool) -> float:
    """How like what costs so much trust a sentence has to be; an insult needs hostile words or is one word for word."""
    if cost > 1 and meant in (None, "calm"):
        return INSULT_LEAST
    return SURELY if sounds_calm else RATHER


def _is_trap(brief: RoleBrief, key: str) -> bool:
    """Whether it gains nothing and prepares an ending."""
    return brief.reaction(key).trust == 0 and any(one.ends and key in one.needs.after for one in brief.reactions)


def _day_called_for(
    brief: RoleBrief, piece: str, likeness: Mapping[str, float], happened: Collection[str], language: str
) -> Recognised | None:
    """The reaction that waits for a day, if the sentence proposes one and is not certainly about something else."""
    one = awaiting_time(brief, happened)
    if one is None or not proposes_time(piece, language) or max(likeness.values()) >= CERTAIN:
        return None
    return Recognised(one.key, max(likeness[one.key], SURELY))


def _follows(one: Reaction, key: str, likeness: Mapping[str, float], happened: Collection[str]) -> bool:
    """Whether it is the reaction after `key`, which was said again; for an ending the bar is lower."""
    return (
        key in one.needs.after
        and all(needed in happened for needed in one.needs.after)
        and (one.ends is not None or likeness[one.key] >= LIKENESS_LEAST)
    )


def _is_clear(brief: RoleBrief, likeness: Mapping[str, float]) -> bool:
    """Whether no other reaction is as near, in a sentence that is not very like any."""
    first, second = (*sorted(likeness, key=lambda key: -likeness[key])[:2], "")[:2]
    if not second or likeness[first] >= CLEAR or likeness[first] - likeness[second] >= APART:
        return True
    one, other = brief.reaction(first), brief.reaction(second)
    return first in other.needs.after or second in one.needs.after


def _rival(brief: RoleBrief, likeness: Mapping[str, float], aside: float) -> float:
    """The minimum likeness to a reaction if the sentence resembles common talk by `aside`."""
    nearest = max(likeness, key=lambda key: likeness[key], default="")
    if nearest and brief.reaction(nearest).trust < 0:
        return aside
    return min(aside - ASIDE_NEARER, SURELY)


def _parts(
    brief: RoleBrief, sentence: str, likeness: Mapping[str, float], happened: Collection[str], language: str
) -> Literal["goodbye", "thanks"] | None:
    """A goodbye or thanks, unless the brief has a reaction for it beyond small talk.

    Thanks count only after something has happened.
    """
    found = parting(sentence, language)
    if found is None or (found == "thanks" and not happened):
        return None
    nearest = max(likeness, key=lambda key: likeness[key], default="")
    theirs = likeness.get(nearest, -1.0) >= LIKENESS_LEAST and nearest not in harmless_ones(brief)
    return None if theirs else found


def _nearer_to_another(likeness: Mapping[str, float], key: str, strength: float) -> bool:
    """Whether a clause clearly calls for another reaction than `key`, to which its sentence is like by `strength`."""
    nearest = max(likeness, key=lambda each: likeness[each])
    return nearest != key and likeness[nearest] >= max(CLAUSE_LIKENESS_LEAST, strength + PART_NEARER)


def _hurt(
    brief: RoleBrief, likeness: Mapping[str, float], meant: Hostility | Literal["calm"] | None, near: float
) -> Recognised | None:
    """The reaction that costs trust, if the sentence is meant to hurt and the brief has nothing nearer."""
    costly = [one for one in brief.reactions if one.trust < 0 and one.key in likeness]
    nearest = max(likeness, key=lambda key: likeness[key], default="")
    if not costly or meant in (None, "calm") or likeness[nearest] >= CERTAIN:
        return None
    if likeness[nearest] >= LIKENESS_LEAST:
        if any(one.key == nearest for one in costly):
            return Recognised(nearest, likeness[nearest])
        if near < likeness[nearest] + HURT_NEARER:
            return None
    elif near < likeness[nearest]:
        return None
    worst, least = min(one.trust for one in costly), max(one.trust for one in costly)
    fitting = [one.key for one in costly if one.trust == (worst if meant == "strong" else least)]
    return Recognised(max(fitting, key=lambda each: likeness[each]), max(near, LIKENESS_LEAST))
