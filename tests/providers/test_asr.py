import math

import pytest

from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import ProviderMisconfigured, ProviderRejected, ProviderUnavailable, Transcript
from coach.telemetry import names
from tests.fakes import models_answers
from tests.fakes.models import chunk, events
from tests.fixtures import speech

SPOKEN = speech.mp3("thanks")


def test_a_recording_becomes_words(fake, endpoint):
    heard = CompletionsRecognizer(endpoint()).transcribe(SPOKEN, language="en", session_id="s1")
    assert heard == Transcript(models_answers.HEARD, "qwen3-omni-flash")
    (sent,) = fake.requests("asr")
    sound, instruction = sent["body"]["messages"][0]["content"]
    assert sent["body"]["modalities"] == ["text"]
    assert sent["stream"]
    assert sent["audio"][0]["bytes"] == len(SPOKEN)
    assert sent["audio"][0]["prefix"] == "data:;base64,"
    assert "English" in instruction["text"]
    assert "transcript" in instruction["text"]


def test_a_recogniser_is_told_the_language_by_option_and_given_the_recording_alone(fake, endpoint):
    fake.answer("asr", text="谢谢你告诉我。")
    heard = CompletionsRecognizer(endpoint(model="qwen3-asr-flash")).transcribe(SPOKEN, language="zh")
    assert heard.text == "谢谢你告诉我。"
    (sent,) = fake.requests("asr")
    assert sent["body"]["asr_options"] == {"language": "zh"}
    assert [part["type"] for part in sent["body"]["messages"][0]["content"]] == ["input_audio"]


def test_the_local_recogniser_gets_the_language_as_a_header_too(fake, endpoint):
    fake.modes(dialect="openai")
    local = endpoint(model="local-asr", local=True, api_key=None, audio_prefix="")
    CompletionsRecognizer(local).transcribe(SPOKEN, language="zh")
    assert fake.requests("asr")[0]["headers"]["x-language"] == "zh"


def sure(*tokens: tuple[str, float]) -> dict:
    """An answer with a probability for each word."""
    told = [{"token": token, "logprob": math.log(probability)} for token, probability in tokens]
    said = chunk({"content": "".join(token for token, _ in tokens)})
    said["choices"][0]["logprobs"] = {"content": told}
    return {"sends": [events(said, chunk({}, "stop"))]}


@pytest.mark.parametrize(
    ("tokens", "doubtful"),
    [
        ([("We", 0.9), (" slipped", 0.3), (" twice", 0.95), (".", 0.1)], ["slipped"]),
        ([(" We", 0.9), (" missed", 0.2), (" Friday", 0.4)], ["missed", "Friday"]),
        ([("我", 0.9), ("昨", 0.4), ("天", 0.3), ("来了", 0.9)], ["昨天"]),
        ([("Yes", 0.99)], []),
    ],
)
def test_doubtful_words_are_reported_with_their_positions(fake, endpoint, tokens, doubtful):
    fake.answer("asr", **sure(*tokens))
    heard = CompletionsRecognizer(endpoint(local=True, api_key=None)).transcribe(SPOKEN, language="en")
    assert [heard.text[start:end] for start, end in heard.doubtful] == doubtful
    assert fake.requests("asr")[0]["body"]["logprobs"] is True


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        {"content": None},
        {"content": [{"token": "Something", "logprob": -3.0}]},
        {"content": [{"token": "Yes", "logprob": "low"}]},
        {"content": [None]},
        "none",
    ],
)
def test_without_probabilities_for_exactly_these_words_nothing_is_doubtful(fake, endpoint, logprobs):
    said = chunk({"content": "Yes"})
    said["choices"][0]["logprobs"] = logprobs
    fake.answer("asr", sends=[events(said, chunk({}, "stop"))])
    heard = CompletionsRecognizer(endpoint()).transcribe(SPOKEN, language="en")
    assert (heard.text, heard.doubtful) == ("Yes", ())
    assert "logprobs" not in fake.requests("asr")[0]["body"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('"Thank you."', "Thank you."),
        (" Thank you. \n", "Thank you."),
        ('"Yes," she said, "no."', '"Yes," she said, "no."'),
        ("", ""),
        ("a\0b", "ab"),
    ],
)
def test_wrapping_around_the_words_is_removed(fake, endpoint, said, kept):
    fake.answer("asr", text=[said])
    assert CompletionsRecognizer(endpoint()).transcribe(SPOKEN, language="en").text == kept


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"fault": "401"}, ProviderMisconfigured),
        ({"fault": "404"}, ProviderMisconfigured),
        ({"fault": "quota"}, ProviderMisconfigured),
        ({"fault": "429"}, ProviderUnavailable),
        ({"fault": "503"}, ProviderUnavailable),
        ({"fault": "refused"}, ProviderRejected),
        ({"error_in_stream": True}, ProviderUnavailable),
        ({"cut": True}, ProviderUnavailable),
        ({"end": True}, ProviderUnavailable),
        ({"finish_reason": "content_filter"}, ProviderRejected),
    ],
)
def test_faults_say_who_can_help_and_are_not_retried(fake, endpoint, fault, error):
    fake.answer("asr", times=None, **fault)
    with pytest.raises(error):
        CompletionsRecognizer(endpoint()).transcribe(SPOKEN, language="en")
    assert len(fake.requests("asr")) == 1


def test_a_service_that_falls_silent_is_unavailable(fake, endpoint):
    fake.answer("asr", stall="middle")
    with pytest.raises(ProviderUnavailable, match="in time"):
        CompletionsRecognizer(endpoint(), stall_seconds=0.2).transcribe(SPOKEN, language="en")


def test_transcription_is_traced(fake, endpoint, recorded):
    fake.answer("asr", fault="503")
    recognizer = CompletionsRecognizer(endpoint())
    with pytest.raises(ProviderUnavailable):
        recognizer.transcribe(SPOKEN, language="en", session_id="s1")
    recognizer.transcribe(SPOKEN, language="en", session_id="s1")
    failed, worked = recorded.spans(names.MODEL_TRANSCRIBE)
    assert failed.attributes[names.ERROR] == "ProviderUnavailable"
    assert worked.attributes[names.STATUS] == names.OK
    assert recorded.counted(names.PROVIDER_ERRORS, endpoint="asr") == 1
