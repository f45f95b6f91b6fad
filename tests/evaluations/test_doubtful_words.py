"""Words that the recogniser was unsure of are marked for the cloud evaluator and are no evidence alone."""

from dataclasses import replace

import pytest

from evaluations.cloud import evaluator_prompt, model_answer
from evaluations.cloud.model_answer import Reading
from evaluations.transcript import word_matching
from evaluations.transcript.conversation import Conversation, Said
from tests.evaluations.talks import CLARITY, DEADLINES, FEEDBACK, LABELS, NAMES, answer, finding, looked_at, score, talk

LINE = "I'd like to talk about the deadlines. The last three slipped, and the team had to wait."
SLIPPED = (LINE.index("The last three"), LINE.index(", and the team"))


def doubted(*ranges: tuple[int, int], line: str = LINE) -> Conversation:
    whole = talk(*DEADLINES, skills=[FEEDBACK])
    return replace(
        whole, turns=[Said(1, "trainee", line, ranges) if turn.sequence == 1 else turn for turn in whole.turns]
    )


def prompted(conversation: Conversation) -> str:
    return "\n".join(message.content for message in evaluator_prompt.messages(conversation))


def read(conversation: Conversation, quote: str) -> tuple[str, int]:
    found = model_answer.read(looked_at(finding(NAMES, "shown", quote, 1)), conversation)
    assert isinstance(found, Reading), found
    return found.findings.scores[0].behaviours[0].answer.value, found.findings.dropped_quotes


def test_doubtful_words_stand_in_braces_and_the_prompt_explains_them() -> None:
    text = prompted(doubted(SLIPPED))
    assert "{The last three slipped}, and the team had to wait." in text
    assert "Words in {braces} may be misheard" in text


def test_without_doubtful_words_the_prompt_does_not_mention_them() -> None:
    assert "brace" not in prompted(talk(*DEADLINES, skills=[FEEDBACK]))


def test_typed_braces_are_not_taken_for_the_mark() -> None:
    text = prompted(doubted((0, 1), line="I {never} got it."))
    assert "[1] Robin: {I} (never) got it." in text


@pytest.mark.parametrize(
    ("text", "ranges", "marked"),
    [
        ("Layness that here", [(3, 9)], "{Layness that} here"),
        ("one two three", [(0, 1), (8, 9)], "{one} two {three}"),
        ("我昨天五点回来", [(1, 3)], "我{昨天}五点回来"),
        ("all fine", [], "all fine"),
        ("all fine", [(3, 4), (20, 30)], "all fine"),
    ],
)
def test_whole_words_are_marked(text: str, ranges: list[tuple[int, int]], marked: str) -> None:
    assert word_matching.marked(text, ranges, ("{", "}")) == marked


@pytest.mark.parametrize("quote", ["The last three slipped", "{The last three slipped}", "the LAST three {slipped}"])
def test_a_quote_of_doubtful_words_alone_shows_nothing_but_is_not_called_invented(quote: str) -> None:
    assert read(doubted(SLIPPED), quote) == ("unsure", 0)


def test_a_quote_with_one_doubtful_word_counts() -> None:
    at = LINE.index("three")
    assert read(doubted((at, at + 5)), "The last {three} slipped, and the team had to wait") == ("shown", 0)


def test_doubtful_words_never_show_a_behaviour_to_avoid() -> None:
    line = "You are lazy to say the least."
    given = looked_at(finding(LABELS, "shown", "You are lazy", 1))
    found = model_answer.read(given, doubted((0, 12), line=line))
    assert isinstance(found, Reading)
    assert found.findings.scores[0].behaviours[-1].answer == "unsure"


def test_doubtful_words_are_no_evidence_for_a_rubric() -> None:
    conversation = replace(doubted(SLIPPED), skills=talk(*DEADLINES).skills)
    given = answer(
        scores=[
            score(each, evidence=[{"sequence": 1, "quote": "The last three slipped"}]) for each in conversation.skills
        ]
    )
    found = model_answer.read(given, conversation)
    assert isinstance(found, Reading)
    assert found.findings.scores[1].skill == CLARITY
    assert found.findings.kept_quotes == 0
