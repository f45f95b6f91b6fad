"""Words that recognisers invent for silence and noise are told apart from speech."""

import pytest

from practice.turns.recogniser_inventions import is_invented, repeats_itself

LONG = (
    "The report was due on Friday and came four days late, so Lena stayed until eleven and built the figures by hand. "
    "I would like us to find a way in which I hear of delays before they happen, and not from the customer."
)


@pytest.mark.parametrize(
    "text",
    ["Thank you.", "Thanks for watching!", "you", "Bye bye.", "[Music]", "Subtitles by the Amara.org community"]
    + ["谢谢观看", "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "字幕由Amara.org社区提供"],
)
def test_closing_words_of_videos_are_inventions(text: str) -> None:
    assert is_invented(text)


@pytest.mark.parametrize(
    "text", ["I was late.", "Thank you, Sam, but no.", "You are right.", "不行。", "谢谢妈，我吃过了", ""]
)
def test_words_that_may_have_been_said_softly_are_not_inventions(text: str) -> None:
    assert not is_invented(text)


def test_a_phrase_repeated_many_times_is_an_invention_and_a_long_transcript_is_not() -> None:
    assert repeats_itself("Thank you. " * 40, 1_500)
    assert repeats_itself("好的谢谢。" * 40, 1_500)
    assert not repeats_itself(LONG, 1_000), "however short the recording"
    assert not repeats_itself("No. " * 12, 6_000), "somebody may say so"
