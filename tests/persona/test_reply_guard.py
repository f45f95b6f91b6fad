"""Which sentences of a model playing a role pass the guard."""

import pytest

from practice.persona.model.reply_guard import ReplyGuard, numbers

SECRET = "Honestly? I've been taking the support calls. For two months, every evening."
GUARD = ReplyGuard(
    heard="The export was six days late, and Lena sat here until eleven at night.",
    known=["You handed in the search page four days late."],
    locked=[SECRET],
    names=("Sam Okafor", "Sam", "Jordan"),
)
CHINESE = ReplyGuard(
    heard="上个月你迟到了四次，大家都在等你。",
    known=["会议是九点开始的。"],
    locked=["其实我妈住院了，我每天早上都要先去医院送饭。"],
    language="zh",
    names=("小李",),
)


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("Six days. I know how that looks.", None),
        ("Until eleven? Nobody told me that.", None),
        ("One of these days I will sort it out.", None),
        ("You are right, it was late.", None),
        ("Four days, which is more than two weeks.", "number"),
        ("It was only 5 days.", "number"),
        ("The export was six days late, and you know it.", "echo"),
        ("I take the support calls every evening, for months.", "locked"),
        ("As an AI, I have no deadlines.", "role"),
        ("How can I help you today?", "role"),
        ("Jordan: You were late.", "role"),
        ("Sam Okafor: I was late.", "role"),
        ("对不起，我迟到了。", "language"),
    ],
)
def test_an_english_reply(reply, fault):
    assert GUARD.fault(reply) == fault


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("我知道，四次确实不像话。", None),
        ("行，那我以后早点来。", None),
        ("哪有那么多，也就两次吧。", "number"),
        ("上个月你迟到了四次，大家都在等你。", "echo"),
        ("我妈住院了，早上我要去医院送饭。", "locked"),
        ("作为人工智能，我不会迟到。", "role"),
        ("I am sorry about being late again.", "language"),
    ],
)
def test_a_chinese_reply(reply, fault):
    assert CHINESE.fault(reply) == fault


def test_a_fact_that_the_trainee_mentioned_is_not_locked():
    guard = ReplyGuard(heard="Is it the support calls, for two months?", known=[], locked=["It is the support calls."])
    assert guard.fault("The support calls? Who says so?") is None


def test_numbers_in_figures_and_words():
    assert numbers("Four days, 12 calls, one idea, twenty-five. 两个月，十一点，三十天") == [12, 4, 20, 5, 2, 11, 30]
