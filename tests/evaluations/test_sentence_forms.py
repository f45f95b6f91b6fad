"""A report of what happened shows no agreement, and an agreement reports nothing, however similar the words are."""

import json

import pytest

from coach.config import ROOT
from evaluations.local import sentence_forms, summing_up


def shown(kind: frozenset[str]) -> list[tuple[str, str, str]]:
    """(key, language, line) of every shipped line that shows a behaviour of this kind."""
    return [
        (each["key"], "zh" if skill["externalId"].startswith("zh-") else "en", line)
        for skill in json.loads((ROOT / "seed-data" / "skills.json").read_text(encoding="utf-8"))
        for each in skill["behaviours"]
        for line in each["shown"]
        if each["key"] in kind
    ]


HAPPENED = {
    "en": [
        "Lena sat here until eleven at night and wrote it by hand.",
        "Layness that here until eleven at night and wrote it by hand.",
        "Layness that here until eleven at night, and put the figures together by hand.",
        "Lena sat here until eleven at night, and put the figures together by hand.",
        "The report was missing on Friday, and set the whole team back until Tuesday.",
        "The client rang twice on Monday and cut the order by a third.",
        "It was due Friday and it came on Tuesday, and the client called me twice.",
        "On Wednesday I asked you and on Thursday Ravi took the calls again.",
        "You missed the deadline last Monday.",
        "So the support phone rang all morning and nobody answered it.",
        "We sat together for two hours and you wrote the list.",
        "The heater broke down on Sunday and you waited until noon.",
        "Then she left, and I drove your brother home at nine.",
    ],
    "zh": [
        "莉娜在这儿坐到十一点，一个字一个字敲出来的了。",
        "昨天客户打了两次电话。",
        "上周五该交的报告你周二才交。",
        "那天晚上我给你打了三次电话。",
        "去年我们一起做了这个方案。",
        "我当时改了前面五页。",
    ],
}
TO_COME = {
    "en": [
        "I'll call you by Friday at noon.",
        "Please send me two figures every Monday.",
        "Let's sit down again next Thursday at ten.",
        "You take the phone on Monday, and send me the list by noon.",
        "Come in at nine on Monday and bring the two folders.",
        "The phone is yours from Monday. And call me by noon if it rings.",
        "Can you take the phone on Mondays?",
        "Will you do that by the thirtieth?",
        "Would you bring the three folders tomorrow?",
        "I want you to transfer twelve hundred by Friday.",
    ],
    "zh": ["你能在周五之前给我三个数字吗？", "请您下周一给我两份材料。", "麻烦您明天打个电话好吗？"],
}


@pytest.mark.parametrize("language", HAPPENED)
@pytest.mark.parametrize("key", sorted(sentence_forms.COMMITMENTS))
def test_a_report_is_no_agreement(key: str, language: str) -> None:
    passed = [line for line in HAPPENED[language] if sentence_forms.may_show(key, line, line, language)]
    assert passed == []


@pytest.mark.parametrize("language", TO_COME)
@pytest.mark.parametrize("key", sorted(sentence_forms.REPORTS))
def test_a_plan_is_no_report(key: str, language: str) -> None:
    passed = [line for line in TO_COME[language] if sentence_forms.may_show(key, line, line, language)]
    assert passed == []


@pytest.mark.parametrize("kind", [sentence_forms.COMMITMENTS, sentence_forms.REPORTS], ids=["commitments", "reports"])
def test_every_shipped_line_has_the_form_of_its_behaviour(kind: frozenset[str]) -> None:
    refused = [each for each in shown(kind) if not sentence_forms.may_show(each[0], each[2], each[2], each[1])]
    assert refused == []


def test_part_of_a_report_is_a_report() -> None:
    whole = "Layness that here until eleven at night and wrote it by hand."
    part = "Layness that here until eleven at night"
    assert not sentence_forms.may_show("says-by-when", part, whole, "en")
    assert not sentence_forms.may_show("sums-up", part, whole, "en")


@pytest.mark.parametrize(
    ("key", "language", "line"),
    [
        ("sums-up", "en", "You missed Friday, so you'll send me a note by Wednesday at noon."),
        ("says-who-does-what", "en", "You send me a note by Wednesday noon and I take one account."),
        ("says-who-does-what", "en", "ravi has the phone from next week and you raise your hand the same day"),
        ("says-who-does-what", "en", "The driver brings the heaters by three, Marek changes the valve at seven."),
        ("sums-up", "en", "We agreed that I take one of the two accounts."),
        ("sums-up", "en", "Tuesday and Saturday it is."),
        ("agrees-to-look-again", "en", "If a date slipped, you tell me two days before."),
        ("says-by-when", "en", "Tomorrow evening, when the children are in bed."),
        ("says-what-they-can-do", "en", "I know you waited, and I can send Marek at seven."),
        ("says-who-does-what", "zh", "你周三中午前告诉我，我来接一个客户。"),
        ("agrees-to-look-again", "zh", "说好了，下周四我们再看一次。"),
        ("names-the-event", "en", "In yesterday's meeting you showed my three charts."),
        ("quotes-words-or-figures", "en", "Did you say, I'll do it by Friday?"),
        ("says-the-effect", "en", "Since then nobody wants the late shift."),
        ("says-the-effect", "zh", "老师说他午睡前一直哭着要手机。"),
        ("sums-up", "en", "Keys on Monday, boxes on Tuesday, the van's yours."),
        ("says-by-when", "en", "I've spoken to them and you're booked in on Thursday at two."),
        ("agrees-to-look-again", "en", "In three weeks we look at how the shifts have been."),
        ("says-who-does-it", "en", "A note from you to everybody who was there, today."),
        ("says-by-when", "zh", "我把草稿改好了，周一上午接着做。"),
        ("names-the-event", "en", "Three findings, eleven slides, my name on none."),
    ],
)
def test_an_ambiguous_sentence_is_not_rejected(key: str, language: str, line: str) -> None:
    assert sentence_forms.may_show(key, line, line, language)


@pytest.mark.parametrize(
    ("key", "language", "line"),
    [
        ("says-maybe", "en", "End of August maybe?"),
        ("says-maybe", "en", "Maybe on Friday, at noon?"),
        ("says-maybe", "en", "Perhaps in two weeks?"),
        ("stays-vague", "zh", "要不八月底？"),
        ("decides-alone", "en", "I know you mean it, but I've decided."),
        ("decides-alone", "zh", "我知道你是好意，可我已经决定了。"),
        ("decides-alone", "en", "I hear you, but it's decided."),
        ("decides-alone", "zh", "好，那就这么定了，今晚十点前我发给您"),
        ("says-maybe", "en", "Maybe ask Paul, he asked me about it in spring."),
    ],
)
def test_a_tentative_day_and_a_decision_for_oneself_show_nothing_to_avoid(key: str, language: str, line: str) -> None:
    assert not sentence_forms.may_show(key, line, line, language)


@pytest.mark.parametrize(
    ("key", "language", "line"),
    [
        ("says-maybe", "en", "Maybe next month, we'll see."),
        ("says-maybe", "en", "Maybe, I'm not sure, ask me on Friday?"),
        ("stays-vague", "zh", "可能下个月再说吧？"),
        ("decides-alone", "en", "I've decided that you move out on Friday."),
        ("decides-alone", "zh", "我已经决定了，你周五搬走。"),
        ("decides-alone", "en", "It's decided, you move out on Friday."),
        ("decides-alone", "zh", "就这么定了，你听我的。"),
    ],
)
def test_a_vague_no_and_a_decision_for_the_other_person_show_something_to_avoid(
    key: str, language: str, line: str
) -> None:
    assert sentence_forms.may_show(key, line, line, language)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "So you move out by the end of January, and I'll pay the deposit back that day. Is that all right?"),
        ("en", "okay so you ask your sister this week and i call the landlord on monday is that okay for you"),
        ("en", "Great. So we've got this, you talk to Finn tonight and I ring you on Friday."),
        ("en", "then you bring the letters and we call the bank together"),
        ("zh", "那我六点到家，您四点半接他，糖星期天吃一次，行吗"),
        ("zh", "好，那您周六给我答复，我把材料准备好。"),
    ],
)
def test_saying_what_both_will_do_sums_up(language: str, line: str) -> None:
    assert summing_up.sums_up(line, language)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "So you want me to leave and I should pay for it?"),
        ("en", "so you've been doing two jobs and i had no idea"),
        ("en", "So you stayed late and I went home."),
        ("en", "then how about you ask your sister and i'll put the ad online"),
        ("en", "So I'll tell you by Friday."),
        ("en", "You move out and I stay."),
        ("zh", "那您说怎么办，我听您的"),
        ("zh", "那昨天我等了你三点，你没来"),
        ("zh", "那我明天再问您"),
    ],
)
def test_a_question_a_report_or_one_half_does_not_sum_up(language: str, line: str) -> None:
    assert not summing_up.sums_up(line, language)
