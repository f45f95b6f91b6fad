"""The summary compares skills only where one of them stands out."""

from dataclasses import replace

import pytest

from evaluations.findings.ratings import Answer
from evaluations.findings.results import BehaviourFinding, Quote, Score
from evaluations.local import feedback_text
from evaluations.transcript.conversation import Behaviour, RatedSkill
from tests.evaluations.talks import talk

WORDS = "So you were here until ten."
SAYS_IT_BACK = Behaviour("says-it-back", "Say it back", "do", ("So you…",), ("Okay.",))
ASKS = Behaviour("asks", "Ask", "do", ("What happened?",), ("Okay.",))


def rated(name: str, rating: int | None) -> Score:
    found = (
        BehaviourFinding(SAYS_IT_BACK, Answer.SHOWN, Quote(1, WORDS)),
        BehaviourFinding(ASKS, Answer.NOT_SHOWN),
    )
    return Score(RatedSkill(name, name, "", (SAYS_IT_BACK, ASKS)), rating, "", behaviours=found)


@pytest.mark.parametrize(
    ("ratings", "compared"),
    [
        ({"Calm": 4, "Case": 2}, "Strongest: Calm. Most room to grow: Case."),
        ({"Calm": 4, "Case": 2, "Ask": 2}, "Strongest: Calm. Most room to grow: Case and Ask."),
        ({"Calm": 4, "Case": 2, "Ask": 2, "End": 2}, "Strongest: Calm."),
        ({"Calm": 4, "Case": 4, "Ask": 1}, "Most room to grow: Ask."),
        ({"Calm": 2, "Case": 1}, "Most room to grow: Case."),
        ({"Calm": 3, "Case": 3}, ""),
        ({"Calm": 3, "Case": None}, ""),
    ],
)
def test_only_a_skill_that_stands_out_is_called_strongest_or_weakest(
    ratings: dict[str, int | None], compared: str
) -> None:
    """Of three equally low skills none is the one to work on; of two both are named."""
    told = feedback_text.told([rated(*each) for each in ratings.items()], talk(), insulting=False)
    assert told.summary.partition("help here.")[2].strip() == compared


def test_chinese_sentences_follow_each_other_without_a_space() -> None:
    scores = [rated("冷静", 4), rated("理由", 2)]
    told = feedback_text.told(scores, talk(language="zh"), insulting=True)
    assert [text.count("。") for text in (told.summary, told.gaps)] == [3, 2]
    assert "。 " not in told.summary + told.gaps


def test_of_two_equally_weak_skills_the_text_names_the_one_that_the_page_puts_first() -> None:
    """The page says "Work on this first"; the text proposed to plan a sentence for another skill."""
    easier = rated("Ask", 2)
    only_missing = replace(
        easier,
        skill=RatedSkill("Calm", "Calm", "", (SAYS_IT_BACK,)),
        behaviours=(BehaviourFinding(SAYS_IT_BACK, Answer.NOT_SHOWN),),
    )
    told = feedback_text.told([easier, only_missing], talk(), insulting=False)
    assert told.gaps == "Next time, try this: ask."


def test_a_skill_that_no_example_fits_is_named_after_one_that_the_page_can_show() -> None:
    without_line = replace(
        rated("Calm", 1), behaviours=(BehaviourFinding(replace(SAYS_IT_BACK, shown=()), Answer.NOT_SHOWN),)
    )
    told = feedback_text.told([without_line, rated("Ask", 2)], talk(), insulting=False)
    assert told.gaps == "Next time, try this: ask."


@pytest.mark.parametrize(
    ("answers", "summary"),
    [
        ((Answer.SHOWN, Answer.NOT_APPLICABLE), "You did the one thing that could be judged here."),
        ((Answer.SHOWN, Answer.SHOWN), "You did all 2 things that help and could be judged here."),
        ((Answer.SHOWN, Answer.NOT_SHOWN), "You did at least 1 of the 2 things that help here."),
        ((Answer.NOT_SHOWN, Answer.UNSURE), "Nothing that helps here was clearly heard yet."),
    ],
)
def test_the_summary_claims_no_more_than_could_be_judged(answers: tuple[Answer, Answer], summary: str) -> None:
    """One thing of one was called "everything that helps here", beside slips."""
    says_it_back, asks = answers
    slip = Behaviour("insults", "Insult them", "avoid", ("You idiot.",), ("Okay.",))
    found = (
        BehaviourFinding(SAYS_IT_BACK, says_it_back),
        BehaviourFinding(ASKS, asks),
        BehaviourFinding(slip, Answer.SHOWN, Quote(1, WORDS)),
    )
    score = replace(rated("Calm", 3), behaviours=found)
    assert feedback_text.told([score], talk(), insulting=False).summary == summary
