"""Streams that providers really send, from public reports on similar products, read over a real connection."""

import gzip
import json

import pytest

from coach.providers.ports import (
    ProviderUnavailable,
    Usage,
)
from tests.fakes.models import chunk, events
from tests.providers.said import HELLO, STOP, TOLD, heard, said
from tests.providers.test_pcm_stream import cut

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
    # Each is from a public report in the named repository.
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
async def test_roleplay_reads_an_untidy_stream(fake, roleplay, sends):
    fake.answer("roleplay", sends=sends)
    assert (await said(roleplay))[0] == "Hello."
    assert len(fake.requests("roleplay")) == 1


@pytest.mark.parametrize("sends", TAKEN.values(), ids=TAKEN)
def test_transcription_reads_an_untidy_stream(fake, recognizer, sends):
    fake.answer("asr", sends=sends)
    assert heard(recognizer) == "Hello."


@pytest.mark.parametrize("label", ["text/plain", "application/octet-stream", "application/json", "text/html", ""])
async def test_the_content_type_of_a_stream_does_not_matter(fake, roleplay, recognizer, label):
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
async def test_a_reply_is_complete_at_its_finish_reason_whatever_follows(fake, roleplay, recognizer, then, after):
    fake.answer("any", sends=[events(HELLO, STOP, done=False), *after], then=then, times=2)
    assert (await said(roleplay))[0] == heard(recognizer) == "Hello."
    if len(after) > 1 or then == "hang":
        fake.wait_for(2, having="disconnectedAt")  # it was left, not waited for


async def test_a_wrong_content_length_does_not_matter_once_the_reply_is_complete(fake, roleplay):
    body = events(HELLO, STOP).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(body) + 999}\r\n\r\n"
    fake.answer("roleplay", sends=[head, body], exact=True)
    assert (await said(roleplay))[0] == "Hello."


async def test_a_late_token_count_is_still_used(fake, roleplay):
    fake.answer("roleplay", sends=[events(HELLO, STOP, done=False), 0.1, events(TOLD)])
    assert (await said(roleplay))[2] == [Usage("m", 7, 3)]


async def test_running_totals_are_counted_once(fake, roleplay):
    totals = [{"usage": {"prompt_tokens": 7, "completion_tokens": n}} for n in (1, 2, 3)]
    fake.answer("roleplay", sends=[events(HELLO | totals[0], chunk({"content": "!"}) | totals[1], STOP | totals[2])])
    text, _, usage = await said(roleplay)
    assert (text, usage) == ("Hello.!", [Usage("m", 7, 3)])


@pytest.mark.parametrize("count", ["7", 7.0, -1, 10**30, None, [], True, "many", float("inf")])
async def test_a_malformed_token_count_is_ignored(fake, roleplay, count):
    fake.answer("roleplay", sends=[events(HELLO, STOP | {"usage": {"prompt_tokens": count, "completion_tokens": 3}})])
    (usage,) = (await said(roleplay))[2]
    assert usage.input_tokens in (0, 1, 7)


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
async def test_an_unreadable_stream_is_a_temporary_fault(fake, roleplay, recognizer, sends):
    fake.answer("any", sends=sends, times=None)
    with pytest.raises(ProviderUnavailable):
        heard(recognizer)
    with pytest.raises(ProviderUnavailable):
        await said(roleplay)
    assert len(fake.requests("roleplay")) == 3
