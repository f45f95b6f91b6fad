"""A plain insult or threat caps every rating, with a cloud model too, and the feedback says so."""

from typing import Any

import pytest

from coach.providers.ports import ToolAnswer, Usage
from evaluations.ask_evaluator import Evaluator, Question
from evaluations.findings.results import Findings
from evaluations.transcript.conversation import Conversation
from tests.evaluations.talks import ASKS, CLARITY, COSTS, FEEDBACK, NAMES, finding, looked_at, score, talk

GOOD = "I'd like to talk about the deadlines. The last three slipped, and the team had to wait. What got in the way?"


class Judge:
    """A cloud model that finds every wanted behaviour and nothing to avoid."""

    model = "judge-1"

    def call(self, *given: Any, **options: Any) -> ToolAnswer:
        shown = [(NAMES, "The last three slipped"), (COSTS, "the team had to wait"), (ASKS, "What got in the way?")]
        heard = looked_at(*(finding(each, "shown", quote, 1) for each, quote in shown), gaps="Sum up at the end.")
        return ToolAnswer(heard | {"scores": [*heard["scores"], score(CLARITY, rating=5)]}, Usage())


def feedback(conversation: Conversation) -> Findings:
    found = Question(Evaluator(Judge(), "judge-1", local=False), conversation).put().findings
    assert found
    return found


@pytest.mark.parametrize(
    ("last", "language", "words"),
    [
        ("You're pathetic, Alex.", "en", "You insulted, mocked or threatened Alex"),
        ("You'll regret this.", "en", "You insulted, mocked or threatened Alex"),
        ("你这个废物。", "zh", "Alex"),
    ],
)
def test_an_insult_caps_every_rating_and_says_why(last: str, language: str, words: str) -> None:
    found = feedback(talk("Hi.", GOOD, "Well.", last, language=language, skills=[FEEDBACK, CLARITY]))
    assert [each.rating for each in found.scores] == [2, 2]
    assert words in found.gaps
    assert found.gaps.endswith("Sum up at the end.")


def test_without_an_insult_no_rating_is_capped() -> None:
    found = feedback(talk("Hi.", GOOD, "Well.", "I felt like an idiot.", skills=[FEEDBACK, CLARITY]))
    assert [each.rating for each in found.scores] == [5, 5]
    assert found.gaps == "Sum up at the end."
