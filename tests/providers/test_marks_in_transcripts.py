"""Marks that recognisers put into a transcript, such as <|en|> or [BLANK_AUDIO], are not words."""

import pytest

from tests.fakes.models import chunk, events
from tests.providers.said import STOP, heard
from tests.providers.test_pcm_stream import cut


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("language Chinese<asr_text>谢谢你告诉我。", "谢谢你告诉我。"),
        ("language English<asr_text>Thanks.</asr_text>", "Thanks."),
        ("language Chinese<asr_text>你好。language English<asr_text>Hi.", "你好。Hi."),
        ("language en <audio_language>en-US</audio_language><asr_text>Hi.", "Hi."),  # hermes-agent 65534
        ("language None<asr_text>", ""),  # mlx-audio 928
        ("language None", ""),
        ("<asr_text>Thanks.", "Thanks."),
        ("<|zh|><|NEUTRAL|><|Speech|><|withitn|>谢谢。", "谢谢。"),
        ("< | en | > Thanks.", "Thanks."),
        ("<|startoftranscript|><|en|><|0.00|> Thanks.<|2.40|><|endoftext|>", "Thanks."),
        ("<|nospeech|><|EMO_UNKNOWN|>", ""),
        ("<think>\nA greeting.\n</think>\nThanks.", "Thanks."),
        ("A greeting.</think>Thanks.", "Thanks."),
        ("[BLANK_AUDIO]", ""),
        ("(silence)", ""),
        ("（无语音）", ""),
        ("...", ""),
        ("。", ""),
        ("♪", ""),
        (" \n", ""),
        ("My language is Chinese.", "My language is Chinese."),
        ("I said a < b.", "I said a < b."),
        ("Ha (really) ha.", "Ha (really) ha."),
    ],
)
def test_marks_are_removed_and_marks_alone_are_silence(fake, recognizer, text, kept):
    fake.answer("asr", sends=[events(*(chunk({"content": piece}) for piece in cut(text, 3)), STOP)])
    assert heard(recognizer) == kept


def test_an_answer_without_words_is_silence(fake, recognizer):
    fake.answer("asr", sends=[events(chunk({"role": "assistant", "content": ""}), STOP)])
    assert heard(recognizer) == ""
