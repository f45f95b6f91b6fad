"""Feedback without any key: compares what the trainee said, piece by piece, with each behaviour.

A shipped behaviour has a fitted detector (`detectors.py`), which looks at each piece as it is read within its turn. Any
other is judged by its example lines (`examples.py`): by sentence embeddings, which capture what a sentence is about,
and cues, which capture what it does. No model chooses a rating or writes a text. Independent of the database.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from coach.providers.ports import SentenceEmbeddings, ToolAnswer, ToolCaller, Usage
from evaluations.findings import insults
from evaluations.findings.ratings import Answer, rate
from evaluations.findings.results import BehaviourFinding, Findings, Quote, Score
from evaluations.local import (
    chosen_quotes,
    cues,
    detectors,
    feedback_text,
    occasions,
    repeated_no,
    rubric_behaviours,
    spoken_pieces,
    tidy,
)
from evaluations.local.better_example import BetterExamples
from evaluations.local.examples import Examples, Line, Vector, most_like
from evaluations.local.showing import Showing, SpokenPiece, bound, bound_after, plainer
from evaluations.transcript import prompt_injection, word_matching
from evaluations.transcript.conversation import Behaviour, Conversation, RatedSkill

USUAL_LIKENESS: Mapping[str, float] = {"en": 0.182, "zh": 0.251}
"""Median similarity of two example lines in the shipped library."""
NO_PRAISE = 1.25
"""Words with these log-odds of a behaviour to avoid, or higher, are not praised."""
NEARLY = 1.5
"""From these log-odds on, nobody is praised for having avoided something."""
DOUBT, DOUBT_TO_AVOID = 0.1, 0.4
"""Log-odds this close below the threshold are unsure."""

Vectors = Mapping[str, Vector]


@dataclass(frozen=True)
class LocalReading:
    findings: Findings
    answer: ToolAnswer
    """The cost: nothing, because no model is asked."""


def read(
    conversation: Conversation,
    model: ToolCaller,
    embeddings: SentenceEmbeddings | None,
    *,
    session_id: str = "",
) -> LocalReading:
    """Findings about every skill. Raises ProviderError."""
    assert embeddings is not None
    heard = _heard(conversation)
    vectors = _vectors(heard, embeddings)
    examples, example_lines = _examples(heard, vectors)
    pieces = _pieces(heard, vectors, example_lines, embeddings)
    showing = _showing(heard, pieces, examples)
    insulting = insults.plainly(heard.trainee_lines.values())
    scores = _scores(heard, conversation, pieces, showing, insulting)
    better = _better_examples(heard, pieces, showing, vectors, embeddings)
    findings = feedback_text.told(scores, conversation, better.choose, insulting=insulting)
    return LocalReading(findings, ToolAnswer({}, Usage()))


def prepare(conversation: Conversation, embeddings: SentenceEmbeddings) -> None:
    """Read what has been said so far, and what curators wrote for it. Raises ProviderError."""
    heard = _heard(conversation)
    if _without_detector(heard):
        _known(heard.example_lines, _vectors(heard, embeddings), embeddings)
    own = spoken_pieces.own_turns(heard).values()
    spoken_pieces.read([*own, *map(spoken_pieces.alone, heard.example_lines)], embeddings)


def _heard(conversation: Conversation) -> Conversation:
    """What is read: without orders to the judge, with lines as they would be printed, each skill with behaviours."""
    conversation = tidy.tidied(prompt_injection.without(conversation))
    return replace(conversation, skills=tuple(map(rubric_behaviours.with_behaviours, conversation.skills)))


def _vectors(conversation: Conversation, embeddings: SentenceEmbeddings) -> dict[str, Vector]:
    """Embed every text that behaviours without a detector are judged by; nothing if there are none."""
    behaviours = [behaviour for _, behaviour in _without_detector(conversation)]
    if not behaviours:
        return {}
    said = [text for turn in spoken_pieces.own_turns(conversation).values() for text in spoken_pieces.texts(turn)]
    return _embedded(said, embeddings) | _embedded(_examples_of(behaviours), embeddings, lasting=True)


def _embedded(texts: Sequence[str], embeddings: SentenceEmbeddings, *, lasting: bool = False) -> dict[str, Vector]:
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return {}
    return dict(zip(distinct, embeddings.embed_blocking(distinct, lasting=lasting), strict=True))


def _known(
    texts: Sequence[str], vectors: Vectors, embeddings: SentenceEmbeddings, said: Collection[str] = ()
) -> Vectors:
    """`vectors`, and those of `texts`; what curators wrote is remembered for good, what was `said` is not."""
    missing = [text for text in texts if text not in vectors]
    spoken = _embedded([text for text in missing if text in said], embeddings)
    written = _embedded([text for text in missing if text not in said], embeddings, lasting=True)
    return {**vectors, **spoken, **written}


def _examples_of(behaviours: Sequence[Behaviour]) -> list[str]:
    return [text for each in behaviours for text in (*each.shown, *each.not_shown)]


def _without_detector(conversation: Conversation) -> list[tuple[str, Behaviour]]:
    """Behaviours without a detector, with their skills' ids."""
    return [
        (skill.id, each) for skill in conversation.skills for each in skill.behaviours if detectors.of(each) is None
    ]


def _pieces(
    conversation: Conversation, vectors: Vectors, example_lines: Sequence[Line], embeddings: SentenceEmbeddings
) -> list[SpokenPiece]:
    """What the trainee said, piece by piece, each with the examples that are most like it."""
    wanted = {detectors.of(each) for skill in conversation.skills for each in skill.behaviours if each.is_wanted}
    pieces = [
        replace(each, helps=max((one.odds(each.in_turn) for one in wanted if one), default=-math.inf))
        for each in spoken_pieces.said(conversation, vectors, embeddings)
    ]
    if not example_lines:
        return pieces
    return [replace(each, most_like=most_like(each.line, example_lines)) for each in pieces]


def _examples(conversation: Conversation, vectors: Vectors) -> tuple[dict[tuple[str, str], Examples], list[Line]]:
    """The examples of behaviours without a detector, by skill and key, and all of their lines."""
    behaviours = _without_detector(conversation)
    lines = {
        text: spoken_pieces.line_of(text, vectors, conversation)
        for _, each in behaviours
        for text in (*each.shown, *each.not_shown)
    }
    everything = list(lines.values())
    usual = usual_cues(everything)
    likeness = USUAL_LIKENESS.get(conversation.language, USUAL_LIKENESS["en"])
    examples = {
        (skill_id, each.key): Examples(
            each, [lines[text] for text in each.shown], [lines[text] for text in each.not_shown], usual, likeness
        )
        for skill_id, each in behaviours
    }
    return examples, everything


def usual_cues(lines: Sequence[Line]) -> Mapping[str, float]:
    """The share of lines that have each cue."""
    return {name: sum(name in line.cues for line in lines) / len(lines) for name in cues.NAMES} if lines else {}


def _showing(
    conversation: Conversation, pieces: Sequence[SpokenPiece], examples: Mapping[tuple[str, str], Examples]
) -> Showing:
    showing = Showing(conversation.language, examples)
    return replace(showing, blamed=_blamed(conversation, pieces, showing))


def _blamed(conversation: Conversation, said: Sequence[SpokenPiece], showing: Showing) -> list[Quote]:
    """Words that show, or nearly show, a behaviour to avoid."""
    found: list[Quote] = []
    for skill in conversation.skills:
        for behaviour in (each for each in skill.behaviours if not each.is_wanted):
            slips = [each for each in said if showing.odds(skill.id, behaviour, each) >= NO_PRAISE]
            found += [Quote(each.sequence, each.line.text) for each in slips if not _has_a_part_in(each, slips)]
    return found


def _has_a_part_in(piece: SpokenPiece, others: Sequence[SpokenPiece]) -> bool:
    return any(
        other is not piece and other.sequence == piece.sequence and other.line.text in piece.line.text
        for other in others
    )


def _scores(
    heard: Conversation,
    given: Conversation,
    pieces: Sequence[SpokenPiece],
    showing: Showing,
    insulting: bool,
) -> tuple[Score, ...]:
    """A score for every skill of the `given` conversation, with quotes in its words."""
    behaviours = [(skill.id, each) for skill in heard.skills for each in skill.behaviours]
    odds = {
        (skill_id, each.key): [showing.odds(skill_id, each, piece) for piece in pieces] for skill_id, each in behaviours
    }
    least = {(skill_id, each.key): bound(each) for skill_id, each in behaviours}
    for skill_id, key in [each for each in odds if each[1] == repeated_no.AGAIN]:
        if (no := (skill_id, repeated_no.NO)) in odds:
            odds[skill_id, key] = repeated_no.raised(odds[skill_id, key], odds[no], least[no], pieces)
    to_avoid = [each for each in behaviours if not each[1].is_wanted]
    plain = _slips(to_avoid, odds, least)
    least |= {(at, each.key): bound_after(plain, each) for at, each in to_avoid}
    slips = _slips(to_avoid, odds, least)
    least |= {(at, each.key): bound(each) + plainer(len(slips)) for at, each in behaviours if each.is_wanted}
    quoted = chosen_quotes.chosen(pieces, odds, least, known=chosen_quotes.names(heard), language=given.language)
    spoke_at = {piece.sequence for piece in pieces}
    done_at, felt_at = occasions.done_at_once(heard.turns), occasions.felt(heard.turns)
    scores = []
    for skill, given_skill in zip(heard.skills, given.skills, strict=True):
        found = [
            _finding(
                each,
                max(odds[skill.id, each.key], default=-math.inf),
                least[skill.id, each.key],
                quoted.get((skill.id, each.key)),
            )
            for each in skill.behaviours
        ]
        settled = occasions.settled(found, spoke_at, done_at, felt_at)
        scores.append(_verbatim(_score(given_skill, settled, insulting), given))
    return tuple(scores)


def _slips(
    to_avoid: Sequence[tuple[str, Behaviour]],
    odds: Mapping[tuple[str, str], Sequence[float]],
    least: Mapping[tuple[str, str], float],
) -> set[str]:
    """The keys of the behaviours to avoid that were shown."""
    return {each.key for at, each in to_avoid if max(odds[at, each.key], default=-math.inf) >= least[at, each.key]}


def _score(skill: RatedSkill, found: Sequence[BehaviourFinding], insulting: bool) -> Score:
    rating = rate(((each.behaviour.kind, each.answer) for each in found), insulting=insulting)
    if skill.behaviours:
        return Score(skill, rating, "", behaviours=tuple(found))
    # Derived from the rubric for this reading only: there is no behaviour that anyone could dispute.
    return Score(skill, rating, feedback_text.note(found), evidence=tuple(each.quote for each in found if each.quote))


def _better_examples(
    conversation: Conversation,
    pieces: Sequence[SpokenPiece],
    showing: Showing,
    vectors: Vectors,
    embeddings: SentenceEmbeddings,
) -> BetterExamples:
    """Chooses among the lines that curators wrote for this scenario."""
    own = conversation.example_lines
    if _without_detector(conversation):
        vectors = _known(own, vectors, embeddings)
    read = spoken_pieces.read([spoken_pieces.alone(text) for text in own], embeddings)
    lines = [
        SpokenPiece(0, spoken_pieces.line_of(text, vectors, conversation), text, vector)
        for text, (vector,) in zip(own, read, strict=True)
    ]
    wanted = {skill.id: [each for each in skill.behaviours if each.is_wanted] for skill in conversation.skills}
    known = chosen_quotes.names(conversation).union(
        *(word_matching.tokens(turn.text or "") for turn in conversation.turns)
    )
    said = {each.line.text for each in pieces}
    return BetterExamples(lines, pieces, showing, wanted, known, lambda texts: _known(texts, vectors, embeddings, said))


def _verbatim(score: Score, conversation: Conversation) -> Score:
    """The score with quotes as the transcript has the words."""

    def of(quote: Quote) -> Quote:
        line = conversation.trainee_lines[quote.sequence]
        return Quote(quote.sequence, word_matching.find(quote.text, line) or line)

    behaviours = tuple(replace(each, quote=of(each.quote)) if each.quote else each for each in score.behaviours)
    return replace(score, behaviours=behaviours, evidence=tuple(map(of, score.evidence)))


def _finding(behaviour: Behaviour, odds: float, least: float, quoted: SpokenPiece | None) -> BehaviourFinding:
    """`odds`: the highest of all pieces; `least`: its bound; `quoted`: the piece that shows it, if one does."""
    if quoted:
        return BehaviourFinding(behaviour, Answer.SHOWN, Quote(quoted.sequence, quoted.line.text))
    if odds >= least - (DOUBT if behaviour.is_wanted else DOUBT_TO_AVOID):
        return BehaviourFinding(behaviour, Answer.UNSURE)
    nearly = not behaviour.is_wanted and odds >= NEARLY
    return BehaviourFinding(behaviour, Answer.NOT_APPLICABLE if nearly else Answer.NOT_SHOWN)
