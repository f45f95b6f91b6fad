"""Threats, insults, mockery, reported speech and one's own hurt show only behaviours to avoid of their own kind."""

import json

import pytest

from coach.config import ROOT
from evaluations.local import speech_acts
from evaluations.transcript.conversation import Behaviour


def shipped() -> list[tuple[str, Behaviour]]:
    skills = json.loads((ROOT / "seed-data" / "skills.json").read_text(encoding="utf-8"))
    return [
        (
            "zh" if skill["externalId"].startswith("zh-") else "en",
            Behaviour(each["key"], each["text"], each["kind"], tuple(each["shown"]), tuple(each["notShown"])),
        )
        for skill in skills
        for each in skill["behaviours"]
        if each["kind"] == "avoid"
    ]


def named(key: str, language: str) -> Behaviour:
    return next(each for spoken, each in shipped() if (spoken, each.key) == (language, key))


@pytest.mark.parametrize(
    ("key", "line", "piece"),
    [
        ("only-good-intentions", "Do better or you're out.", ""),
        ("only-good-intentions", "Get it together and try harder, or I'll find somebody who can.", "try harder"),
        ("only-good-intentions", "One more slip and we'll see how we get there without you.", ""),
        ("only-good-intentions", "You told me, I'll do better soon, I'll try harder.", "I'll do better soon"),
        ("only-good-intentions", "You told me you'd try harder.", ""),
        ("only-good-intentions", "“We'll manage somehow” was your answer.", "“We'll manage somehow”"),
        ("promises-too-much", "I promise you'll regret this.", ""),
        ("gives-in", "Oh sure, whatever you say, your majesty.", ""),
        ("says-maybe", "Maybe you're just too stupid to get it.", ""),
        ("apologises-for-asking", "Oh, how generous of you, sorry to bother your highness.", ""),
        ("consoles-cheaply", "You'll find somebody else who believes you, you liar.", ""),
        ("generalises", "You said everybody hates me.", ""),
        ("threatens", "You're a liar.", ""),
        ("insults-or-mocks", "I'll report you to personnel.", ""),
        ("blames-back", "When you said that in front of everyone, I felt humiliated.", ""),
        ("guesses-the-motive", "Because you wanted the praise, I stayed out of it.", "Because you wanted the praise"),
        ("uses-others-to-press", "您当着亲戚的面说我的时候，我心里挺难受的。", "您当着亲戚的面说我的时候"),
        ("digs-up-the-past", "去年您没来，我心里挺委屈的。", ""),
        ("only-good-intentions", "您上次也说以后注意，注意到哪儿去了？", ""),
        ("stays-vague", "你再来借，可能我就报警了。", ""),
    ],
)  # fmt: skip
def test_another_speech_act_does_not_show_the_behaviour(key: str, line: str, piece: str) -> None:
    language = "en" if line[:1].isascii() or line.startswith("“") else "zh"
    assert not speech_acts.may_show(named(key, language), piece or line, line, language)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("only-good-intentions", "Let's both try harder."),
        ("only-good-intentions", "You're right. We'll manage somehow."),
        ("generalises", "You always say you'll be on time and you never are."),
        ("generalises", "You're an idiot, you never listen."),
        ("uses-force", "If it doesn't stop, I'm calling the police."),
        ("decides-alone", "You'll do as I say or you're out."),
        ("threatens", "Say that again and you'll see what happens, you liar."),
        ("blames-for-own-feeling", "You make me so angry, I feel terrible because of you."),
        ("only-complains", "我天天加班，我真的很委屈。"),
    ],
)
def test_the_right_speech_act_shows_the_behaviour(key: str, line: str) -> None:
    language = "en" if line[:1].isascii() else "zh"
    assert speech_acts.may_show(named(key, language), line, line, language)


def test_every_shipped_line_to_avoid_is_the_right_speech_act() -> None:
    refused = [
        (each.key, line)
        for language, each in shipped()
        for line in each.shown
        if not speech_acts.may_show(each, line, line, language)
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("shown", "expected"),
    [(("Let us hope for the best.",), False), (("You are so lazy.", "What a genius you are."), True)],
)
def test_the_speech_act_of_a_curators_behaviour_comes_from_its_example_lines(
    shown: tuple[str, ...], expected: bool
) -> None:
    own = Behaviour("of-my-own", "Of my own", "avoid", shown, ())
    line = "We hope that you idiot wake up. You're a complete idiot."
    assert speech_acts.may_show(own, "You're a complete idiot.", line, "en") is expected


@pytest.mark.parametrize(
    "line",
    [
        "If you're late once more, you can look for another job.",
        "Unless this changes by Friday, you'll be out.",
        "If you tell anyone, you are fired.",
    ],
)
def test_a_condition_with_a_loss_is_a_threat(line: str) -> None:
    assert speech_acts.of(line, "en") == {speech_acts.SpeechAct.THREAT}


@pytest.mark.parametrize(
    "line",
    [
        "If that helps, you can leave earlier on Fridays.",
        "If anything slips, I'll tell the client myself.",
        "If you need to, you can go home at four.",
        "Or else I keep it here for you until spring.",
        "I say it once more for the minutes, and you check it.",
    ],
)
def test_a_condition_with_an_offer_is_no_threat(line: str) -> None:
    assert speech_acts.of(line, "en") == frozenset()


@pytest.mark.parametrize(
    "line", ["Tell me to get lost if it's too much.", "I'll shut up now.", "哎哟，是我手快了。", "Bravo for the idea."]
)
def test_rude_words_to_oneself_and_plain_surprise_strike_nobody(line: str) -> None:
    assert speech_acts.of(line, "en" if line.isascii() else "zh") == frozenset()


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("You people always complain.", "en", True),
        ("It's your own fault, you probably broke it yourself.", "en", True),
        ("What do you want from us now?", "en", True),
        ("这是您自己的错，谁让您不早说。", "zh", True),
        ("你到底想怎么样？", "zh", True),
        ("It's not your fault, it's ours.", "en", False),
        ("You're scared you won't find another one.", "en", False),
        ("Finn said to Oskar, get lost, you fat pig.", "en", False),
        ("What do you want to happen next?", "en", False),
        ("不是您的错，是我们没来。", "zh", False),
    ],
)
def test_a_turn_that_blames_or_hurts_cares_about_nobody(line: str, language: str, expected: bool) -> None:
    assert speech_acts.is_attack(line, language) is expected
