"""Typed and recognised lines are tidied before they are evaluated, but quoted as they were said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.local import evaluator
from evaluations.transcript import word_matching
from practice import printed_line
from tests.evaluations.talks import FEEDBACK, talk
from tests.evaluations.test_local import NoModel, SharedWords


@pytest.mark.parametrize(
    ("language", "said", "printed"),
    [
        ("en", "thats ok i guess what do you need", "That's ok I guess. What do you need?"),
        ("en", "no i dont what was it like for you", "No I don't. What was it like for you?"),
        ("en", "i pay it back that day is that okay for you", "I pay it back that day. Is that okay for you?"),
        ("en", "wait, since when are you doing support?", "Wait, since when are you doing support?"),
        ("en", "i know what you mean and how it was", "I know what you mean and how it was."),
        ("en", "could you do that", "Could you do that?"),
        ("en", "see you on monday", "See you on Monday."),
        ("en", "no its too long for me ive got the car to pay", "No it's too long for me. I've got the car to pay."),
        ("en", "i need the money i lent you in april", "I need the money I lent you in April."),
        ("en", "when you shout like that i feel small", "When you shout like that I feel small."),
        ("en", "from monday on i ring you first", "From Monday on I ring you first."),
        ("en", "which of those could you live with", "Which of those could you live with."),
        ("en", "You asked her on Tuesday. She said no!", "You asked her on Tuesday. She said no!"),
        ("en", "[…]", "[…]"),
        ("zh", "看到了 王经理 我有点想不通", "看到了，王经理，我有点想不通。"),
        ("zh", "您看这样行不行", "您看这样行不行？"),
    ],
)
def test_a_line_is_written_as_it_would_be_printed(language: str, said: str, printed: str) -> None:
    assert printed_line.printed(said, language) == printed


@given(st.text(alphabet="ab i'dontwhaisyu.,?!… 你吗，", max_size=120), st.sampled_from(["en", "zh"]))
def test_tidying_keeps_the_words(line: str, language: str) -> None:
    assert word_matching.tokens(printed_line.printed(line, language)) == word_matching.tokens(line)


def test_a_quote_keeps_its_original_spelling() -> None:
    said = talk("Hi.", "hi alex the last three releases slipped. dont worry", skills=[FEEDBACK])
    (named, *_) = evaluator.read(said, NoModel(), SharedWords()).findings.scores[0].behaviours
    assert named.quote is not None
    assert named.quote.text in (said.turns[1].text or "")


def test_doubtful_words_stay_doubtful() -> None:
    said = "thats ok i guess what do you need"
    printed = printed_line.printed(said, "en")
    at = said.index("guess")
    assert [printed[start:end] for start, end in word_matching.ranges_in(printed, said, [(at, at + 5)])] == ["guess"]
