"""Every finished model call is reported once, with session, outcome and token counts."""

from contextlib import aclosing

import pytest

from coach.providers import model_calls
from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import (
    AudioDelta,
    MalformedAnswer,
    Message,
    ProviderError,
    ProviderUnavailable,
    ReplyRequest,
    Tool,
)
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import MAX_COMPLETION_TOKENS, CompletionsToolCaller
from coach.telemetry import names
from tests import ports
from tests.fixtures import speech

REQUEST = ReplyRequest(instructions="You are Sam, a colleague.", session_id="s1")
TOOL = Tool("verdict", "Say it.", {"type": "object", "properties": {}, "additionalProperties": False})


@pytest.fixture
def told():
    calls = []
    model_calls.listen(calls.append)
    yield calls
    model_calls.stop_listening(calls.append)


async def no_wait(seconds: float) -> None:
    return None


async def test_a_reply_is_reported_with_the_services_token_counts(fake, endpoint, told):
    fake.answer("roleplay", text="Hello there.", usage={"prompt_tokens": 12, "completion_tokens": 34})
    model = StreamedRoleplay(endpoint(), sleep=no_wait)
    async for _ in model.reply(REQUEST):
        pass
    await model.close()
    ((call),) = told
    assert (call.role, call.outcome, call.session_id) == (names.ROLEPLAY, "ok", "s1")
    assert (call.usage.input_tokens, call.usage.output_tokens) == (12, 34)


async def test_an_interrupted_reply_is_reported_with_estimated_tokens(fake, endpoint, told):
    fake.answer("roleplay", text="Hello there, this goes on for long.", pcm=b"\0\0" * 24_000)
    model = StreamedRoleplay(endpoint(), sleep=no_wait)
    async with aclosing(model.reply(REQUEST)) as pieces:
        async for piece in pieces:
            if isinstance(piece, AudioDelta):
                break
    await model.close()
    (call,) = told
    assert call.outcome == "ok"
    assert call.usage.input_tokens > 5
    assert call.usage.output_tokens > 0


async def test_each_failed_try_of_a_reply_is_reported(fake, endpoint, told):
    fake.answer("roleplay", times=3, fault="503")
    model = StreamedRoleplay(endpoint(), sleep=no_wait)
    with pytest.raises(ProviderError):
        async for _ in model.reply(REQUEST):
            pass
    await model.close()
    assert [call.outcome for call in told] == ["unavailable"] * 3


def test_transcriptions_and_tool_calls_are_reported(fake, endpoint, told):
    CompletionsRecognizer(endpoint()).transcribe(speech.mp3("thanks"), language="en", session_id="s2")
    fake.answer("evaluator", arguments={})
    CompletionsToolCaller(endpoint(), names.EVALUATOR).call([Message("user", "?")], TOOL, timeout=30, session_id="s3")
    assert [(call.role, call.session_id, call.usage.input_tokens) for call in told] == [
        (names.ASR, "s2", 120),
        (names.EVALUATOR, "s3", 120),
    ]


@pytest.mark.parametrize(
    "unusable",
    [
        {"finish_reason": "length", "arguments": {}},
        {"refusal": "I will not say."},
        {"no_tool": True, "content": "It went well."},
        {"arguments_text": "[" * 100_000},
    ],
    ids=["cut off", "refused", "prose", "nested without end"],
)
def test_an_answer_that_cannot_be_used_is_reported_with_its_tokens(fake, endpoint, told, unusable):
    fake.answer(TOOL.name, **unusable, usage={"prompt_tokens": 120, "completion_tokens": 8192})
    with pytest.raises(MalformedAnswer):
        judge(endpoint())
    (call,) = told
    assert call.outcome == "rejected"
    assert (call.usage.input_tokens, call.usage.output_tokens) == (120, 8192)


def test_an_answer_without_a_count_is_estimated(fake, endpoint, told):
    fake.answer(TOOL.name, arguments={}, usage={"prompt_tokens": 0, "completion_tokens": 0})
    judge(endpoint())
    (call,) = told
    assert call.usage.input_tokens > 10
    assert call.usage.output_tokens > 0


def test_a_judgement_that_comes_too_late_is_estimated(fake, endpoint, told):
    fake.answer(TOOL.name, stall="first")
    with pytest.raises(ProviderUnavailable):
        judge(endpoint(), timeout=0.3)
    (call,) = told
    assert call.usage.input_tokens > 10
    assert 0 < call.usage.output_tokens <= MAX_COMPLETION_TOKENS


@pytest.mark.parametrize("stall", ["first", "middle"])
def test_a_transcription_that_comes_too_late_is_estimated(fake, endpoint, told, stall):
    fake.answer("asr", text="We keep missing the date.", stall=stall, after=2)
    with pytest.raises(ProviderUnavailable):
        CompletionsRecognizer(endpoint(), stall_seconds=0.3).transcribe(speech.mp3("thanks"), language="en")
    (call,) = told
    assert call.usage.input_tokens > 10
    assert (call.usage.output_tokens > 0) == (stall == "middle")


def test_what_never_reached_the_service_costs_nothing(endpoint, told):
    away = endpoint(base_url=f"http://127.0.0.1:{ports.reserved()}/v1")
    with pytest.raises(ProviderUnavailable):
        judge(away)
    with pytest.raises(ProviderUnavailable):
        CompletionsRecognizer(away).transcribe(speech.mp3("thanks"), language="en")
    assert [(call.usage.input_tokens, call.usage.output_tokens) for call in told] == [(0, 0), (0, 0)]


def judge(endpoint, *, timeout=30.0):
    caller = CompletionsToolCaller(endpoint, names.EVALUATOR)
    return caller.call([Message("user", "How did the conversation go?")], TOOL, timeout=timeout)
