"""Feedback without any key: each sentence of the trainee against the example lines of each behaviour.

Sentence embeddings say what a sentence is about, cues what is done with it. No model chooses a rating or writes a text.
Free of the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from coach.providers.ports import SentenceEmbeddings, ToolAnswer, ToolCaller, Usage
from evaluations import insults, prompt_injection, sentences, wording
from evaluations.conversation import Behaviour, Conversation, RatedSkill
from evaluations.local import cues, feedback_text, rubric_behaviours
from evaluations.local.examples import Examples, Line, Weights, most_like
from evaluations.ratings import Answer, rate
from evaluations.results import BehaviourFinding, Findings, Quote, Score

LANGUAGE = "mul"
"""The encoder for every language: it tells behaviours apart better than the English one does, in English too."""
WEIGHTS: Mapping[str, Weights] = {
    "en": Weights(base=-3.27, near=-4.82, close=14.03, margin=4.38, beyond=7.47, cues=0.395),
    "zh": Weights(base=-3.69, near=2.87, close=13.25, margin=1.25, beyond=5.74, cues=0.554),
}
USUAL_LIKENESS: Mapping[str, float] = {"en": 0.182, "zh": 0.251}
"""Of two example lines, as the median over the shipped library."""
SURE, SURE_TO_AVOID = 0.0, 2.0
"""Log-odds from which a behaviour counts as shown; what should be avoided is claimed only when it is plain."""
DOUBT = 0.2
"""So near below the bound it could be read either way."""
FEWEST_WORDS = 3
"""A shorter sentence shows nothing by itself (“Yes.”, “I see.”)."""
PAIR_WORDS = 40
"""Two sentences in a row are looked at together up to so many words."""


@dataclass(frozen=True)
class LocalReading:
    findings: Findings
    answer: ToolAnswer
    """What it cost: the questions to the small model, if any."""


@dataclass(frozen=True)
class _Said:
    """One or two sentences of the trainee."""

    sequence: int
    line: Line
    most_like: float


def read(
    conversation: Conversation,
    model: ToolCaller,
    embeddings: SentenceEmbeddings | None,
    *,
    session_id: str = "",
) -> LocalReading:
    """Findings about every skill. Raises ProviderError."""
    assert embeddings is not None
    heard = prompt_injection.without(conversation)
    asked = replace(heard, skills=tuple(map(rubric_behaviours.with_behaviours, heard.skills)))
    said, examples = _lines(asked, embeddings)
    insulting = insults.plainly(conversation.trainee_lines.values())
    scores = tuple(
        _score(skill, given, said, examples, conversation, insulting)
        for skill, given in zip(asked.skills, conversation.skills, strict=True)
    )
    return LocalReading(feedback_text.told(scores, conversation, insulting=insulting), ToolAnswer({}, Usage()))


def prepare(conversation: Conversation, embeddings: SentenceEmbeddings) -> None:
    """Have the example lines read, which do not depend on what is said. Raises ProviderError."""
    _lines(replace(conversation, skills=tuple(map(rubric_behaviours.with_behaviours, conversation.skills))), embeddings)


def _lines(
    conversation: Conversation, embeddings: SentenceEmbeddings
) -> tuple[list[_Said], Mapping[tuple[str, str], Examples]]:
    """The trainee's sentences and every behaviour's examples, with their vectors: one question for all of them."""
    language = conversation.language
    found = [
        (sequence, piece)
        for sequence, text in conversation.trainee_lines.items()
        for piece in _pieces(text)
        if prompt_injection.LEFT_OUT not in piece
    ]
    behaviours = [(skill.id, each) for skill in conversation.skills for each in skill.behaviours]
    texts = [sentence for _, sentence in found]
    texts += [line for _, each in behaviours for line in (*each.shown, *each.not_shown)]
    distinct = list(dict.fromkeys(texts))
    vectors = (
        dict(zip(distinct, embeddings.embed_blocking(distinct, language=LANGUAGE), strict=True)) if distinct else {}
    )
    lines = {
        text: Line(text, vector, cues.of(text, language=language, counterpart=conversation.counterpart))
        for text, vector in vectors.items()
    }
    example_lines = [lines[text] for text in texts[len(found) :]]
    usual = usual_cues(example_lines)
    examples = {
        (skill_id, each.key): Examples(
            each,
            [lines[text] for text in each.shown],
            [lines[text] for text in each.not_shown],
            usual,
            USUAL_LIKENESS.get(language, USUAL_LIKENESS["en"]),
        )
        for skill_id, each in behaviours
    }
    said = [_Said(sequence, lines[piece], most_like(lines[piece], example_lines)) for sequence, piece in found]
    return said, examples


def _pieces(text: str) -> list[str]:
    """The sentences of a line and every two in a row, as they stand."""
    found = sentences.of(text)
    pairs = []
    for first, second in zip(found, found[1:], strict=False):
        begin = text.index(first)
        pairs.append(text[begin : text.index(second, begin) + len(second)])
    return [piece for piece in found if len(wording.tokens(piece)) >= FEWEST_WORDS] + [
        pair for pair in pairs if FEWEST_WORDS <= len(wording.tokens(pair)) <= PAIR_WORDS
    ]


def usual_cues(lines: Sequence[Line]) -> Mapping[str, float]:
    """The share of lines that have each cue."""
    return {name: sum(name in line.cues for line in lines) / len(lines) for name in cues.NAMES} if lines else {}


def _score(
    skill: RatedSkill,
    given: RatedSkill,
    said: Sequence[_Said],
    examples: Mapping[tuple[str, str], Examples],
    conversation: Conversation,
    insulting: bool,
) -> Score:
    weights = WEIGHTS.get(conversation.language, WEIGHTS["en"])
    found = tuple(_finding(each, examples[skill.id, each.key], said, weights) for each in skill.behaviours)
    rating = rate(((each.behaviour.kind, each.answer) for each in found), insulting=insulting)
    if given.behaviours:
        return Score(given, rating, "", behaviours=found)
    # Derived from the rubric for this reading only: no behaviour that anyone could dispute.
    return Score(given, rating, feedback_text.note(found), evidence=tuple(each.quote for each in found if each.quote))


def _finding(behaviour: Behaviour, examples: Examples, said: Sequence[_Said], weights: Weights) -> BehaviourFinding:
    if not said:
        return BehaviourFinding(behaviour, Answer.NOT_SHOWN)
    fits = [(weights.odds(examples.fit(each.line, each.most_like)), -at) for at, each in enumerate(said)]
    odds, place = max(fits)
    bound = SURE if behaviour.is_wanted else SURE_TO_AVOID
    if odds >= bound:
        best = said[-place]
        return BehaviourFinding(behaviour, Answer.SHOWN, Quote(best.sequence, best.line.text))
    return BehaviourFinding(behaviour, Answer.UNSURE if odds >= bound - DOUBT else Answer.NOT_SHOWN)
