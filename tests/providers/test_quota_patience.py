"""A rate limit that ends within a minute is waited for once, even by callers that have their own retries."""

import pytest

from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import ProviderMisconfigured, ProviderUnavailable, QuotaThrottled
from coach.providers.quota_patience import QuotaPatience
from tests.fixtures import speech

SPOKEN = speech.mp3("thanks")
SPENT = ProviderMisconfigured("used up", variable="CHATAI_API_KEY")


def test_a_quota_error_that_outlasts_its_retry_after_is_the_operators() -> None:
    now = 100.0
    patience = QuotaPatience(lambda: now)
    throttled = QuotaThrottled("429", spent=SPENT, retry_after=20)
    assert patience.judged(throttled) is throttled
    now += 10  # another caller, who has not waited
    assert patience.judged(throttled) is throttled
    now += 10
    assert patience.judged(throttled) is SPENT
    patience.worked()
    assert patience.judged(throttled) is throttled
    now += 3600
    assert patience.judged(throttled) is throttled


def test_other_errors_are_unchanged() -> None:
    error = ProviderUnavailable("503")
    assert QuotaPatience().judged(error) is error


def test_a_transcription_is_retried_once_after_a_quota_error(fake, endpoint):
    recognizer = CompletionsRecognizer(endpoint())
    fake.answer("asr", fault="quota", retry_after=0, times=None)
    with pytest.raises(ProviderUnavailable):
        recognizer.transcribe(SPOKEN, language="en")
    with pytest.raises(ProviderMisconfigured, match="DASHSCOPE_API_KEY"):
        recognizer.transcribe(SPOKEN, language="en")
