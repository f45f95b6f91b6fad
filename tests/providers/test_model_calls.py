"""Every finished model call is reported once, with session, outcome and token counts."""

from contextlib import aclosing

import pytest

from coach.providers import model_calls
from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import AudioDelta, Message, ProviderError, ReplyRequest, Tool
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names
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
