"""The dialogue act of an utterance is recognised, and a persona can answer each act."""

from typing import get_args

import pytest

from practice.lifecycle import Language
from practice.persona.common_talk import common_talk
from practice.persona.sentences.dialogue_act import DialogueAct, act, asks
from practice.persona.sentences.line_kind import LineKind
from practice.persona.sentences.plain_words import plain
from practice.persona.sentences.set_phrases import asks_again, parting

ASKED_BACK: dict[str, set[str]] = {"en": set(), "zh": {"back", "backYou"}}
"""What a language has no form for."""


@pytest.mark.parametrize(
    ("sentence", "done"),
    [
        ("When is it due?", "quantity"),
        ("What I can do is repair it", "statement"),
        ("so who told her", "which"),
        ("Is it cold in there?", "whether"),
        ("You're staying?", "whether"),
        (plain("if it can't be money, what else could be possible", "en"), "whether"),
        ("If it can't be money, I'd like more time.", "statement"),
        ("Would you have taken it without the money?", "view"),
        ("Could you look at me?", "request"),
        ("Give me the keys.", "request"),
        ("Let's start over.", "request"),
        ("How about Tuesday?", "request"),
        ("I know. A text two hours before, that was cowardly.", "confession"),
        ("I messed up.", "confession"),
        ("I'm really scared.", "feeling"),
        ("Because we're doing the roof.", "reason"),
        ("I couldn't sleep.", "aboutMe"),
        ("You forgot the milk.", "aboutYou"),
        ("The train was late.", "statement"),
        ("Do you think he was right?", "view"),
        ("So where does that leave us?", "view"),
        ("How's your knee?", "wellbeing"),
        ("Did you sleep at all?", "wellbeing"),
        ("Let me find my glasses.", "pause"),
        ("Could you give me a minute?", "pause"),
        ("And then the.", "unfinished"),
        ("I just wanted to.", "unfinished"),
        ("The letter from school.", "fragment"),
        ("Nice place you have.", "praise"),
        ("Tomorrow, around noon.", "fragment"),
    ],
)
def test_dialogue_acts_in_english(sentence: str, done: str) -> None:
    assert act(sentence, "en") == done


@pytest.mark.parametrize(
    ("sentence", "done"),
    [
        ("你几点走", "quantity"),
        ("他说什么了", "which"),
        ("这个多少钱？", "quantity"),
        ("您回家吗？", "whether"),
        ("是不是很冷", "whether"),
        ("能不能小声一点", "request"),
        ("别着急。", "request"),
        ("那是我的错。", "confession"),
        ("我真的很难受。", "feeling"),
        ("因为孩子要上学。", "reason"),
        ("我昨晚没睡。", "aboutMe"),
        ("您上次没来。", "aboutYou"),
        ("车晚点了。", "statement"),
        ("你觉得他对吗？", "view"),
        ("那怎么办", "view"),
        ("膝盖还疼吗", "wellbeing"),
        ("等等，我找一下", "pause"),
        ("我就是", "unfinished"),
        ("学校那封信嘛", "fragment"),
    ],
)
def test_dialogue_acts_in_chinese(sentence: str, done: str) -> None:
    assert act(sentence, "zh") == done


def test_a_request_phrased_as_a_question_also_counts_as_a_question() -> None:
    assert [asks(each, "en") for each in ("Could you wait?", "Wait.")] == [True, False]
    assert [asks(each, "zh") for each in ("能不能等一下", "等一下。")] == [True, False]


@pytest.mark.parametrize("language", Language.values)
def test_every_dialogue_act_has_answers_in_every_language(language: str) -> None:
    answers = common_talk(language).unforeseen
    assert set(answers) == {*get_args(DialogueAct), *get_args(LineKind), "back", "backYou"} - ASKED_BACK[language]
    assert all(len(set(lines)) == len(lines) >= 3 for lines in answers.values())


@pytest.mark.parametrize(
    ("spoken", "language", "left"),
    [
        ("uh so are you, like, mad at me", "en", "Are you mad at me?"),
        ("um, er", "en", ""),
        ("soooo about that money", "en", "About that money."),
        ("i dont know, dude", "en", "I don't know."),
        ("I like it here.", "en", "I like it here."),
        ("You know what happened.", "en", "You know what happened."),
        ("Well.", "en", "Well."),
        ("嗯……那个，我有点事", "zh", "我有点事"),
        ("这个周末我不能来", "zh", "这个周末我不能来"),
    ],
)
def test_filler_words_are_left_out(spoken: str, language: str, left: str) -> None:
    assert plain(spoken, language) == left


@pytest.mark.parametrize(
    ("sentence", "language", "said"),
    [
        ("Okay, bye Sam, see you tomorrow.", "en", "goodbye"),
        ("I have to go now.", "en", "goodbye"),
        ("I have to go to the doctor.", "en", None),
        ("Have a nice weekend!", "en", "goodbye"),
        ("Cool, thanks for the chat.", "en", "thanks-for-talk"),
        ("You never thank anybody.", "en", None),
        ("那就这么说定了，谢谢妈。", "zh", "thanks"),
        ("妈，那我先去睡了。", "zh", "goodbye"),
        ("我先说两句。", "zh", None),
    ],
)
def test_goodbyes_are_recognised_by_their_words(sentence: str, language: str, said: str | None) -> None:
    assert parting(sentence, language) == said


@pytest.mark.parametrize(
    ("sentence", "language", "again"),
    [
        ("Sorry, could you repeat that?", "en", True),
        ("I didn't catch what you said.", "en", True),
        ("Don't ever say that again.", "en", False),
        ("您再说一遍", "zh", True),
        ("你刚说啥", "zh", True),
        ("我再说一句", "zh", False),
    ],
)
def test_pardon_and_the_like_ask_to_repeat_the_last_line(sentence: str, language: str, again: bool) -> None:
    assert asks_again(sentence, language) is again
