"""A sentence about the past alone is no next step."""

import pytest

from evaluations.local import tense


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It was due Friday and it came on Tuesday, and the client called me twice."),
        ("en", "The login screens came two days after the date we had set."),
        ("en", "You missed the deadline last Monday."),
        ("zh", "上周五要交的报告你周二才交了。".replace("要交", "该交")),
        ("zh", "昨天客户打了两次电话。"),
    ],
)
def test_what_happened_agrees_on_nothing(language: str, text: str) -> None:
    assert tense.is_past_only(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You missed Friday, so you'll send me a note by Wednesday at noon."),
        ("en", "We agreed that I take one of the two accounts."),
        ("en", "You send me a note by Wednesday noon and I take one account."),
        ("en", "Let's look at it again next Thursday at ten."),
        ("en", "If a date slipped, you tell me two days before."),
        ("zh", "说好了，下周四我们再看一次。"),
        ("zh", "你周三中午前告诉我，我来接一个客户。"),
    ],
)
def test_what_is_to_come_may_agree_on_something(language: str, text: str) -> None:
    assert not tense.is_past_only(text, language)
