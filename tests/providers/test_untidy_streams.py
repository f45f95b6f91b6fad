"""What providers really send (public reports of neighbouring products), through the clients, over a real connection."""

import base64
import gzip
import json
from contextlib import aclosing

import pytest

from coach.providers import completion_stream
from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import (
    AudioDelta,
    ContentRefused,
    ProviderError,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    ReplyRequest,
    TextDelta,
    Usage,
)
from coach.providers.roleplay import StreamedRoleplay
from tests.fakes.models import chunk, events
from tests.fakes.models_answers import tone
from tests.fixtures import speech
from tests.providers.test_pcm_stream import base64_of, cut, wav

OPENING = ReplyRequest(instructions="You are Sam.", session_id="s1")
SPOKEN = speech.mp3("thanks")
PCM = tone(200)

HELLO = chunk({"content": "Hello."})
STOP = chunk({}, "stop")
TOLD = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


async def no_waiting(seconds: float) -> None:
    pass


@pytest.fixture
async def roleplay(endpoint):
    built = StreamedRoleplay(endpoint(), sleep=no_waiting)
    yield built
    await built.close()


@pytest.fixture
def recognizer(endpoint):
    return CompletionsRecognizer(endpoint(), stall_seconds=2)


async def said(model) -> tuple[str, bytes, list[Usage]]:
    text, pcm, usage = "", b"", []
    async with aclosing(model.reply(OPENING)) as pieces:
        async for piece in pieces:
            match piece:
                case TextDelta():
                    text += piece.text
                case AudioDelta():
                    pcm += piece.pcm
                case Usage():
                    usage.append(piece)
    return text, pcm, usage


async def gathered(model, into: list) -> None:
    async for piece in model.reply(OPENING):
        into.append(piece)


def heard(recognizer) -> str:
    return recognizer.transcribe(SPOKEN, language="en").text


TAKEN = {
    "events without data": ["retry: 3000\n\nid: 1\n\ndata:\n\ndata\n\nevent: ping\n\n", events(HELLO, STOP)],
    "a named ping with data": ['event: ping\ndata: {"type": "ping"}\n\n', events(HELLO, STOP)],
    "a ping that is no JSON": ["event: ping\ndata: 2026-11-26\n\n", events(HELLO, STOP)],
    "comments": [": keep-alive\n\n", events(HELLO, STOP, done=False), ": bye\n"],
    "a last event without a blank line": [events(HELLO, done=False), f"data: {json.dumps(STOP)}"],
    "[DONE] alone": [events(HELLO)],
    "never [DONE]": [events(HELLO, STOP, done=False)],
    "no blank lines": [events(HELLO, STOP).replace("\n\n", "\n")],
    "CR LF": [events(HELLO, STOP).replace("\n", "\r\n")],
    "CR": [events(HELLO, STOP).replace("\n", "\r")],
    "a byte order mark": [b"\xef\xbb\xbf", events(HELLO, STOP)],
    "bytes one by one": [bytes([each]) for each in events(HELLO, STOP).encode()],
    "bytes that are no text": [b"data: \xff\xfe\n\n", events(HELLO, STOP)],
    "one JSON": [json.dumps({"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]})],
    "one JSON printed for people": [json.dumps({"choices": [{"message": {"content": "Hello."}}]}, indent=2)],
    "one JSON as an event": [events({"object": "chat.completion", "choices": [{"message": {"content": "Hello."}}]})],
    "the whole message after its pieces": [
        events(HELLO, {"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]})
    ],
    "choices null": [events(chunk(choices=None), HELLO, STOP)],
    "choices empty": [events(chunk(choices=[]), HELLO, STOP)],
    "choices [null]": [events(chunk(choices=[None]), HELLO, STOP)],
    "choices of text": [events(chunk(choices=["?"]), chunk(choices="?"), HELLO, STOP)],
    "no choices": [events({"id": "1"}, HELLO, STOP)],
    "several choices": [
        events(chunk(choices=[HELLO["choices"][0], {"index": 1, "delta": {"content": "Hi!"}}]), STOP),
    ],
    "one choice that is no list": [events(chunk(choices=HELLO["choices"][0]), STOP)],
    "delta null": [events(chunk(None), HELLO, chunk(None, "stop"))],
    "delta missing": [events(chunk(choices=[{"index": 0}]), HELLO, chunk(choices=[{"finish_reason": "stop"}]))],
    "delta a text": [events(chunk("Hel"), chunk("lo."), STOP)],
    "delta parts": [events(chunk([{"type": "text", "text": "Hello."}]), STOP)],
    "content parts": [events(chunk({"content": [{"type": "text", "text": "Hel"}, {"text": "lo."}, None]}), STOP)],
    "content parts of output": [events(chunk({"content": [{"type": "output_text", "text": "Hello."}]}), STOP)],
    "content parts of input": [events(chunk({"content": [{"type": "input_text", "text": "Hello."}]}), STOP)],
    "content parts of text": [events(chunk({"content": ["Hel", "lo."]}), STOP)],
    "content one part": [events(chunk({"content": {"type": "text", "text": {"value": "Hello."}}}), STOP)],
    "content with thoughts": [
        events(chunk({"content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hello."}]}), STOP)
    ],
    "thoughts beside": [events(chunk({"reasoning_content": "Hm."}), HELLO, STOP)],
    "thoughts within": [events(chunk({"content": "<thi"}), chunk({"content": "nk>Hm.</think>Hello."}), STOP)],
    "marks": [events(chunk({"content": "<|im_start|>Hel"}), chunk({"content": "lo.<|im_"}), chunk("end|>"), STOP)],
    "audio null": [events(chunk({"content": "Hello.", "audio": None}), chunk({"audio": {}}), STOP)],
    "audio with an id alone": [events(chunk({"audio": {"id": "a", "expires_at": 1}}), HELLO, STOP)],
    "audio with a transcript": [events(chunk({"audio": {"transcript": "Hello.", "data": None}}), STOP)],
    "finish_reason empty": [events(chunk({"content": "Hello."}, ""), chunk({}, "null"), STOP)],
    "finish_reason length": [events(HELLO, chunk({}, "length"))],
    "finish_reason with the last piece": [events(chunk({"content": "Hello."}, "stop"))],
    "usage null": [events(HELLO | {"usage": None}, STOP | {"usage": {}}, {"choices": [], "usage": None})],
    "a code that says all is well": [events(HELLO | {"code": 0, "message": "success"}, STOP | {"code": 200})],
    "an empty error": [events(HELLO | {"error": None}, STOP | {"error": {}})],
    # Public reports of neighbouring products, by the repository that has them.
    "hermes-agent 80822, null as keep-alive": ["data: null\n\n", events(HELLO, STOP)],
    "new-api 7470, choices an empty object": [events(HELLO, chunk(choices={}), STOP, chunk(choices={}))],
    "agent-framework 5734, the last delta null": [events(HELLO, chunk(None, "stop"))],
    "ollama 4357, finish_reason empty": [events(chunk({"role": "assistant", "content": "Hello."}, ""), STOP)],
    "vllm-mlx 628, no finish_reason before [DONE]": [events(HELLO, chunk({}, None))],
    "perplexity 209, the message so far beside each delta": [
        events(
            {"object": "chat.completion", "choices": [{"delta": {"content": "Hel"}, "message": {"content": "Hel"}}]},
            {"object": "chat.completion", "choices": [{"delta": {}, "message": {"content": "Hel"}}]},
            {"object": "chat.completion", "choices": [{"delta": {"content": "lo."}, "message": {"content": "Hello."}}]},
        )
    ],
    "openai-go 227, OpenRouter's comments": [": OPENROUTER PROCESSING\n\n" * 3, events(HELLO, STOP)],
    "open-webui 13474, half an event at a time": [
        "data: ",
        json.dumps(HELLO)[:30],
        json.dumps(HELLO)[30:],
        "\n\n",
        events(STOP),
    ],
    "ATOM 1711, usage without choices": [events(HELLO, STOP, {"usage": {"prompt_tokens": 7}})],
    "vllm 35705, words with the finish_reason": [
        events(chunk({"content": "Hel"}), chunk({"content": "lo."}, "length"))
    ],
    "DashScope's own form": [
        events(
            {"output": {"choices": [{"message": {"content": [{"text": "Hello."}]}, "finish_reason": "null"}]}},
            {"output": {"choices": [{"message": {"content": []}, "finish_reason": "stop"}]}},
        )
    ],
}


@pytest.mark.parametrize("sends", TAKEN.values(), ids=TAKEN)
async def test_an_untidy_stream_is_taken_by_roleplay(fake, roleplay, sends):
    fake.answer("roleplay", sends=sends)
    assert (await said(roleplay))[0] == "Hello."
    assert len(fake.requests("roleplay")) == 1


@pytest.mark.parametrize("sends", TAKEN.values(), ids=TAKEN)
def test_an_untidy_stream_is_taken_by_transcription(fake, recognizer, sends):
    fake.answer("asr", sends=sends)
    assert heard(recognizer) == "Hello."


@pytest.mark.parametrize("label", ["text/plain", "application/octet-stream", "application/json", "text/html", ""])
async def test_the_label_of_a_stream_does_not_matter(fake, roleplay, recognizer, label):
    fake.answer("any", sends=[events(HELLO, STOP)], content_type=label, times=2)
    assert (await said(roleplay))[0] == heard(recognizer) == "Hello."


async def test_a_compressed_stream_is_read(fake, roleplay):
    body = gzip.compress(events(HELLO, STOP).encode())
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n"
    fake.answer("roleplay", sends=[head, *cut(body, 7)], exact=True)
    assert (await said(roleplay))[0] == "Hello."


@pytest.mark.parametrize("then", ["hang", "reset", "close"])
@pytest.mark.parametrize(
    "after", [[], [": keep-alive\n\n", 0.1] * 3_000, ["data: {broken"]], ids=["silence", "keep-alive", "a broken event"]
)
async def test_a_reply_is_whole_at_its_finish_reason_whatever_comes_next(fake, roleplay, recognizer, then, after):
    fake.answer("any", sends=[events(HELLO, STOP, done=False), *after], then=then, times=2)
    assert (await said(roleplay))[0] == heard(recognizer) == "Hello."
    if len(after) > 1 or then == "hang":
        fake.wait_for(2, having="disconnectedAt")  # it was left, not waited for


async def test_a_length_that_lies_does_not_matter_once_the_reply_is_whole(fake, roleplay):
    body = events(HELLO, STOP).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(body) + 999}\r\n\r\n"
    fake.answer("roleplay", sends=[head, body], exact=True)
    assert (await said(roleplay))[0] == "Hello."


async def test_a_count_that_comes_late_is_still_taken(fake, roleplay):
    fake.answer("roleplay", sends=[events(HELLO, STOP, done=False), 0.1, events(TOLD)])
    assert (await said(roleplay))[2] == [Usage("m", 7, 3)]


async def test_running_totals_are_counted_once(fake, roleplay):
    totals = [{"usage": {"prompt_tokens": 7, "completion_tokens": n}} for n in (1, 2, 3)]
    fake.answer("roleplay", sends=[events(HELLO | totals[0], chunk({"content": "!"}) | totals[1], STOP | totals[2])])
    text, _, usage = await said(roleplay)
    assert (text, usage) == ("Hello.!", [Usage("m", 7, 3)])


@pytest.mark.parametrize("count", ["7", 7.0, -1, 10**30, None, [], True, "many", float("inf")])
async def test_an_odd_count_of_tokens_harms_nothing(fake, roleplay, count):
    fake.answer("roleplay", sends=[events(HELLO, STOP | {"usage": {"prompt_tokens": count, "completion_tokens": 3}})])
    (usage,) = (await said(roleplay))[2]
    assert usage.input_tokens in (0, 1, 7)


SOUNDS = {
    "OpenAI": [chunk({"audio": {"id": "a", "data": base64_of(piece)}}) for piece in cut(PCM, 1601)],
    "no padding": [chunk({"audio": {"data": base64_of(piece).rstrip("=")}}) for piece in cut(PCM, 1601)],
    "url-safe": [chunk({"audio": {"data": base64.urlsafe_b64encode(piece).decode()}}) for piece in cut(PCM, 1601)],
    "cut anywhere": [chunk({"audio": {"data": piece}}) for piece in cut(base64_of(PCM), 1001)],
    "alone": [chunk({"audio": base64_of(PCM)})],
    "a header in every piece": [chunk({"audio": {"data": base64_of(wav(piece))}}) for piece in cut(PCM, 1600)],
    "vLLM-Omni": [
        chunk({"content": base64_of(wav(piece))}, modality="audio") for piece in cut(PCM, 1600)
    ],
    "vLLM-Omni without its mark": [chunk({"content": base64_of(wav(piece))}) for piece in cut(PCM, 1600)],
    "parts": [chunk({"content": [{"type": "output_audio", "audio": {"data": base64_of(PCM)}}]})],
    "parts with the data in them": [chunk({"content": [{"type": "audio", "data": base64_of(PCM)}]})],
    "its message": [{"choices": [{"message": {"audio": {"data": base64_of(PCM)}}}]}],
}  # fmt: skip


@pytest.mark.parametrize("chunks", SOUNDS.values(), ids=SOUNDS)
async def test_sound_is_played_wherever_it_is_and_never_shown(fake, roleplay, chunks):
    fake.answer("roleplay", sends=[events(chunk({"content": "Hello."}, modality="text"), *chunks, STOP)])
    text, pcm, _ = await said(roleplay)
    assert (text, pcm) == ("Hello.", PCM)


async def test_a_service_that_sends_all_its_text_first_is_heard_out(fake, roleplay):
    text = [chunk({"content": "Hello."}, modality="text"), chunk({}, "stop", modality="text")]
    sound = [chunk({"content": base64_of(wav(piece))}, modality="audio") for piece in cut(PCM, 1600)]
    late = completion_stream.COUNT_SECONDS + 0.2
    fake.answer(
        "roleplay", sends=[events(*text, done=False), late, events(*sound, chunk({}, "stop", modality="audio"))]
    )
    assert (await said(roleplay))[:2] == ("Hello.", PCM)


@pytest.mark.parametrize("data", ["not base64!", base64_of(b"OggS" + bytes(100))])
async def test_sound_that_cannot_be_played_is_one_clear_error(fake, roleplay, data):
    fake.answer("roleplay", sends=[events(chunk({"content": data}, modality="audio"), STOP)], times=None)
    with pytest.raises(ProviderUnavailable, match="unplayable_sound"):
        await said(roleplay)


UNREADABLE = {
    "choices [null]": [events(chunk(choices=[None]))],
    "choices of text": [events(chunk(choices=["?"]))],
    "choices of numbers": [events(chunk(choices=[1, 2]))],
    "a choice without anything": [events(chunk(choices=[{}]))],
    "delta a number": [events(chunk(5), STOP)],
    "content a number": [events(chunk({"content": 5}), STOP)],
    "content true": [events(chunk({"content": True}), STOP)],
    "parts of numbers": [events(chunk({"content": [5]}), STOP)],
    "parts without text": [events(chunk({"content": [{"type": "image"}]}), STOP)],
    "[DONE] and nothing else": ["data: [DONE]\n\n"],
    "nothing": [],
    "no JSON": [events("what", "is", "this")],
    "a web page": ["<!doctype html>\n<title>Welcome</title>"],
    "a text": ["upstream connect error or disconnect/reset before headers"],
    "an empty object": ["{}"],
    "null": ["null"],
}


@pytest.mark.parametrize("sends", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_a_passing_fault(fake, roleplay, recognizer, sends):
    fake.answer("any", sends=sends, times=None)
    with pytest.raises(ProviderUnavailable):
        heard(recognizer)
    with pytest.raises(ProviderUnavailable):
        await said(roleplay)
    assert len(fake.requests("roleplay")) == 3


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
async def test_an_error_with_status_200_is_told_for_what_it_is(fake, roleplay, recognizer, told, error):
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


def refusing(status: str, body: str, *headers: str) -> list[str]:
    return ["\r\n".join([f"HTTP/1.1 {status}", *headers, "", body])]


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
async def test_an_error_page_is_told_for_what_it_is(fake, roleplay, recognizer, sends, error):
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
def test_retry_after_of_any_form_is_a_number_of_seconds_or_nothing(fake, recognizer, header, seconds):
    fake.answer("asr", sends=refusing("429 Too Many Requests", "{}", f"retry-after: {header}"), exact=True)
    with pytest.raises(ProviderUnavailable) as raised:
        heard(recognizer)
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize(
    "quiet", [": keep-alive\n\n", "data:\n\n", "event: ping\ndata: {}\n\n", events(chunk({}), done=False)]
)
async def test_keep_alives_are_no_sign_of_life(fake, endpoint, quiet):
    model = StreamedRoleplay(endpoint(), stall_seconds=0.5, sleep=no_waiting)
    recognizer = CompletionsRecognizer(endpoint(), stall_seconds=0.5)
    fake.answer("any", sends=[events(chunk({"role": "assistant"}), done=False), *[quiet, 0.1] * 100], times=None)
    with pytest.raises(ProviderUnavailable, match="in time"):
        heard(recognizer)
    with pytest.raises(ProviderUnavailable, match="in time"):
        await said(model)
    assert len(fake.requests("roleplay")) == 3
    await model.close()


async def test_a_model_on_this_machine_is_alive_as_long_as_its_comments_come(fake, endpoint):
    model = StreamedRoleplay(endpoint(local=True, api_key=None), stall_seconds=0.5, sleep=no_waiting)
    fake.answer("roleplay", sends=[*[": ping\n\n", 0.2] * 5, events(HELLO, STOP)])
    assert (await said(model))[0] == "Hello."
    fake.answer("roleplay", sends=[": ping\n\n"], then="hang", times=None)
    with pytest.raises(ProviderUnavailable, match="in time"):
        await said(model)
    await model.close()


async def test_what_is_said_slowly_is_no_stall(fake, endpoint):
    model = StreamedRoleplay(endpoint(), stall_seconds=0.5)
    slowly = [step for _ in range(6) for step in (events(chunk({"content": "a"}), done=False), 0.2)]
    fake.answer("roleplay", sends=[*slowly, events(STOP)])
    assert (await said(model))[0] == "aaaaaa"
    await model.close()


@pytest.mark.parametrize(
    "after",
    [[], ["Stream ended with error."], ['data: {"choices": [{"delta": {"cont'], ["data: [DO"]],
    ids=["vllm 52852", "DocChat 267, words", "term-llm 448, half an event", "half of [DONE]"],
)
def test_an_answer_that_breaks_off_is_no_whole_one(fake, recognizer, after):
    fake.answer("asr", sends=[events(HELLO, done=False), *after], times=None)
    with pytest.raises(ProviderUnavailable, match="broke off"):
        heard(recognizer)


@pytest.mark.parametrize("then", ["reset", "close"])
async def test_sound_that_breaks_off_without_a_finish_is_kept_and_told(fake, roleplay, then):
    fake.answer("roleplay", sends=[events(chunk({"audio": {"data": base64_of(PCM)}}), done=False)], then=then)
    kept: list[AudioDelta] = []
    with pytest.raises(ProviderUnavailable):
        await gathered(roleplay, kept)
    assert b"".join(piece.pcm for piece in kept) == PCM
    assert len(fake.requests("roleplay")) == 1


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
def test_marks_are_no_words_and_silence_is_none(fake, recognizer, text, kept):
    fake.answer("asr", sends=[events(*(chunk({"content": piece}) for piece in cut(text, 3)), STOP)])
    assert heard(recognizer) == kept


def test_an_answer_without_words_is_silence(fake, recognizer):
    fake.answer("asr", sends=[events(chunk({"role": "assistant", "content": ""}), STOP)])
    assert heard(recognizer) == ""


async def test_a_passing_limit_told_as_spent_money_is_waited_for_once(fake, endpoint):
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


async def test_no_other_exception_leaves_a_client(fake, endpoint, monkeypatch):
    def broken(*ignored: object) -> None:
        raise RuntimeError("a fault of our own")

    monkeypatch.setattr("coach.providers.completion_reader.CompletionReader.feed", broken)
    with pytest.raises(ProviderError):
        heard(CompletionsRecognizer(endpoint()))
