"""Words that a recogniser confuses with others that sound the same are respelled."""

import pytest

from coach.local_models.speech.homophones import respelled


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Your lazy and everybody here knows it.", "You're lazy and everybody here knows it."),
        (
            "If your late once more, you can look for another job.",
            "If you're late once more, you can look for another job.",
        ),
        ("Your right.", "You're right."),
        ("Your always so kind to me", "You're always so kind to me"),
        ("I think your not listening.", "I think you're not listening."),
        ("Your a good friend, and your going to be fine.", "You're a good friend, and you're going to be fine."),
    ],
)
def test_your_becomes_youre_where_that_is_meant(heard: str, meant: str) -> None:
    assert respelled(heard) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Your late report cost us a day.",
        "Your right to say so is not in question.",
        "It is your very own idea.",
        "I read your angry mail and your good proposal.",
        "What is your so-called plan?",
        "Is this yours, or your sister's?",
        "Your back hurts, I know.",
    ],
)
def test_a_possessive_your_stays(text: str) -> None:
    assert respelled(text) == text
