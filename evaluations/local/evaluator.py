"""Feedback without any key: each sentence of the trainee against the example lines of each behaviour.

Sentence embeddings say what a sentence is about, cues what is done with it. Only what stays close is asked of the small
model, as a yes or no. It never chooses a rating and writes no text. Free of the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from coach.providers.ports import SentenceEmbeddings, ToolAnswer, ToolCaller, Usage
from evaluations import insults, prompt_injection, sentences, wording
from evaluations.conversation import Behaviour, Conversation, RatedSkill
from evaluations.local import cues, feedback_text, rubric_behaviours
from evaluations.local.examples import Examples, Line, Weights
from evaluations.ratings import Answer, rate
from evaluations.results import BehaviourFinding, Findings, Quote, Score

WEIGHTS: Mapping[str, Weights] = {
    "en": Weights(base=-3.2, near=5.0, margin=4.0, cues=0.55),
    "zh": Weights(base=-3.2, near=5.0, margin=4.0, cues=0.55),
}
USUAL_LIKENESS: Mapping[str, float] = {"en": 0.15, "zh": 0.08}
"""Of two lines that have nothing to do with each other."""
SURE, SURE_TO_AVOID = 0.0, 1.2
"""Log-odds from which a behaviour counts as shown; what should be avoided is claimed only when it is plain."""
DOUBT = 0.25
"""So near below the bound it could be read either way."""
FEWEST_WORDS = 3
"""A shorter sentence shows nothing by itself (“Yes.”, “I see.”)."""


@dataclass(frozen=True)
class LocalReading:
    findings: Findings
    answer: ToolAnswer
    """What it cost: the questions to the small model, if any."""


@dataclass(frozen=True)
class _Said:
    """A sentence of the trainee."""

    sequence: int
    line: Line


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


def _lines(
    conversation: Conversation, embeddings: SentenceEmbeddings
) -> tuple[list[_Said], Mapping[tuple[str, str], Examples]]:
    """The trainee's sentences and every behaviour's examples, with their vectors: one question for all of them."""
    language = conversation.language
    found = [
        (sequence, sentence)
        for sequence, text in conversation.trainee_lines.items()
        for sentence in sentences.of(text)
        if len(wording.tokens(sentence)) >= FEWEST_WORDS and prompt_injection.LEFT_OUT not in sentence
    ]
    behaviours = [(skill.id, each) for skill in conversation.skills for each in skill.behaviours]
    texts = [sentence for _, sentence in found]
    texts += [line for _, each in behaviours for line in (*each.shown, *each.not_shown)]
    distinct = list(dict.fromkeys(texts))
    vectors = (
        dict(zip(distinct, embeddings.embed_blocking(distinct, language=language), strict=True)) if distinct else {}
    )
    lines = {
        text: Line(text, vector, cues.of(text, language=language, counterpart=conversation.counterpart))
        for text, vector in vectors.items()
    }
    usual = usual_cues([lines[text] for text in dict.fromkeys(texts[len(found) :])])
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
    return [_Said(sequence, lines[sentence]) for sequence, sentence in found], examples


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
    fits = [(weights.odds(examples.fit(each.line)), -at) for at, each in enumerate(said)]
    odds, place = max(fits)
    bound = SURE if behaviour.is_wanted else SURE_TO_AVOID
    if odds >= bound:
        best = said[-place]
        return BehaviourFinding(behaviour, Answer.SHOWN, Quote(best.sequence, best.line.text))
    return BehaviourFinding(behaviour, Answer.UNSURE if odds >= bound - DOUBT else Answer.NOT_SHOWN)
