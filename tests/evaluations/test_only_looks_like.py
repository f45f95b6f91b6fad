"""Lines that share words with a behaviour but mean something else neither earn praise nor count as a slip."""

from dataclasses import replace

import pytest

from evaluations.local import required_words, sentence_forms, showing, speech_acts, telling_words
from evaluations.local.examples import Line
from evaluations.local.showing import Showing, SpokenPiece
from evaluations.transcript.conversation import Behaviour
from tests.evaluations.test_detectors import SHIPPED


@pytest.mark.parametrize(
    ("key", "language", "line"),
    [
        ("asks-how-they-see-it", "en", "I'm sorry I didn't. How are you really at the moment?"),
        ("asks-for-their-view", "en", "I'm sorry I didn't. How are you really at the moment?"),
        ("takes-responsibility", "en", "That's not my fault, is it?"),
        ("takes-responsibility", "en", "Sorry, no, we don't take it back."),
        ("asks-what-it-was-like", "en", "Why did you come today, I'd really like to know."),
        ("says-own-feeling", "en", "I'm really sorry about the wedding."),
        ("says-it-back", "en", "What counted against you is that you haven't led work yet."),
        ("takes-it-up", "en", "Yeah, and you could have moved the speech to Kim."),
        ("brings-it-back", "en", "And I'd like you to pay it back by the end of this month."),
        ("takes-the-heat", "en", "I went home pretty upset, to be honest."),
        ("asks-for-an-answer", "en", "What is it you need it for, so late?"),
        ("makes-excuses", "en", "It's in the house rules, so you don't get a say in it."),
        ("threatens", "en", "I'd pass on my lists to the next person."),
        ("checks-it", "zh", "楼下邻居哪个不说您带得不对。"),
        ("promises-too-much", "en", "I'll train whoever you pick until my last day."),
        ("promises-too-much", "en", "You'll find somebody better."),
        ("brings-it-back", "en", "I hope we're still good, see you Sunday."),
        ("says-what-they-want", "en", "I don't want to take it away from you."),
        ("offers-another-way", "en", "If we go live with a thousand bookings, that's 25 people charged double."),
        ("gives-the-true-reason", "en", "You hired me straight from training."),
        ("agrees-to-look-again", "en", "Then we call the bank together on Monday."),
        ("asks-for-a-yes", "en", "Have I got that right?"),
        ("asks-for-a-yes", "en", "Do you have a minute?"),
        ("asks-for-a-yes", "zh", "您是心疼他哭，是不是这样？"),
        ("says-what-they-want", "en", "I'd like to talk about my salary"),
        ("says-by-when", "en", "hi dana, can I talk to you about tuesday's presentation"),
        ("says-by-when", "en", "What do you need most right now?"),
        ("follows-up", "en", "Lena stayed until eleven to build it by hand. How do you see it?"),
        ("sums-up", "en", "I take the phone off you from Monday. Can we agree on that?"),
        ("offers-a-choice", "en", "What do you need most right now?"),
        ("says-it-back", "en", "I can't promise the part today but I can bring you two heaters."),
        ("says-own-feeling", "en", "I know this hurts."),
        ("says-it-back", "en", "The main reason was that Jonas led two projects."),
        ("says-what-they-want", "en", "Ten on weekdays and eleven on weekends?"),
        ("asks-what-they-need", "en", "What would you need to rule out with something like this?"),
        ("leaves-room", "en", "There's no need to get all emotional about it."),
        ("hits-back", "en", "I'm not throwing you out."),
        ("gives-the-other-room", "en", "Yeah hi, what's this now"),
        ("generalises", "en", "You don't write about the person under my watch any more."),
        ("uses-force", "en", "My last neighbour said the landlord would throw me out."),
        ("says-why-it-matters-to-them", "en", "It wakes me up twice a week."),
        ("gives-one-reason", "zh", "我知道您怕我一个人没人照应，这次我还是不去。"),
        ("asks-for-calm", "en", "There's no need to talk."),
        ("threatens", "en", "I'll give you my number."),
        ("blames-back", "en", "Someone did, and it was you."),
        ("asks-for-a-yes", "zh", "您开心吗？"),
        ("says-the-worry", "zh", "你到底担心什么？"),
        ("offers-options", "en", "Could we agree that you talk with him tonight and I'll talk with both boys?"),
        ("names-common-ground", "en", "Could we agree that you talk with him tonight and I'll talk with both boys?"),
        ("states-the-difference", "zh", "您是心疼他哭，怕他不跟您亲。"),
        ("affirms-first", "zh", "妈您辛苦了，昨天那块糖的事我想说一下。"),
        ("acknowledges-effort", "zh", "您辛苦了。"),
        ("acknowledges-effort", "zh", "一年就这么几天。"),
        ("affirms-first", "zh", "一年才那么两次。"),
        ("says-own-part", "zh", "我心里挺不是滋味的。"),
        ("sums-up", "en", "So what if I take the phone off you and you tell me early?"),
        ("sums-up", "en", "Then I can send you someone tonight between six and eight."),
        ("offers-a-way-out", "zh", "哥，我最近手头有点紧。"),
        ("keeps-it-warm", "zh", "哥，你也知道，我手头有点紧。"),
        ("hits-back", "en", "Be mad at me, whatever you need."),
        ("consoles-cheaply", "en", "I don't know, there's probably one a year, nobody can say whose it'll be."),
        ("argues-with-a-feeling", "en", "And you couldn't even be upset, because everybody was watching."),
        ("generalises", "zh", "我光顾着上班，都没谢过您一句。"),
        ("takes-it-up", "en", "I know, I know. But you had all the others."),
        ("lets-it-land", "en", "There it is. Sit down."),
        ("says-own-part", "zh", "这事也轮不到我啊。"),
        ("honours-the-other", "en", "I fought for you, two hours."),
        ("asks-how-they-see-it", "en", "How long has she been like this?"),
    ],
)
def test_a_line_that_only_looks_like_a_behaviour_does_not_show_it(key: str, language: str, line: str) -> None:
    assert not required_words.may_show(key, line, language)


@pytest.mark.parametrize("behaviour", SHIPPED, ids=lambda each: each.key)
def test_every_shipped_line_still_shows_its_own_behaviour(behaviour: Behaviour) -> None:
    language = "zh" if any(letter > "\u2e80" for letter in behaviour.text) else "en"
    assert [line for line in behaviour.shown if not required_words.may_show(behaviour.key, line, language)] == []


def test_giving_time_for_a_debt_is_not_staying_vague() -> None:
    line = "旧的那两万五你别急，等缓过来再说。"
    assert not sentence_forms.may_show("stays-vague", "等缓过来再说。", line, "zh")
    assert sentence_forms.may_show("stays-vague", "再说吧。", "再说吧。", "zh")


def test_taking_something_back_is_not_deciding_alone() -> None:
    line = "那算了，我就是说说。"
    assert not sentence_forms.may_show("decides-alone", line, line, "zh")


def test_every_time_in_praise_is_not_generalising() -> None:
    generalises = next(each for each in SHIPPED if each.key == "generalises")
    praise = "I know you care about quality, and your catches save us every time."
    assert not speech_acts.may_show(generalises, praise, praise, "en")
    reproach = "It's the same with you every time."
    assert speech_acts.may_show(generalises, reproach, reproach, "en")


@pytest.mark.parametrize(
    "line",
    [
        "How many times do I have to say it?",
        "You'd have seen it if you weren't so busy with yourself.",
        "Your sulking didn't help either.",
        "您还好意思说，我讲过多少遍了。",
    ],
)
def test_a_reproach_praises_nothing(line: str) -> None:
    assert speech_acts.is_harsh(line, line, "zh" if line[0] == "您" else "en")


def test_praise_has_to_be_plainer_the_more_slips_a_talk_has() -> None:
    assert [showing.plainer(slips) for slips in (0, 2, 3, 4, 5, 9)] == [0.0, 0.0, 0.3, 0.3, 0.8, 0.8]


def test_the_first_turn_cannot_come_back_to_anything() -> None:
    behaviour = next(each for each in SHIPPED if each.key == "brings-it-back")
    line = Line("Let's come back to the loan.", (), frozenset())
    zeros = [0.0] * 768
    showing = Showing("en", {})
    first, later = (SpokenPiece(1, line, line.text, zeros, is_first) for is_first in (True, False))
    assert showing.odds("skill", behaviour, first) == float("-inf")
    assert showing.odds("skill", behaviour, later) > float("-inf")


@pytest.mark.parametrize(
    ("key", "language", "line"),
    [
        ("says-what-they-want", "en", "Could you tell me those things when it's just the two of us?"),
        ("asks-openly", "en", "What would have to be there for you to look further?"),
        ("says-what-they-want", "en", "no I'd rather have the right one please"),
        ("says-what-they-want", "en", "can I get a flat white with oat milk"),
        ("says-no-plainly", "en", "No. I've thought about it for months and I'm sure."),
        ("says-it-is-final", "en", "I've thought about it for months and I'm sure."),
        ("gives-the-true-reason", "en", "I just don't feel it the way you do any more."),
        ("offers-options", "en", "hm what about electronic pads or just stopping at ten"),
        ("says-who-does-what", "en", "and you tell me the day before if something is late"),
        ("acknowledges-effort", "zh", "这八个月多亏了您，您五点就起来做饭，我们都看在眼里。"),
    ],
)
def test_plain_wording_shows_the_behaviour_on_any_topic(key: str, language: str, line: str) -> None:
    assert telling_words.are_in(key, line, language)


@pytest.mark.parametrize("line", ["Could you tell me more about that?", "Can I have a word?", "I'd like a chat."])
def test_asking_for_more_detail_is_not_a_request(line: str) -> None:
    assert not telling_words.are_in("says-what-they-want", line, "en")


@pytest.mark.parametrize(
    ("key", "language", "line"),
    [
        ("generalises", "en", "You never complained once about those calls."),
        ("generalises", "en", "You present like nobody else here."),
        ("generalises", "zh", "小满说奶奶从来不骂他。"),
        ("guesses-the-motive", "en", "Nobody thinks you did it on purpose."),
        ("labels-the-person", "en", "I'm not here to call you unreliable."),
        ("asks-for-calm", "en", "I'm not going to tell you to calm down."),
        ("says-maybe", "en", "I was about to write maybe."),
        ("labels-the-person", "zh", "您不是固执，您是心疼他。"),
    ],
)
def test_praise_and_denials_show_no_behaviour_to_avoid(key: str, language: str, line: str) -> None:
    behaviour = next(each for each in SHIPPED if each.key == key and (each.text > "\u2e80") == (language == "zh"))
    assert not speech_acts.may_show(behaviour, line, line, language)


def test_asking_oneself_why_accuses_nobody() -> None:
    assert not required_words.may_show("accuses-by-asking", "Why didn't I ask you earlier?", "en")
    assert required_words.may_show("accuses-by-asking", "Why do I always have to ask you?", "en")


def test_a_regretful_no_is_not_a_threat() -> None:
    assert not speech_acts.of("no we can't try again, I'm sorry", "en")
    assert speech_acts.of("Ask me again and I'm calling the police.", "en")


def test_a_slip_needs_less_beside_a_plain_one() -> None:
    """Slips seldom come alone; a behaviour that a curator wrote is judged by its own lines only."""
    shipped = next(each for each in SHIPPED if each.key == "threatens")
    assert showing.bound_after((), shipped) == showing.bound(shipped)
    assert showing.bound_after({"threatens"}, shipped) == showing.bound(shipped), "itself is no other slip"
    assert showing.bound_after({"threatens", "says-maybe"}, shipped) == showing.bound(shipped) - showing.SLIPPED
    written = replace(shipped, shown=("Pay, or the dog gets it.",))
    assert showing.bound_after({"says-maybe"}, written) == showing.bound(written)
