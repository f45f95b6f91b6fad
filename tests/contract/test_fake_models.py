"""The fake models speak the real protocol: the official client reads exactly what was scripted."""

import base64
import json
import subprocess
import sys
import threading

import httpx
import openai
import pytest

from tests.audio import sounds
from tests.fakes import models, models_answers

SPOKEN = base64.b64encode(sounds.mp3(0.5)).decode()
SCHEMA = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["continue", "succeeded", "failed"]},
        "scores": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "skillId": {"type": "string", "enum": ["a", "b"]},
                    "rating": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
                    "quote": {"type": ["string", "null"]},
                },
                "required": ["skillId", "rating", "quote"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["status", "scores"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "objective_check_result", "strict": True, "parameters": SCHEMA}}


@pytest.fixture(scope="module")
def served():
    with models.running() as fake:
        yield fake


@pytest.fixture
def fake(served):
    yield served
    served.reset()


@pytest.fixture
def client(fake):
    with openai.OpenAI(base_url=fake.base_url, api_key="sk-test", max_retries=0, timeout=60) as client:
        yield client


def heard(prefix="data:;base64,"):
    sound = {"type": "input_audio", "input_audio": {"data": prefix + SPOKEN, "format": "mp3"}}
    return {"role": "user", "content": [sound, {"type": "text", "text": "context"}]}


def spoken(client, messages=None, **kwargs):
    return client.chat.completions.create(
        model="qwen3-omni-flash",
        messages=messages or [{"role": "system", "content": "You are Sam."}, heard()],
        modalities=["text", "audio"],
        audio={"voice": "Cherry", "format": "wav"},
        stream=True,
        stream_options={"include_usage": True},
        **kwargs,
    )


def collected(chunks):
    text, pcm, usage = "", b"", None
    for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            if choice.delta.audio:
                text += choice.delta.audio.transcript or ""
                pcm += base64.b64decode(choice.delta.audio.data or "")
    return text, pcm, usage


def asked(client, **kwargs):
    messages = [{"role": "user", "content": "Judge."}]
    return client.chat.completions.create(model="gpt-5-mini", messages=messages, max_completion_tokens=4096, **kwargs)


def test_a_spoken_reply_streams_text_sound_and_usage(fake, client):
    fake.answer("roleplay", text=["Good ", "morning."], audio_ms=300)
    text, pcm, usage = collected(spoken(client))
    assert text == "Good morning."
    assert pcm == models_answers.tone(300)
    assert usage.total_tokens == 160
    (request,) = fake.wait_for(1, "roleplay", having="endedAt")
    assert request["audio"][0] | {"sha256": ""} == {
        "format": "mp3",
        "prefix": "data:;base64,",
        "bytes": len(base64.b64decode(SPOKEN)),
        "sha256": "",
    }
    assert request["receivedAt"] <= request["firstByteAt"] <= request["firstAudioAt"] <= request["endedAt"]
    assert request["disconnectedAt"] is None
    assert SPOKEN not in json.dumps(request)


def test_text_can_come_as_the_audio_transcript_and_sound_with_a_wav_header(fake, client):
    fake.answer("roleplay", text="Good morning.", text_in="transcript", pcm=b"\1\2\3\4", riff=True, piece_bytes=7)
    text, pcm, _ = collected(spoken(client))
    assert text == "Good morning."
    assert pcm.startswith(b"RIFF")
    assert pcm.endswith(b"data\xff\xff\xff\x7f\1\2\3\4")


def test_scripted_answers_come_in_order_before_the_lasting_one(fake, client):
    fake.answer("roleplay", text="for good", times=None)
    fake.answer("roleplay", text="first")
    fake.answer("roleplay", text="second")
    assert [collected(spoken(client))[0] for _ in range(4)] == ["first", "second", "for good", "for good"]


def test_speech_is_transcribed_in_a_stream_or_by_a_recogniser_at_once(fake, client):
    streamed = client.chat.completions.create(
        model="qwen3-omni-flash", messages=[heard()], modalities=["text"], stream=True
    )
    assert collected(streamed)[0] == models_answers.HEARD
    fake.answer("asr", text="Bis morgen.")
    whole = client.chat.completions.create(model="qwen3-asr-flash", messages=[heard()])
    assert whole.choices[0].message.content == "Bis morgen."


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.chat.completions.create(model="qwen3-omni-flash", messages=[heard()]),
        lambda client: spoken(client, [heard("")]),
        lambda client: spoken(client, [{"role": "user", "content": heard()["content"] * 2}]),
        lambda client: spoken(client, [{**heard(), "role": "assistant"}]),
        lambda client: asked(client, temperature=0),
    ],
)
def test_what_the_services_refuse_is_refused(client, ask):
    with pytest.raises(openai.BadRequestError):
        ask(client)


def test_a_forced_tool_is_called_with_the_least_its_schema_allows(fake, client):
    choice = {"type": "function", "function": {"name": "objective_check_result"}}
    message = asked(client, tools=[TOOL], tool_choice=choice).choices[0].message
    assert json.loads(message.tool_calls[0].function.arguments) == {
        "status": "continue",
        "scores": [
            {"skillId": "a", "rating": 1, "quote": "Said plainly."},
            {"skillId": "b", "rating": 1, "quote": "Said plainly."},
        ],
    }
    assert fake.requests("objective_check_result")[0]["body"]["tool_choice"] == choice


def test_tools_can_be_rejected_and_a_schema_taken_instead(fake, client):
    fake.modes(tools=False)
    with pytest.raises(openai.BadRequestError):
        asked(client, tools=[TOOL])
    fake.answer("objective_check_result", arguments={"status": "failed", "scores": []})
    wanted = {"type": "json_schema", "json_schema": {"name": "objective_check_result", "schema": SCHEMA}}
    message = asked(client, response_format=wanted).choices[0].message
    assert json.loads(message.content)["status"] == "failed"


def test_models_can_refuse_stop_short_and_talk_nonsense(fake, client):
    fake.answer("tools", refusal="I will not.")
    fake.answer("tools", arguments_text='{"status": "cont', finish_reason="length")
    fake.answer("tools", tool_name="another_tool", arguments={})
    fake.answer("tools", no_tool=True, content="Well.")
    got = [asked(client, tools=[TOOL]).choices[0] for _ in range(4)]
    assert got[0].message.refusal == "I will not."
    assert (got[1].finish_reason, got[1].message.tool_calls[0].function.arguments) == ("length", '{"status": "cont')
    assert got[2].message.tool_calls[0].function.name == "another_tool"
    assert (got[3].message.content, got[3].message.tool_calls) == ("Well.", None)


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("401", openai.AuthenticationError, "invalid_api_key"),
        ("403", openai.PermissionDeniedError, "Arrearage"),
        ("404", openai.NotFoundError, "model_not_found"),
        ("429", openai.RateLimitError, "Throttling.RateQuota"),
        ("quota", openai.RateLimitError, "insufficient_quota"),
        ("503", openai.InternalServerError, "service_unavailable"),
    ],
)
def test_each_fault_raises_the_clients_own_error(fake, client, fault, error, code):
    fake.answer("roleplay", fault=fault, retry_after=3)
    with pytest.raises(error) as raised:
        spoken(client)
    assert raised.value.code == code
    assert raised.value.response.headers["retry-after"] == "3"


def test_only_the_right_key_is_accepted(fake, client):
    fake.modes(key="sk-other")
    with pytest.raises(openai.AuthenticationError):
        spoken(client)


def test_a_stream_can_carry_an_error_or_break_off_or_just_end(fake, client):
    fake.answer("roleplay", error_in_stream=True, after=3)
    with pytest.raises(openai.APIError, match="Internal server error"):
        collected(spoken(client))
    fake.answer("roleplay", cut=True, after=3)
    broken_off = spoken(client)
    assert next(iter(broken_off)).choices
    with pytest.raises(openai.APIConnectionError):
        collected(broken_off)
    fake.answer("roleplay", end=True, after=3, text=["Only ", "half."])
    assert collected(spoken(client))[0] == "Only "


def test_the_fake_can_stall_before_the_first_byte_and_in_the_middle(fake, client):
    fake.answer("roleplay", stall="first")
    with pytest.raises(openai.APITimeoutError):
        spoken(client.with_options(timeout=0.3))
    fake.answer("roleplay", stall="middle", after=2, text=["Only ", "half."])
    chunks = spoken(client.with_options(timeout=2))
    with pytest.raises(openai.APITimeoutError):
        collected(chunks)
    assert len(fake.wait_for(2, "roleplay", having="disconnectedAt")) == 2


def test_the_fake_notices_when_the_client_leaves(fake, client):
    fake.answer("roleplay", hold="later", hold_at=2)
    chunks = spoken(client)
    next(iter(chunks))
    chunks.close()
    (request,) = fake.wait_for(1, "roleplay", having="disconnectedAt")
    assert request["piecesSent"] == 2


def test_a_reply_can_be_held_until_the_test_releases_it(fake, client):
    fake.answer("roleplay", text="Held.", hold="later")
    threading.Timer(0.05, fake.release, ["later"]).start()
    assert collected(spoken(client))[0] == "Held."


def test_an_unknown_field_in_a_script_is_refused_at_once(fake):
    with pytest.raises(AssertionError, match="fautl"):
        fake.answer("roleplay", fautl="429")


def test_the_fake_runs_as_its_own_process():
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.models", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        address = process.stdout.readline().split()[-1].removesuffix("/v1")
        try:
            other = models.Fake(address)
            other.answer("roleplay", text="From over there.")
            with openai.OpenAI(base_url=other.base_url, api_key="sk-test", timeout=60) as client:
                assert collected(spoken(client))[0] == "From over there."
            assert len(other.requests("roleplay")) == 1
        finally:
            process.terminate()


def test_the_fake_sends_exact_bytes_and_then_closes_resets_or_hangs(fake):
    fake.answer("any", sends=["data: one\n\n", b"\xff", 0.01, b"\r"], content_type="text/plain")
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x"}]}
    url, key = f"{fake.base_url}/chat/completions", {"authorization": "Bearer k"}
    answer = httpx.post(url, json=body, headers=key)
    assert (answer.content, answer.headers["content-type"]) == (b"data: one\n\n\xff\r", "text/plain")
    fake.answer("any", sends=["HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort"], exact=True)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete|without sending"):
        httpx.post(url, json=body, headers=key)
    fake.answer("any", sends=["data: one\n\n"], then="reset")
    with pytest.raises(httpx.ReadError):
        httpx.post(url, json=body, headers=key)
    fake.answer("any", sends=["data: one\n\n"], then="hang")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=body, headers=key, timeout=0.2)
    fake.wait_for(1, having="disconnectedAt")
