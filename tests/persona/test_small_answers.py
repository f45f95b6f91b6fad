"""Answers to lines of which only the form is recognised: "Do you work nights?" "It depends on the day." """

from collections.abc import Sequence

import pytest

from practice.persona.answers.answer_back import answer_back
from practice.persona.answers.general_lines import general_lines
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.common_talk import common_talk
from practice.persona.sentences.line_kind import LineKind, line_kind
from tests import cast

OWN_WORDS = RoleBrief.model_validate(
    cast.role_brief()
    | {
        "toAnyQuestion": ["Can I get back to you on that?"],
        "toAnyStatement": ["Right."],
        "toAnyRequest": ["Let me chew on that."],
    }
)


@pytest.mark.parametrize(
    ("sentence", "language", "kind"),
    [
        ("How long have you been drumming?", "en", "howLong"),
        ("When did you last sleep properly?", "en", "lastTime"),
        ("How did you manage when mum was ill?", "en", "howDid"),
        ("Did you get my message?", "en", "remembers"),
        ("Do you work nights?", "en", "doYou"),
        ("Does he like football?", "en", "doThey"),
        ("Is that a new plant?", "en", "atHand"),
        ("Is that the truth?", "en", None),
        ("Who's driving you to choir?", "en", "who"),
        ("Would eight be too late?", "en", "wouldWork"),
        ("The river's high, isn't it?", "en", "tag"),
        ("You're not going to cry, are you?", "en", "tagYou"),
        ("I've been trying to say this since Monday.", "en", "announces"),
        ("I'm not trying to be difficult.", "en", "notThat"),
        ("Please don't make this harder.", "en", "plea"),
        ("Okay so to sum up, you hand the phone over.", "en", "sumUp"),
        ("You look like you haven't slept.", "en", "youLook"),
        ("The tomatoes look good this year.", "en", "remark"),
        ("Ella doesn't want to get in with you.", "en", "aboutThem"),
        ("你来多久了？", "zh", "howLong"),
        ("去年那次您还记得吧", "zh", "remembers"),
        ("周二行不行", "zh", "wouldWork"),
        ("哥你瘦了", "zh", "youLook"),
        ("我不是怪您", "zh", "notThat"),
        ("春晚今年谁主持啊", "zh", "who"),
    ],
)
def test_kinds_of_small_talk_are_recognised_by_form(sentence: str, language: str, kind: LineKind | None) -> None:
    assert line_kind(sentence, language) == kind


@pytest.mark.parametrize(
    ("sentence", "back"),
    [
        ("I drive a bus.", "Do you?"),
        ("I saw the scratch on the car.", "Did you?"),
        ("I've been to see Leila about it.", "Have you?"),
        ("She's twenty-one, Marcus.", "Is she?"),
        ("It went to Tomasz.", "Did it?"),
        ("Somebody else stayed and did it.", "Did they?"),
        ("There's a video.", "Is there?"),
        ("You didn't do anything wrong.", "Didn't I?"),
        ("You'd be a great dad.", "Would I?"),
        ("I haven't been happy for a while.", "No?"),
        ("I don't know what to say.", None),
        ("I mean the report.", None),
        ("The report was late.", None),
        ("I was there, wasn't I?", None),
    ],
)
def test_a_statement_gets_the_matching_short_question(sentence: str, back: str | None) -> None:
    assert answer_back(sentence) == back


def general(heard: str, *, last: str = "Okay.", language: str = "en") -> list[Sequence[str]]:
    return [lines for lines in general_lines(heard, language, last=last, brief=OWN_WORDS) if lines]


def test_nobody_asks_back_twice_in_a_row() -> None:
    assert general("I drive a bus.")[1][0].startswith("Do you?")
    assert not general("I drive a bus.", last="Is it? Go on.")[1][0].startswith("Do you?")


@pytest.mark.parametrize(
    ("heard", "answered"),
    [
        ("Do you have children?", OWN_WORDS.to_any_question),
        ("How was Lisbon?", OWN_WORDS.to_any_question),
        ("Did you see him at the station that day? Just to know.", OWN_WORDS.to_any_question),
        ("Would you go to that test if I came along? Just to know.", OWN_WORDS.to_any_request),
        ("You put my name on it already! Beatrix!", OWN_WORDS.to_any_statement),
        ("She drove all the way to the coast with the two of them.", OWN_WORDS.to_any_statement),
        ("Could you talk to him this week?", OWN_WORDS.to_any_request),
        ("I'll ring them in the morning.", OWN_WORDS.to_any_request),
        ("How are you?", common_talk("en").unforeseen["wellbeing"]),
        ("It's all my fault.", common_talk("en").unforeseen["confession"]),
        ("I'm not saying you never can, I just want somebody to look.", common_talk("en").unforeseen["notThat"]),
    ],
)
def test_an_unmatched_line_gets_the_personas_own_answer_to_its_kind(heard: str, answered: Sequence[str]) -> None:
    assert general(heard)[0] == answered
