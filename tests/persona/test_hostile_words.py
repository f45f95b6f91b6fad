"""Which lines are hostile by their words, and which only look hostile."""

import pytest

from practice.persona.hostility.meant_to_hurt import by_words


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("You're a complete failure of a manager.", "en"),
        ("You have no shame at all.", "en"),
        ("People like you shouldn't be let near children.", "en"),
        ("You'll never work in this town again.", "en"),
        ("You've no idea who you're dealing with.", "en"),
        ("It would be a pity if somebody told your wife.", "en"),
        ("I'll make sure everyone knows.", "en"),
        ("Change your mind by noon or I'll make it public.", "en"),
        ("You don't want me as your enemy.", "en"),
        ("你脑袋让门挤了？", "zh"),
        ("你怎么这么没脑子。", "zh"),
        ("你这种人活该没朋友。", "zh"),
        ("别怪我翻脸不认人。", "zh"),
        ("你敢说出去试试。", "zh"),
        ("下次再让我看见，打断你的腿。", "zh"),
        ("我让你在公司混不下去。", "zh"),
    ],
)
def test_insults_and_threats_are_rated_strong(sentence: str, language: str) -> None:
    assert by_words(sentence, language) == "strong"


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Oh, how convenient, you forgot again.", "en"),
        ("Well, what a surprise, another excuse.", "en"),
        ("Forgive me for breathing.", "en"),
        ("Don't strain yourself.", "en"),
        ("哟，您可真会挑时候。", "zh"),
        ("发你个奖要不要？", "zh"),
        ("拜你所赐，项目黄了。", "zh"),
        ("You lied to me twice.", "en"),
        ("And you lied to the team.", "en"),
        ("你骗了我两次。", "zh"),
    ],
)
def test_scorn_is_rated_mild(sentence: str, language: str) -> None:
    assert by_words(sentence, language) == "mild"


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("I'm not saying that you're a thief.", "en"),
        ("I miss you, you idiot.", "en"),
        ("I know I hurt you.", "en"),
        ("I've decided something and it's going to hurt you.", "en"),
        ("This will hurt you, I'm afraid.", "en"),
        ("I couldn't care less what you do till nine.", "en"),
        ("Congratulations on a fine piece of work.", "en"),
        ("不好意思打断一下。", "zh"),
        ("先别打断我，让我说完。", "zh"),
        ("刚才打断你了，抱歉。", "zh"),
        ("That was stupid of me.", "en"),
        ("It felt as if you lied to me.", "en"),
        ("It must have hurt you that nobody came.", "en"),
        ("Who asked you to pick up the phone?", "en"),
        ("You won't lose your job over this.", "en"),
        ("You're afraid of failure, and so am I.", "en"),
        ("What a surprise it was to see you at the station!", "en"),
        ("I can see you have a lot to do.", "en"),
        ("If you can't fix it, I'll have to look for another plumber.", "en"),
        ("I love you, you idiot.", "en"),
        ("Or I go to your mother's tomorrow and help.", "en"),
        ("您真行，这都记得。", "zh"),
        ("我不恨你。", "zh"),
        ("照片发出去之前，您没有问过我。", "zh"),
        ("您是不是一直没好意思说？", "zh"),
        ("您老看手机，我没法跟您说话。", "zh"),
        ("这件事我必须上报。", "zh"),
    ],
)
def test_firm_and_kind_lines_are_not_hostile(sentence: str, language: str) -> None:
    assert by_words(sentence, language) in (None, "calm")


@pytest.mark.parametrize(
    "sentence",
    ["不客气。", "去年我初三就走了，我后来挺后悔的。", "这事儿没完没了的，我也烦。", "我想让大家都知道这事是我做的。"],
)
def test_polite_and_rueful_chinese_lines_are_not_hostile(sentence: str) -> None:
    assert by_words(sentence, "zh") in (None, "calm")


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("You're about as much use as a wet match.", "en"),
        ("What kind of mother would do that?", "en"),
        ("Pay me or I'll smash the place.", "en"),
        ("You are not even worth my time.", "en"),
        ("你还要不要脸？", "zh"),
        ("别怪我不客气。", "zh"),
        ("我要告你，让你坐牢。", "zh"),
    ],
)
def test_insults_and_threats_are_recognised_in_other_words(sentence: str, language: str) -> None:
    assert by_words(sentence, language) is not None


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("You can bring it in any day till Saturday.", "en"),
        ("You can leave the dress here for now.", "en"),
        ("You don't have to decide today.", "en"),
        ("I'll drive you there myself.", "en"),
        ("您随时可以来找我。", "zh"),
        ("我帮你问问。", "zh"),
    ],
)
def test_offers_and_concessions_are_not_insults(sentence: str, language: str) -> None:
    assert by_words(sentence, language) == "calm"


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("You can take your stupid dress and leave.", "en"),
        ("You can sell it somewhere else, or I'll call the police.", "en"),
        ("You can go to hell.", "en"),
        ("你可以滚了。", "zh"),
    ],
)
def test_a_threat_is_not_an_offer(sentence: str, language: str) -> None:
    assert by_words(sentence, language) != "calm"


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("I sat there feeling like the worst mother going.", "en"),
        ("I'm not trying to make you look stupid.", "en"),
        ("Nobody thinks you're stupid.", "en"),
        ("It's not that you're lazy.", "en"),
        ("I could never hate you.", "en"),
        ("I never wanted to hurt you.", "en"),
        ("Sorry, I'll shut up now.", "en"),
        ("Would that kill you?", "en"),
        ("I don't give a damn about the money.", "en"),
        ("You never let me down.", "en"),
        ("I could get you something to lead before then.", "en"),
        ("我这人嘴笨，写了个条子。", "zh"),
        ("他让我闭嘴。", "zh"),
        ("这空调真垃圾。", "zh"),
        ("我还以为是骗子。", "zh"),
        ("我不会去告你。", "zh"),
        ("他一哭就说个没完。", "zh"),
    ],
)
def test_words_that_are_not_aimed_at_the_listener_or_denied_hurt_nobody(sentence: str, language: str) -> None:
    assert by_words(sentence, language) in (None, "calm")


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Don't make me hurt you.", "en"),
        ("I'll get you.", "en"),
        ("你闭嘴！", "zh"),
        ("废物！", "zh"),
        ("我让你后悔。", "zh"),
    ],
)
def test_what_is_aimed_at_the_listener_still_hurts(sentence: str, language: str) -> None:
    assert by_words(sentence, language) == "strong"
