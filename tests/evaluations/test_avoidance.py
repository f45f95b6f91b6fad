"""Feedback credits trainees for avoiding something only if they had an occasion to do it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.findings import avoidance
from evaluations.findings.ratings import Answer, rate
from evaluations.findings.results import BehaviourFinding, Findings, Quote, Score
from evaluations.transcript.conversation import Conversation
from tests.evaluations.talks import ASKS, COSTS, FEEDBACK, LABELS, NAMES, talk

SHOWN, NOT, NONE, UNSURE = Answer.SHOWN, Answer.NOT_SHOWN, Answer.NOT_APPLICABLE, Answer.UNSURE
HALF = (SHOWN, SHOWN, NOT)
WORTHWHILE = (
    "The last three releases slipped, and the team had to wait for you each time.",
    "I hear that it was a busy month, and I would still like to talk about it.",
    "On Friday the testers went home at noon because nothing was there.",
    "What got in the way on Friday, and what would help you?",
)
BLAND = ("Hello there, Alex.", "I see, thank you.", "Right, interesting.", "Well, it was nice to talk to you.")
HOSTILE = (*WORTHWHILE, "You are an idiot, Alex.")


def said(*lines: str, language: str = "en") -> Conversation:
    turns = [turn for line in lines for turn in (line, "Come on, that is not fair.")]
    return talk("Hi.", *turns, skills=[FEEDBACK], language=language)


def found(wanted: tuple[Answer, ...], avoided: Answer) -> Findings:
    behaviours = tuple(
        BehaviourFinding(behaviour, answer, Quote(1, "x") if answer is SHOWN else None)
        for behaviour, answer in zip((NAMES, COSTS, ASKS, LABELS), (*wanted, avoided), strict=True)
    )
    rating = rate((each.behaviour.kind, each.answer) for each in behaviours)
    return Findings((Score(FEEDBACK, rating, "", behaviours=behaviours),), "")


def answer(findings: Findings, conversation: Conversation) -> Answer:
    return avoidance.settled(findings, conversation).scores[0].behaviours[-1].answer


def test_a_conversation_that_took_on_the_hard_part_is_credited() -> None:
    assert answer(found(HALF, NOT), said(*WORTHWHILE)) is NOT


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        pytest.param((NOT, NOT, NOT), BLAND, id="bland, four lines"),
        pytest.param(HALF, BLAND, id="hardly a word, whatever it is taken for"),
        pytest.param(HALF, WORTHWHILE[:3], id="broken off"),
        pytest.param((SHOWN, NOT, NOT), WORTHWHILE, id="less than half of the skill"),
        pytest.param((SHOWN, NONE, UNSURE), WORTHWHILE, id="one thing alone"),
        pytest.param(HALF, HOSTILE, id="insulting"),
        pytest.param(HALF, ("嗯。", "好的。", "是啊。", "那行吧。"), id="hardly a character"),
    ],
)
def test_nobody_is_credited_for_avoiding_what_had_no_occasion(
    wanted: tuple[Answer, ...], lines: tuple[str, ...]
) -> None:
    language = "en" if lines[0].isascii() else "zh"
    assert answer(found(wanted, NOT), said(*lines, language=language)) is NONE


@pytest.mark.parametrize("slip", [SHOWN, UNSURE])
def test_one_slip_takes_the_credit_for_the_rest_of_the_skill(slip: Answer) -> None:
    findings = found(HALF, slip)
    other = BehaviourFinding(LABELS, NOT)
    score = findings.scores[0]
    both = Findings((Score(score.skill, score.rating, "", behaviours=(*score.behaviours, other)),), "")
    assert answer(both, said(*WORTHWHILE)) is NONE


@given(
    st.tuples(*[st.sampled_from(list(Answer))] * 3), st.sampled_from(list(Answer)), st.sampled_from([WORTHWHILE, BLAND])
)
def test_only_credit_is_withdrawn_and_no_rating_changes(
    wanted: tuple[Answer, ...], avoided: Answer, lines: tuple[str, ...]
) -> None:
    before = found(wanted, avoided)
    after = avoidance.settled(before, said(*lines))
    [score], [old] = after.scores, before.scores
    assert [each.answer for each in score.behaviours[:3]] == list(wanted)
    assert score.behaviours[3].answer in {avoided, NONE if avoided is NOT else avoided}
    assert rate((each.behaviour.kind, each.answer) for each in score.behaviours) == old.rating == score.rating
