"""Decides when not doing something deserves praise: only if the talk gave an occasion to do it. Pure.

Nobody is praised for what a greeting or an outburst happened not to contain. The page says "You avoided this" if all of
this is true, and "Not counted" otherwise:

    enough talk       at least LINES lines of the trainee with WORDS words in all (Chinese: CHARACTERS)
    no insult         in the whole talk
    an occasion       at least SHOWN wanted behaviours of the same skill were shown, and half of those that were asked:
                      the trainee took the hard part of the talk on, where this could have slipped out
    a clean record    nothing else to avoid in this skill was shown or nearly

Where it does not hold the answer becomes `notApplicable` before anything is stored, whoever read the talk: a cloud
model judges the occasion too, and the stricter of the two is kept. No rating changes by it (`ratings.py`).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from evaluations.findings import insults
from evaluations.findings.ratings import Answer
from evaluations.findings.results import BehaviourFinding, Findings
from evaluations.transcript import word_matching
from evaluations.transcript.conversation import Conversation
from practice.catalog.behaviours import BehaviourKind
from practice.lifecycle import Language

LINES = 4
WORDS, CHARACTERS = 40, 60
SHOWN = 2


def settled(findings: Findings, conversation: Conversation) -> Findings:
    """The findings with `notApplicable` for each behaviour to avoid that had no occasion."""
    possible = is_worth_praise(conversation.trainee_lines.values(), conversation.language)
    scores = tuple(
        score
        if possible and gave_occasion((each.behaviour.kind, each.answer) for each in score.behaviours)
        else replace(score, behaviours=tuple(map(_without_credit, score.behaviours)))
        for score in findings.scores
    )
    return replace(findings, scores=scores)


def is_worth_praise(lines: Collection[str], language: str) -> bool:
    """Whether the trainee's lines of a whole talk are enough and free of insults."""
    least = CHARACTERS if language == Language.CHINESE else WORDS
    is_enough = len(lines) >= LINES and sum(len(word_matching.tokens(line)) for line in lines) >= least
    return is_enough and not insults.plainly(lines)


def gave_occasion(answers: Iterable[tuple[str, str]]) -> bool:
    """Whether one skill's (kind, answer) pairs allow praise for what the trainee did not do."""
    given = [(BehaviourKind(kind), Answer(answer)) for kind, answer in answers]
    shown = given.count((BehaviourKind.DO, Answer.SHOWN))
    missed = given.count((BehaviourKind.DO, Answer.NOT_SHOWN))
    slipped = {(BehaviourKind.AVOID, Answer.SHOWN), (BehaviourKind.AVOID, Answer.UNSURE)} & set(given)
    return shown >= max(SHOWN, missed) and not slipped


def _without_credit(found: BehaviourFinding) -> BehaviourFinding:
    if found.behaviour.is_wanted or found.answer is not Answer.NOT_SHOWN:
        return found
    return replace(found, answer=Answer.NOT_APPLICABLE)
