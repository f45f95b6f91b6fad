"""Feedback without any key: compares what the trainee said, piece by piece, with each behaviour.

A shipped behaviour has a fitted detector (`detectors.py`); any other is judged by its example lines (`examples.py`).
Both use sentence embeddings, which capture what a sentence is about, and cues, which capture what it does. No model
chooses a rating or writes a text. Independent of the database.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coach.providers.ports import SentenceEmbeddings, ToolAnswer, ToolCaller, Usage
from evaluations import insults, prompt_injection, sentences, wording
from evaluations.conversation import Behaviour, Conversation, RatedSkill, Said
from evaluations.local import (
    cues,
    detectors,
    feedback_text,
    occasions,
    pieces,
    required_words,
    rubric_behaviours,
    sentence_forms,
    speech_acts,
    surroundings,
    telling_words,
)
from evaluations.local.examples import Examples, Line, Vector, Weights, most_like
from evaluations.local.surroundings import Surroundings
from evaluations.ratings import Answer, rate
from evaluations.results import BehaviourFinding, Findings, Quote, Score

LANGUAGE = "mul"
"""The encoder for every language: it distinguishes behaviours better than the English one, even in English."""
WEIGHTS: Mapping[str, Weights] = {
    "en": Weights(base=-3.27, near=-4.82, close=14.03, margin=4.38, beyond=7.47, cues=0.395),
    "zh": Weights(base=-3.69, near=2.87, close=13.25, margin=1.25, beyond=5.74, cues=0.554),
}
USUAL_LIKENESS: Mapping[str, float] = {"en": 0.182, "zh": 0.251}
"""Median similarity of two example lines in the shipped library."""
SURE, SURE_TO_AVOID = 0.0, 2.0
"""Minimum log-odds for example lines to show a behaviour; behaviours to avoid are claimed only if plain."""
DETECTED, DETECTED_TO_AVOID = 0.0, 2.7
"""The same for detectors."""
TELLING, TELLING_TO_AVOID = 6.0, 1.9
"""What telling words add to a detector's log-odds; a plain insult or threat adds as much as for things to do."""
NO_PRAISE = 0.5
"""Words that come this close to showing a behaviour to avoid are not praised."""
SURE_ALONE = 0.5
"""How far above its bound a part of the best piece must be, to be quoted instead of all of it."""
DOUBT = 0.1
"""Log-odds this close below the threshold are unsure."""
MISHEARD = 4.0
"""What a piece loses in log-odds if the recogniser was unsure of all of it; in proportion if of a part."""
MISHEARD_MOST = 0.5
"""A piece of which the recogniser was unsure of more than this share shows nothing."""

Vectors = Mapping[str, Vector]


@dataclass(frozen=True)
class LocalReading:
    findings: Findings
    answer: ToolAnswer
    """The cost: nothing, because no model is asked."""


@dataclass(frozen=True)
class _Piece:
    """A trainee's sentence, two in a row, or part of a long one.

    `turn` is the whole turn; `around` as computed by `surroundings.py`; `misheard` the share of its characters that the
    recogniser was unsure of.
    """

    sequence: int
    line: Line
    turn: str
    around: Sequence[float]
    misheard: float = 0.0

    @property
    def sentences(self) -> list[str]:
        """The whole sentences that it is, or is a part of."""
        return [one for one in sentences.of(self.turn) if one in self.line.text or self.line.text in one]


@dataclass(frozen=True)
class _ByExample:
    """For behaviours without a detector: their example lines, and each piece's similarity to all of these lines."""

    examples: Mapping[tuple[str, str], Examples]
    most_like: Sequence[float]


@dataclass(frozen=True)
class _Reading:
    """`blamed`: words that show, or nearly show, a behaviour to avoid; they are never praised."""

    said: Sequence[_Piece]
    by_example: _ByExample
    language: str
    blamed: Sequence[Quote] = ()

    def may_show(self, behaviour: Behaviour, piece: _Piece) -> bool:
        text = piece.line.text
        if piece.misheard > MISHEARD_MOST:
            return False
        if not sentence_forms.may_show(behaviour.key, text, " ".join(piece.sentences), self.language):
            return False
        if not required_words.may_show(behaviour.key, text, self.language):
            return False
        if behaviour.is_wanted:
            harsh = speech_acts.is_harsh(text, piece.turn, self.language)
            return not harsh and not any(_overlap(each, piece) for each in self.blamed)
        return speech_acts.may_show(behaviour, text, piece.turn, self.language)

    def telling(self, behaviour: Behaviour, piece: _Piece) -> float:
        text = piece.line.text
        if not behaviour.is_wanted and speech_acts.shows(behaviour.key, text, self.language):
            return TELLING
        if not telling_words.are_in(behaviour.key, text, self.language):
            return 0.0
        return TELLING if behaviour.is_wanted else TELLING_TO_AVOID


def _overlap(quote: Quote, piece: _Piece) -> bool:
    return quote.sequence == piece.sequence and (quote.text in piece.line.text or piece.line.text in quote.text)


def read(
    conversation: Conversation,
    model: ToolCaller,
    embeddings: SentenceEmbeddings | None,
    *,
    session_id: str = "",
) -> LocalReading:
    """Findings about every skill. Raises ProviderError."""
    assert embeddings is not None
    heard = _asked(prompt_injection.without(conversation))
    vectors = _vectors(heard, embeddings)
    said = list(_said(heard, vectors))
    by_example = _by_example(heard, said, vectors)
    insulting = insults.plainly(conversation.trainee_lines.values())
    reading = _Reading(said, by_example, conversation.language)
    blamed = [
        found.quote
        for skill in heard.skills
        for behaviour in skill.behaviours
        if not behaviour.is_wanted and (found := _finding(skill.id, behaviour, reading, leave=NO_PRAISE)).quote
    ]
    scores = tuple(
        _score(skill, given, replace(reading, blamed=blamed), insulting)
        for skill, given in zip(heard.skills, conversation.skills, strict=True)
    )
    return LocalReading(feedback_text.told(scores, conversation, insulting=insulting), ToolAnswer({}, Usage()))


def prepare(conversation: Conversation, embeddings: SentenceEmbeddings) -> None:
    """Embed what has been said so far, and the example lines. Raises ProviderError."""
    _vectors(_asked(prompt_injection.without(conversation)), embeddings)


def _asked(conversation: Conversation) -> Conversation:
    return replace(conversation, skills=tuple(map(rubric_behaviours.with_behaviours, conversation.skills)))


def _vectors(conversation: Conversation, embeddings: SentenceEmbeddings) -> Vectors:
    """Embed every text that a reading compares, in one call."""
    texts = [text for turn in _spoken(conversation) for text in _compared(turn, conversation.language)]
    for _, behaviour in _without_detector(conversation):
        texts += [*behaviour.shown, *behaviour.not_shown]
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return {}
    return dict(zip(distinct, embeddings.embed_blocking(distinct, language=LANGUAGE), strict=True))


def _spoken(conversation: Conversation) -> list[Said]:
    return [turn for turn in conversation.turns if turn.text]


def _compared(turn: Said, language: str) -> list[str]:
    line = turn.text or ""
    if turn.speaker == "ai":
        return [line]
    return [*pieces.whole_sentences(line), *pieces.of(line, language)]


def _without_detector(conversation: Conversation) -> list[tuple[str, Behaviour]]:
    """Behaviours without a detector, with their skills' ids."""
    return [
        (skill.id, each) for skill in conversation.skills for each in skill.behaviours if detectors.of(each) is None
    ]


def _said(conversation: Conversation, vectors: Vectors) -> Iterator[_Piece]:
    language = conversation.language
    turns = _spoken(conversation)
    # Orders to the judge are left out: the line before one is still the last.
    own = [turn.sequence for turn in turns if turn.speaker == "trainee" and wording.tokens(turn.text or "")]
    earlier: list[Vector] = []
    answered = ""
    for turn in turns:
        line = turn.text or ""
        if turn.speaker == "ai":
            answered = line
            continue
        first, last = turn.sequence in own[:1], turn.sequence in own[-1:]
        here = Surroundings(answered, vectors[answered], tuple(earlier), first, last, language) if answered else None
        for text in pieces.of(line, language):
            if prompt_injection.LEFT_OUT not in text:
                around = here.of(text, vectors[text]) if here else surroundings.UNKNOWN
                yield _Piece(turn.sequence, _line(text, vectors, conversation), line, around, turn.misheard(text))
        earlier += [vectors[sentence] for sentence in pieces.whole_sentences(line)]


def _line(text: str, vectors: Vectors, conversation: Conversation) -> Line:
    found = cues.of(text, language=conversation.language, counterpart=conversation.counterpart)
    return Line(text, vectors[text], found)


def _by_example(conversation: Conversation, said: Sequence[_Piece], vectors: Vectors) -> _ByExample:
    behaviours = _without_detector(conversation)
    lines = {
        text: _line(text, vectors, conversation) for _, each in behaviours for text in (*each.shown, *each.not_shown)
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
    return _ByExample(examples, [most_like(piece.line, everything) for piece in said] if everything else [])


def usual_cues(lines: Sequence[Line]) -> Mapping[str, float]:
    """The share of lines that have each cue."""
    return {name: sum(name in line.cues for line in lines) / len(lines) for name in cues.NAMES} if lines else {}


def _score(
    skill: RatedSkill,
    given: RatedSkill,
    reading: _Reading,
    insulting: bool,
) -> Score:
    told = tuple(_finding(skill.id, each, reading) for each in skill.behaviours)
    found = occasions.settled(told, {piece.sequence for piece in reading.said})
    rating = rate(((each.behaviour.kind, each.answer) for each in found), insulting=insulting)
    if given.behaviours:
        return Score(given, rating, "", behaviours=found)
    # Derived from the rubric for this reading only: there is no behaviour that anyone could dispute.
    return Score(given, rating, feedback_text.note(found), evidence=tuple(each.quote for each in found if each.quote))


def _finding(skill_id: str, behaviour: Behaviour, reading: _Reading, *, leave: float = 0.0) -> BehaviourFinding:
    """`leave`: how far below the threshold it still counts as shown."""
    said = reading.said
    if not said:
        return BehaviourFinding(behaviour, Answer.NOT_SHOWN)
    if detector := detectors.of(behaviour):
        bound = DETECTED if behaviour.is_wanted else DETECTED_TO_AVOID
        odds = [
            detector.odds(each.line.vector, each.line.cues, each.around) + reading.telling(behaviour, each)
            for each in said
        ]
    else:
        bound = SURE if behaviour.is_wanted else SURE_TO_AVOID
        weights = WEIGHTS.get(reading.language, WEIGHTS["en"])
        examples = reading.by_example.examples[skill_id, behaviour.key]
        likeness = zip(said, reading.by_example.most_like, strict=True)
        odds = [weights.odds(examples.fit(each.line, most)) for each, most in likeness]
    odds = [
        one - MISHEARD * each.misheard if reading.may_show(behaviour, each) else -math.inf
        for each, one in zip(said, odds, strict=True)
    ]
    best = max(range(len(said)), key=odds.__getitem__)
    if odds[best] >= bound - leave:
        quoted = said[best] if leave else _narrowest(said[best], said, odds, bound)
        return BehaviourFinding(behaviour, Answer.SHOWN, Quote(quoted.sequence, quoted.line.text))
    return BehaviourFinding(behaviour, Answer.UNSURE if odds[best] >= bound - DOUBT else Answer.NOT_SHOWN)


def _narrowest(best: _Piece, said: Sequence[_Piece], odds: Sequence[float], bound: float) -> _Piece:
    """The shortest whole sentence within the best piece that shows the behaviour by itself."""
    whole = {each for each in pieces.whole_sentences(best.turn) if each in best.line.text}
    within = [
        each
        for each, one in zip(said, odds, strict=True)
        if one >= bound + SURE_ALONE and each.sequence == best.sequence and each.line.text in whole
    ]
    return min(within, key=lambda each: len(each.line.text), default=best)
