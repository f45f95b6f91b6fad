"""Recognises which reactions of a role brief a trainee's turn calls for. Independent of the database.

One turn may call for several, so each of its sentences is compared, by sentence vectors, with what each reaction lists
as `heard` and with its `when`. A sentence calls for one reaction or none: a line that the brief does not foresee is
better answered by the language model than by the wrong line. `scripts/bench/roleplay` measures how often this is right
(decision 0017). What one sentence shows is decided in `sentence_evidence`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from coach.providers.ports import SentenceEmbeddings
from practice.persona.brief.harmless_reactions import LIKENESS_LEAST, harmless_ones
from practice.persona.brief.role_brief import Fact, RoleBrief
from practice.persona.common_talk import common_talk
from practice.persona.recognition.alternatives import first_of_alternatives, is_alternative
from practice.persona.recognition.common_recognition import aside_of, hostility_of, is_question, less_alike
from practice.persona.recognition.fitting_lines import fits
from practice.persona.recognition.judged_sentence import RoleContext, SentenceEvidence, SentencePart
from practice.persona.recognition.known_facts import facts_near, nearest_fact, told_when_asked
from practice.persona.recognition.nearest_reaction import CLAUSE_LIKENESS_LEAST
from practice.persona.recognition.said_beside import called_beside, meant_together
from practice.persona.recognition.sentence_evidence import BY_FORM, NOTHING, evidence_of
from practice.persona.recognition.understood import Recognised, Understood
from practice.persona.sentences.asked_for import otherwise_asked
from practice.persona.sentences.dialogue_act import act, asks
from practice.persona.sentences.likeness import Likenesses, known_lines, overall
from practice.persona.sentences.plain_words import plain
from practice.persona.sentences.proposals import is_agreement
from practice.persona.sentences.sentence_parts import clauses, halves, pairs, thoughts
from practice.turns.recogniser_inventions import without_noise

NEARLY_A_LINE, HALF_WORDS = 0.85, 4
"""Minimum likeness of half a short sentence to one line of a reaction, and its words."""
ASKED_OTHERWISE = 0.08
"""A question is so much less like a reaction none of whose lines asks for the same kind of thing."""
WANTS_ANSWER_LEAST = 0.6
"""Minimum likeness of a question or proposal to a reaction that is said beside the weightiest one."""
NEWS = "own-news"
"""Is answered whatever is said after it: "I barely slept, can we go outside?" """
WHICH = frozenset({"which", "quantity"})
"""Questions whose parts propose nothing: "What would be worse, Friday, or a week of refunds?" """
HEARD_FIRST = frozenset({NEWS, "stop", "identity"})
"""Asides that count more than a mere welcome: "Hi! My cat died." """


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
    spoken = thoughts(without_noise(text))
    said = [each for sentence in spoken if (each := plain(sentence, language))]
    if not said:
        return Understood(aside="again" if "?" in text and spoken else "hesitation" if spoken else "")
    parts = [*chain(*map(clauses, said)), *pairs(said)]
    chosen_from = {part for one in said if act(one, language) in WHICH for part in clauses(one)}
    lines = lines_of(brief)
    heard = [*said, *parts, *chain(*(halves(sentence, language) for sentence in said))]
    alike = await Likenesses.read(heard, known(brief, language), embeddings)
    parts += _plain_halves(said, lines, alike, language)
    talk = RoleContext(
        brief=brief,
        lines=lines,
        language=language,
        happened=happened,
        stated={one.key for one in brief.reactions if not any(asks(line, language) for line in one.heard)},
        asked={one.key for one in brief.reactions if one.heard and all(asks(line, language) for line in one.heard)},
        harmless=harmless_ones(brief),
        told=told_when_asked(brief, happened),
    )
    whole = set(said)
    pieces = [
        _piece(talk, each, alike, whole=each in whole, first=at < len(said), only_asked=each in chosen_from)
        for at, each in enumerate([*said, *parts])
    ]
    shown: Sequence[SentenceEvidence] = [evidence_of(talk, piece) for piece in pieces]
    shown = _without_openings(talk, shown, pieces[: len(said)])
    facts = _asked(shown, len(said))
    ends = {said[-1], *clauses(said[-1])[-1:], *pairs(said[-2:])}
    asked_last = any(one.fact for text, one in zip([*said, *parts], shown, strict=True) if text in ends)
    shown_at_first = shown
    wants_answer = _wants_answer(brief, pieces[: len(said)], shown, language)
    shown = [*called_beside(talk, pieces, shown), *shown]
    found = _together(shown)
    meant = meant_together(brief, found.reactions)
    return replace(
        found,
        reactions=first_of_alternatives(talk, [*said, *parts], shown_at_first, meant),
        fits=fits(talk, said, alike),
        near=facts_near(talk.told, said, alike),
        facts=facts,
        asked_last=asked_last,
        wants_answer=wants_answer,
        said_at=_places(said, dict(zip([*said, *parts], shown_at_first, strict=True))),
    )


async def prepare(brief: RoleBrief | None, embeddings: SentenceEmbeddings, *, language: str = "en") -> None:
    """Embed every line that sentences are compared with, before the first turn. Raises ProviderError.

    Without a brief: the lines that belong to every talk in `language`.
    """
    for lines in known(brief, language):
        await known_lines(lines, embeddings)


def known(brief: RoleBrief | None, language: str) -> list[tuple[str, ...]]:
    """The lines of every talk, and those of the brief."""
    common = tuple(common_talk(language).lines())
    if brief is None:
        return [common]
    return [common, (*chain(*lines_of(brief).values()), *lines_of_facts(brief), *sayable(brief))]


def lines_of(brief: RoleBrief) -> dict[str, list[str]]:
    """The lines that a sentence is compared with, by the key of the reaction."""
    return {one.key: [*one.heard, one.when] for one in brief.reactions if not one.by_trust}


def lines_of_facts(brief: RoleBrief) -> list[str]:
    """The lines by which facts are asked for, and their answers, which go with a question too."""
    return [line for fact in brief.knows for line in (*fact.asked, *fact.says)]


def sayable(brief: RoleBrief) -> list[str]:
    """The lines of which the persona may have to choose one."""
    return [line for one in brief.reactions for lines in (one.says, one.otherwise) if len(lines) > 1 for line in lines]


def _piece(  # noqa: PLR0913 - where the piece stands in the turn
    talk: RoleContext, text: str, alike: Likenesses, *, whole: bool, first: bool, only_asked: bool
) -> SentencePart:
    """A sentence of the turn or a part of one, with everything it is judged by."""
    language, common = talk.language, common_talk(talk.language)

    def likeness(piece: str) -> dict[str, float]:
        return {
            key: overall(alike.of(piece, lines)) - _otherwise_put(piece, talk.brief.reaction(key).heard, language)
            for key, lines in talk.lines.items()
        }

    meant, hurtful = hostility_of(text, alike, common, language)
    return SentencePart(
        text=text,
        whole=whole,
        least=LIKENESS_LEAST if first else CLAUSE_LIKENESS_LEAST,
        question=is_question(text, language),
        only_asked=only_asked,
        act=act(text, language),
        likeness=likeness(text),
        fact=nearest_fact(talk.brief, text, alike, language, happened=talk.happened),
        clauses=[likeness(part) for part in clauses(text)] if whole else [],
        aside=aside_of(text, alike, common, language),
        asides=[aside_of(half, alike, common, language) for half in _meant_halves(text, language)] if whole else [],
        calm=meant == "calm",
        meant=meant if whole or hurtful == 1 else None,  # a part of a sentence hurts only by its words
        hurtful=hurtful,
    )


def _meant_halves(text: str, language: str) -> list[str]:
    """Its halves, the last first; of one that ends in a question only that: "I'm not cross, I just ask why." """
    found = halves(text, language)[::-1]
    return found[:1] if found and is_question(found[0], language) else found


def _plain_halves(
    said: Sequence[str], lines: Mapping[str, Sequence[str]], alike: Likenesses, language: str
) -> list[str]:
    """Of short sentences, halves that are nearly a line of the brief: "No lathe, Frank, I'm handing in my notice."

    English ones: a Chinese half is near to too many lines.
    """
    return [
        half
        for one in said
        if not clauses(one) and not is_alternative(one, language)
        for half in halves(one, language)
        if half not in said
        and len(half.split()) >= HALF_WORDS
        and any(max(alike.of(half, each)) >= NEARLY_A_LINE for each in lines.values())
    ]


def _without_openings(
    talk: RoleContext, shown: Sequence[SentenceEvidence], whole: Sequence[SentencePart]
) -> Sequence[SentenceEvidence]:
    """Without reactions to small talk if the last of several sentences asks something that they do not answer."""
    last = shown[len(whole) - 1]
    by_form = whole[-1].act in BY_FORM  # a welcome often goes with "How was your weekend?"
    if len(whole) == 1 or not whole[-1].question or by_form or last.reaction or last.fact or last.aside:
        return shown
    return [
        one if one.reaction is None or one.reaction.key not in talk.harmless else replace(one, reaction=None)
        for one in shown
    ]


def _places(said: Sequence[str], shown: Mapping[str, SentenceEvidence]) -> dict[str, int]:
    """Where each reaction was called for first; of a sentence that calls for one as a whole no clause is earlier."""
    places: dict[str, int] = {}
    at = 0
    for sentence in said:
        whole = shown[sentence].reaction is not None
        for piece in (sentence, *clauses(sentence)):
            if (one := shown[piece].reaction) is not None:
                places.setdefault(one.key, at)
            at += not whole
        at += 1
    return places


def _wants_answer(
    brief: RoleBrief, said: Sequence[SentencePart], shown: Sequence[SentenceEvidence], language: str
) -> tuple[str, ...]:
    """The reactions that the last sentence calls for, if it asks, and those to what other sentences propose."""
    found: list[str] = []
    for piece, shows in reversed([*zip(said, shown, strict=False)]):
        one = shows.reaction
        if one is None or shows.weak or one.likeness < WANTS_ANSWER_LEAST or one.key in found:
            continue
        asks_last = piece is said[-1] and piece.question and not piece.text.endswith("呢")
        reaction = brief.reaction(one.key)
        if asks_last or (reaction.otherwise and is_agreement(reaction.heard, language)):
            found.append(one.key)
    return tuple(found)


def _asked(shown: Sequence[SentenceEvidence], sentences: int) -> tuple[Fact, ...]:
    """The facts that whole sentences ask for, else those that parts of them do, each once."""
    if any(not one.weak and (one.fact or one.reaction) for one in shown):
        shown = [one if not one.weak else NOTHING for one in shown]
    whole, parts = ([one.fact.fact for one in some if one.fact] for some in (shown[:sentences], shown[sentences:]))
    found: list[Fact] = []
    for fact in whole or parts:
        if fact not in found:
            found.append(fact)
    return tuple(found)


def _otherwise_put(piece: str, heard: Sequence[str], language: str) -> float:
    """How much less a sentence is like a reaction because of its form, and of what it asks for."""
    marked = piece.endswith(("?", "？")) and is_question(piece, language)  # 谁 and 什么 need not ask
    asks_otherwise = marked and otherwise_asked(piece, heard, language)
    return less_alike(piece, heard, language) + (ASKED_OTHERWISE if asks_otherwise else 0.0)


def _together(found: Iterable[SentenceEvidence]) -> Understood:
    """What all pieces of a turn show: each reaction by its strongest evidence, and the last aside."""
    best: dict[str, float] = {}
    weak: set[str] = set()
    aside = ""
    for one in found:
        if one.aside is not None and aside != NEWS:
            aside = one.aside
        if one.reaction is not None and one.weak:
            if one.reaction.key not in best:
                best[one.reaction.key] = one.reaction.likeness
                weak.add(one.reaction.key)
        elif one.reaction is not None:
            best[one.reaction.key] = max(best.get(one.reaction.key, -1.0), one.reaction.likeness)
            weak.discard(one.reaction.key)
    if aside in HEARD_FIRST:
        best = {key: likeness for key, likeness in best.items() if key not in weak}
    ranked = sorted((Recognised(*each) for each in best.items()), key=lambda each: (-each.likeness, each.key))
    return Understood(tuple(ranked), aside)
