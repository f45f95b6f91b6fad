"""Set phrases that show a behaviour by themselves, and words that a behaviour requires."""

import json

import pytest

from coach.config import ROOT
from evaluations.local import required_words, telling_words


@pytest.mark.parametrize(
    ("key", "text", "language", "expected"),
    [
        ("generalises", "You're lazy, and everybody here knows it.", "en", True),
        ("generalises", "The whole shift says so.", "en", True),
        ("generalises", "You’ve never once been on time.", "en", True),
        ("generalises", "I'm not saying you always forget it.", "en", False),
        ("generalises", "It came on Tuesday instead of Friday.", "en", False),
        ("generalises", "您从来都不听。", "zh", True),
        ("asks-for-calm", "Watch your tone, please.", "en", True),
        ("asks-for-calm", "You have every reason to be angry.", "en", False),
        ("threatens", "If you're late once more, you can look for another job.", "en", True),
        ("promises-too-much", "I can't promise you the next one.", "en", False),
        ("suggests-the-answer", "You write to me when a date is in danger. Is that a yes?", "en", False),
        ("suggests-the-answer", "So you'd rather quit, yes?", "en", True),
        ("checks-it", "您是怕他哭坏了，又腾不出手，对吗？", "zh", True),
        ("checks-it", "你心里其实挺委屈的，是不是", "zh", True),
        ("checks-it", "糖一个星期吃一次，您看行吗？", "zh", False),
        ("checks-understanding", "So you'd rather hear it from me, is that right?", "en", True),
        ("follows-up", "And who asked you to do that?", "en", True),
        ("asks-for-their-view", "What is getting in your way?", "en", True),
        ("asks-for-their-view", "What's been keeping you from telling me?", "en", True),
        ("asks-for-their-view", "You're getting in my way.", "en", False),
        ("follows-up", "Who asked you, anyway?", "en", False),
        ("stays-vague", "这不可能，我不借。", "zh", False),
        ("stays-vague", "可能下个月就有钱了吧。", "zh", True),
        ("brushes-it-off", "您放心，我每周日给您打电话。", "zh", False),
        ("brushes-it-off", "您放心吧。", "zh", True),
        ("takes-it-literally", "那就这么说定了，周三见。", "zh", False),
        ("takes-it-literally", "那就别过了。", "zh", True),
        ("uses-others-to-press", "您当着亲戚的面说我的时候，我心里挺难受的。", "zh", False),
        ("uses-others-to-press", "亲戚们都看不下去了。", "zh", True),
        ("turns-on-them", "麻烦您再想一想。", "zh", False),
        ("digs-up-the-past", "小时候你骑车送我上学，我没忘。", "zh", False),
        ("a-curators-own", "You always do that.", "en", False),
        ("makes-excuses", "The heaters come by courier within the hour.", "en", False),
        ("uses-force", "I ask the caretaker on Monday.", "en", False),
        ("only-haggles", "I said that badly.", "en", False),
        ("insults-or-mocks", "That was stupid of me.", "en", False),
        ("turns-on-them", "是我脸皮薄。", "zh", False),
    ],
)
def test_telling_words(key: str, text: str, language: str, expected: bool) -> None:
    assert telling_words.are_in(key, text, language) is expected


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("says-maybe", "Let me sleep on it, all right?", True),
        ("blames-back", "Well, maybe if you'd told me, I could've looked.", True),
        ("blames-back", "If you'd told me, I would have come and helped.", False),
        ("blames-back", "Someone did, and it was you.", False),
        ("accuses-by-asking", "No, how could you know?", False),
        ("accuses-by-asking", "How could you do that to her?", True),
        ("gives-in", "I'll do whatever you decide, and I want you to know the risk.", False),
        ("uses-force", "I don't want to call the landlord.", False),
        ("only-good-intentions", "Just try your best.", True),
        ("only-good-intentions", "Okay, please try to be a bit more careful next time.", True),
        ("only-good-intentions", "You did your best, I know that.", False),
        ("only-good-intentions", "Try to be here by nine on Monday.", False),
        ("uses-force", "Then I'll call the landlord.", True),
        ("asks-for-calm", "I'll calm down in a minute.", False),
        ("asks-for-calm", "Pull yourself together, will you?", True),
        ("accuses-by-asking", "You just don't care about the team, do you?", True),
        ("accuses-by-asking", "You don't have much time today, do you?", False),
        ("accuses-by-asking", "Would it have killed you to ring?", True),
        ("blames-back", "You should have read the contract.", True),
        ("blames-back", "You shouldn't have had to ring us three times.", False),
        ("guesses-the-motive", "You just wanted to help, I know.", False),
        ("guesses-the-motive", "You just wanted the praise.", True),
        ("hits-back", "All right, I shut up.", False),
        ("hits-back", "Shut up.", True),
        ("takes-it-back", "You know better than me what there is.", False),
    ],
)
def test_decisive_words(key: str, text: str, expected: bool) -> None:
    assert telling_words.are_decisive(key, text, "en") is expected


@pytest.mark.parametrize(
    ("key", "text", "language", "expected"),
    [
        ("quotes-words-or-figures", "I should have said something weeks ago, and I didn't.", "en", False),
        ("quotes-words-or-figures", "I should've told you that before.", "en", False),
        ("quotes-words-or-figures", "It has been like that for a long time.", "en", False),
        ("quotes-words-or-figures", "You told Tim nobody asked you.", "en", True),
        ("quotes-words-or-figures", "The search page was four days late.", "en", True),
        ("gives-numbers-or-words", "次数很多很多。", "zh", False),
        ("gives-numbers-or-words", "您跟他说的是，别告诉你妈。", "zh", True),
        ("gives-numbers-or-words", "这已经是这个月第三个周末了。", "zh", True),
        ("quotes-words-or-figures", "She folded her arms and went, I don't have to.", "en", True),
        ("names-their-feeling", "You're gutted, I can see it.", "en", True),
        ("names-their-feeling", "I'm tired.", "en", False),
        ("guesses-the-motive", "He just wants an audience.", "en", True),
        ("sums-up", "Papers tomorrow, phone on Thursday, both of us in the room.", "en", True),
        ("takes-the-heat", "That's a lonely thing to carry.", "en", True),
        ("checks-understanding", "I ring you at eight. Is that all right?", "en", False),
        ("checks-understanding", "So you want to be asked first, is that right?", "en", True),
        ("checks-it", "糖一个星期吃一次，行吗？", "zh", False),
        ("checks-it", "您是怕他哭坏了，又腾不出手，对吗？", "zh", True),
        ("says-the-effect", "Before that, the search page was four days late.", "en", False),
        ("says-the-effect", "Lena sat here until eleven at night and put the figures together by hand.", "en", True),
        ("asks-what-they-need", "Would that work for you?", "en", False),
        ("asks-what-they-need", "Is that okay? What would help you?", "en", True),
        ("asks-openly", "So you take the phone on Mondays. Does that suit you?", "en", False),
        ("asks-for-more", "那就周三，您看行吗？", "zh", False),
        ("says-by-when", "Somebody should take care of it.", "en", False),
        ("says-by-when", "As soon as it drops below eighteen.", "en", True),
        ("says-by-when", "尽快吧。", "zh", False),
        ("says-sorry-plainly", "I'm sorry that you feel that way.", "en", False),
        ("says-sorry-plainly", "I'm sorry.", "en", True),
    ],
)
def test_words_that_a_behaviour_requires(key: str, text: str, language: str, expected: bool) -> None:
    assert required_words.may_show(key, text, language) is expected


def test_every_key_is_one_of_the_shipped_behaviours() -> None:
    skills = json.loads((ROOT / "seed-data" / "skills.json").read_text(encoding="utf-8"))
    shipped = {each["key"] for skill in skills for each in skill["behaviours"]}
    for file in (telling_words.FILE, telling_words.DECISIVE_FILE):
        stored = json.loads(file.read_text(encoding="utf-8"))
        assert (stored["en"].keys() | stored["zh"].keys()) <= shipped


def test_no_shipped_counter_example_has_decisive_words() -> None:
    skills = json.loads((ROOT / "seed-data" / "skills.json").read_text(encoding="utf-8"))
    assert [
        (each["key"], line)
        for skill in skills
        for each in skill["behaviours"]
        for line in each["notShown"]
        if telling_words.are_decisive(each["key"], line, "zh" if skill["externalId"].startswith("zh-") else "en")
    ] == []


def test_decisive_words_are_in_no_line_that_only_looks_like_what_to_avoid() -> None:
    wrong, found, key = [], 0, ""
    lines = (ROOT / "scripts" / "bench" / "evaluator-avoid-lines.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("## "):
            key = line[3:]
        elif line.startswith(("+ ", "- ")):
            text = line.rpartition(">>")[2].lstrip("+- ")
            decisive = telling_words.are_decisive(key, text, "zh" if text[0] >= "\u4e00" else "en")
            found += decisive and line[0] == "+"
            wrong += [(key, text)] if decisive and line[0] == "-" else []
    assert wrong == []
    assert found > 400, "the phrases were written from these lines"


def test_no_shipped_example_lacks_required_words() -> None:
    skills = json.loads((ROOT / "seed-data" / "skills.json").read_text(encoding="utf-8"))
    lacking = [
        (each["key"], line)
        for skill in skills
        for each in skill["behaviours"]
        for line in each["shown"]
        if not required_words.may_show(each["key"], line, "zh" if skill["externalId"].startswith("zh-") else "en")
    ]
    assert lacking == []
