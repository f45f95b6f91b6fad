"""However a provider reports a fault (status 200, HTML, a header), the error says who can help."""

import json

import pytest

from coach.providers import completion_stream
from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import (
    ContentRefused,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
)
from coach.providers.roleplay import StreamedRoleplay
from tests.fakes.models import events
from tests.providers.said import heard, refusing, said


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"error": {"code": "Throttling", "message": "slow down"}}, ProviderUnavailable),
        ({"error": {"code": 429}}, ProviderUnavailable),
        ({"error": {"code": "429"}}, ProviderUnavailable),
        ({"error": "overloaded"}, ProviderUnavailable),
        ({"error": ["overloaded"]}, ProviderUnavailable),
        ({"error": "model_not_found"}, ProviderMisconfigured),
        ({"error": "invalid_api_key"}, ProviderMisconfigured),
        ({"error": "Too many requests", "code": 429}, ProviderUnavailable),
        ({"error": {"message": "The model `x` does not exist.", "code": None}}, ProviderMisconfigured),
        ({"errors": [{"message": "overloaded"}]}, ProviderUnavailable),
        ({"code": 500, "message": "Internal"}, ProviderUnavailable),
        ({"code": "InternalError", "message": "Internal", "request_id": "1"}, ProviderUnavailable),
        ({"message": "no healthy upstream"}, ProviderUnavailable),
        ({"detail": "Not ready"}, ProviderUnavailable),
        ({"code": 401, "message": "no key"}, ProviderMisconfigured),
        ({"status_code": 401, "message": "no key"}, ProviderMisconfigured),
        ({"error": {"code": "invalid_api_key"}}, ProviderMisconfigured),
        ({"code": "Arrearage", "message": "pay"}, ProviderMisconfigured),
        ({"error": {"code": None, "type": "insufficient_quota", "message": "pay"}}, ProviderMisconfigured),
        ({"error": {"code": 404, "message": "model gone"}}, ProviderMisconfigured),
        ({"object": "error", "message": "bad", "type": "BadRequestError", "code": 400}, ProviderRejected),
        ({"code": "InvalidParameter", "message": "bad"}, ProviderRejected),
        ({"code": "DataInspectionFailed", "message": "no"}, ContentRefused),
        ({"error": {"code": 400, "message": "Output data may contain inappropriate content."}}, ContentRefused),
        ({"error": {"code": "content_filter"}}, ContentRefused),
        ({"base_resp": {"status_code": 1002, "status_msg": "limit"}}, ProviderUnavailable),
        ({"choices": [{"error": {"code": 502, "message": "gone"}}]}, ProviderUnavailable),
        ({"choices": [{"delta": {}, "finish_reason": "error"}]}, ProviderUnavailable),
        # langchainjs 11579 and OmniRoute 8210: OpenRouter's errors on the way.
        ({"choices": [{"delta": {}, "finish_reason": "error"}], "error": {"code": 401}}, ProviderMisconfigured),
        ({"choices": [], "error": {"code": "server_error", "message": "total limit (33/32)"}}, ProviderUnavailable),
        ({"choices": [{"delta": {}, "finish_reason": "content_filter"}]}, ContentRefused),
        ({"choices": [{"delta": {}, "finish_reason": "sensitive"}]}, ContentRefused),
        ({"choices": [{"delta": {"refusal": "I cannot say that."}}]}, ContentRefused),
        ("error: upstream timed out", ProviderUnavailable),
    ],
    ids=str,
)
async def test_an_error_with_status_200_is_recognised(fake, roleplay, recognizer, told, error):
    fake.answer("any", sends=[events(told)], times=None)
    with pytest.raises(error) as by_roleplay:
        await said(roleplay)
    with pytest.raises(error) as by_transcription:
        heard(recognizer)
    assert type(by_roleplay.value) is type(by_transcription.value) is error
    fake.reset()
    fake.answer("asr", sends=[told if isinstance(told, str) else json.dumps(told)], times=None)
    with pytest.raises(error):
        heard(recognizer)


@pytest.mark.parametrize(
    ("sends", "error"),
    [
        (refusing("502 Bad Gateway", "<html><h1>502</h1></html>", "content-type: text/html"), ProviderUnavailable),
        (refusing("503 Service Unavailable", ""), ProviderUnavailable),
        (refusing("524 Unknown", "error code: 524"), ProviderUnavailable),
        (
            refusing("400 Bad Request", "data: " + json.dumps({"error": {"code": "DataInspectionFailed"}})),
            ContentRefused,
        ),
        (refusing("403 Forbidden", json.dumps({"error": {"code": 403, "message": "flagged_input"}})), ContentRefused),
        (refusing("404 Not Found", "404 page not found"), ProviderMisconfigured),
        (refusing("401 Unauthorized", '{"code": 401, "message": "no"}'), ProviderMisconfigured),
        (refusing("301 Moved Permanently", "", "location: https://elsewhere.example"), ProviderMisconfigured),
        (refusing("429 Too Many Requests", "null", "content-length: 4"), ProviderUnavailable),
    ],
    ids=["HTML", "empty", "text", "as an event", "flagged", "no such path", "numeric", "moved", "null"],
)
async def test_an_html_error_page_is_recognised(fake, roleplay, recognizer, sends, error):
    fake.answer("any", sends=sends, exact=True, times=None)
    with pytest.raises(error):
        await said(roleplay)
    with pytest.raises(error):
        heard(recognizer)


async def test_a_refusal_whose_body_never_comes_is_not_waited_for(fake, roleplay, monkeypatch):
    monkeypatch.setattr(completion_stream, "REFUSAL_SECONDS", 0.2)
    fake.answer("roleplay", sends=refusing("401 Unauthorized", "", "content-length: 99"), exact=True, then="hang")
    with pytest.raises(ProviderMisconfigured):
        await said(roleplay)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        ("2.5", 2.5),
        ("-5", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 99999 07:28:00 GMT", None),
        ("1e400", 86_400),
        ("99999999999999", 86_400),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_any_form_becomes_seconds_or_none(fake, recognizer, header, seconds):
    fake.answer("asr", sends=refusing("429 Too Many Requests", "{}", f"retry-after: {header}"), exact=True)
    with pytest.raises(ProviderUnavailable) as raised:
        heard(recognizer)
    assert raised.value.retry_after == seconds


async def test_a_rate_limit_reported_as_spent_quota_is_waited_for_once(fake, endpoint):
    waits = []

    async def waiting(seconds: float) -> None:
        waits.append(seconds)

    model = StreamedRoleplay(endpoint(), sleep=waiting)
    fake.answer("roleplay", fault="quota", retry_after=2)
    assert (await said(model))[0]
    fake.answer("roleplay", fault="quota", message="Rate limit reached: 20 requests per minute.")
    assert (await said(model))[0]
    assert waits == [2, 5]
    fake.answer("roleplay", fault="quota", retry_after=2, times=None)
    with pytest.raises(ProviderMisconfigured, match="DASHSCOPE_API_KEY"):
        await said(model)
    assert waits == [2, 5, 2]
    fake.reset()
    fake.answer("roleplay", fault="quota", times=None)
    with pytest.raises(ProviderMisconfigured):
        await said(model)
    assert waits == [2, 5, 2]
    await model.close()


async def test_clients_raise_only_provider_errors(fake, endpoint, monkeypatch):
    def broken(*ignored: object) -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr("coach.providers.completion_reader.CompletionReader.feed", broken)
    with pytest.raises(ProviderError):
        heard(CompletionsRecognizer(endpoint()))
