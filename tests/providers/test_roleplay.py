import asyncio
from contextlib import aclosing

import pytest

from coach.providers.completion_stream import Patience
from coach.providers.ports import (
    AudioDelta,
    PromptLine,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    ReplyRequest,
    TextDelta,
    Usage,
)
from coach.providers.roleplay import YOUR_TURN, StreamedRoleplay
from coach.telemetry import names
from tests.fakes import models_answers
from tests.fixtures import speech

OPENING = ReplyRequest(instructions="You are Sam, a colleague.", session_id="s1")
SPOKEN = speech.mp3("thanks")


def answering(*lines: PromptLine, context: str | None = None) -> ReplyRequest:
    return ReplyRequest("You are Sam, a colleague.", lines, context, "s1")


class Waits(list):
    """A fake sleep: the list of the seconds it was called with."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
async def model(endpoint, waits):
    built = StreamedRoleplay(endpoint(), sleep=waits)
    yield built
    await built.close()


async def collected(model, request=OPENING):
    text, pcm, usage = "", b"", None
    async for piece in model.reply(request):
        match piece:
            case TextDelta():
                text += piece.text
            case AudioDelta():
                assert len(piece.pcm) % 2 == 0
                pcm += piece.pcm
            case Usage():
                usage = piece
    return text, pcm, usage


async def test_a_reply_streams_words_and_sound(fake, model):
    fake.answer("roleplay", text=["Good ", "morning."], audio_ms=500)
    text, pcm, usage = await collected(model)
    assert text == "Good morning."
    assert pcm == models_answers.tone(500)
    assert usage == Usage("qwen3-omni-flash", 120, 40)


@pytest.mark.parametrize(
    "wire",
    [
        {"piece_bytes": 1},
        {"piece_bytes": 4801},
        {"piece_bytes": 7, "riff": True},
        {"base64_chars": 3},
        {"base64_chars": 1001, "riff": True},
    ],
)
async def test_sound_is_complete_however_it_is_split(fake, model, wire):
    fake.answer("roleplay", audio_ms=20 if wire.get("piece_bytes") == 1 else 300, **wire)
    _, pcm, _ = await collected(model)
    assert pcm == models_answers.tone(20 if wire.get("piece_bytes") == 1 else 300)


@pytest.mark.parametrize("place", ["content", "transcript", "both"])
async def test_words_are_read_once_wherever_they_are_sent(fake, model, place):
    fake.answer("roleplay", text=["Good ", "morning."], text_in=place)
    assert (await collected(model))[0] == "Good morning."


async def test_a_character_split_over_two_pieces_is_joined_and_half_characters_are_dropped(fake, model):
    fake.answer("roleplay", text=["a\ud83d", "\ude00b", "\ud83d", "\0c"])
    assert (await collected(model))[0] == "a😀b\ufffdc"


async def test_words_and_sound_are_passed_on_while_the_model_is_still_answering(fake, model):
    fake.answer("roleplay", text=["Good ", "morning."], hold="the rest", hold_at=3)
    async with aclosing(model.reply(OPENING)) as pieces:
        assert await anext(pieces) == TextDelta("Good ")
        assert isinstance(await anext(pieces), AudioDelta)
        fake.release("the rest")
        assert await anext(pieces) == TextDelta("morning.")


async def test_requests_follow_the_protocol(fake, model):
    heard = PromptLine("trainee", mp3=SPOKEN)
    request = answering(
        PromptLine("ai", "Morning."),
        PromptLine("trainee", "We are late."),
        PromptLine("ai", "So?"),
        PromptLine("trainee", mp3=speech.mp3("offer")),
        PromptLine("ai"),
        heard,
        context="He looks tired.",
    )
    await collected(model, request)
    (sent,) = fake.requests("roleplay")
    body = sent["body"]
    assert sent["headers"]["authorization"] == "Bearer sk-a-very-secret-key"
    assert (body["model"], body["stream"], body["modalities"]) == ("qwen3-omni-flash", True, ["text", "audio"])
    assert body["audio"] == {"voice": "Cherry", "format": "wav"}
    assert body["stream_options"] == {"include_usage": True}
    assert [message["role"] for message in body["messages"]] == [
        "system",
        "assistant",
        "user",
        "assistant",
        "user",
        "user",
    ]
    assert body["messages"][0]["content"] == "You are Sam, a colleague."
    assert body["messages"][2]["content"] == "We are late."
    assert [part["type"] for part in body["messages"][-1]["content"]] == ["input_audio", "text"]
    assert [part["bytes"] for part in sent["audio"]] == [len(speech.mp3("offer")), len(SPOKEN)]
    assert {part["prefix"] for part in sent["audio"]} == {"data:;base64,"}


async def test_the_audio_data_prefix_is_a_setting(fake, endpoint):
    fake.modes(dialect="openai")
    model = StreamedRoleplay(endpoint(audio_prefix=""))
    assert (await collected(model, answering(PromptLine("trainee", mp3=SPOKEN))))[0]
    await model.close()


async def test_the_opening_sends_a_user_message_to_cloud_models_only(fake, model, endpoint):
    await collected(model)
    local = StreamedRoleplay(endpoint(local=True, api_key=None))
    await collected(local)
    await local.close()
    cloud, own = (sent["body"]["messages"] for sent in fake.requests("roleplay"))
    assert [message["role"] for message in cloud] == ["system", "user"]
    assert cloud[1]["content"] == YOUR_TURN
    assert [message["role"] for message in own] == ["system"]


async def test_context_is_sent_with_a_typed_turn_too(fake, model):
    await collected(model, answering(PromptLine("trainee", "Hello."), context="By phone."))
    (sent,) = fake.requests("roleplay")
    assert [part["text"] for part in sent["body"]["messages"][-1]["content"]] == ["Hello.", "By phone."]


@pytest.mark.parametrize("fault", ["429", "500", "503"])
async def test_a_temporary_fault_is_tried_three_times_in_all(fake, model, waits, fault):
    fake.answer("roleplay", fault=fault, times=2)
    assert (await collected(model))[0]
    assert len(fake.requests("roleplay")) == 3
    assert 0.3 < waits[0] < waits[1] < 1.5


async def test_after_three_tries_the_model_is_unavailable(fake, model, waits):
    fake.answer("roleplay", fault="503", times=None)
    with pytest.raises(ProviderUnavailable, match="503 service_unavailable"):
        await collected(model)
    assert len(fake.requests("roleplay")) == 3


async def test_retry_after_is_honoured(fake, model, waits):
    fake.answer("roleplay", fault="429", retry_after=3)
    await collected(model)
    assert waits == [3.0]


async def test_a_long_retry_after_is_not_waited_for(fake, model, waits):
    fake.answer("roleplay", fault="429", retry_after=600)
    with pytest.raises(ProviderUnavailable) as raised:
        await collected(model)
    assert raised.value.retry_after == 600
    assert waits == []


@pytest.mark.parametrize(
    ("fault", "variable"),
    [
        ("401", "DASHSCOPE_API_KEY"),
        ("403", "DASHSCOPE_API_KEY"),
        ("quota", "DASHSCOPE_API_KEY"),
        ("404", "QWEN_MODEL"),
    ],
)
async def test_a_fault_that_only_an_operator_can_fix_is_not_retried(fake, model, fault, variable):
    fake.answer("roleplay", fault=fault, times=None)
    with pytest.raises(ProviderMisconfigured, match=variable) as raised:
        await collected(model)
    assert raised.value.variable == variable
    assert len(fake.requests("roleplay")) == 1
    assert "sk-a" not in str(raised.value)


@pytest.mark.parametrize("fault", ["400", "refused", "413"])
async def test_a_rejected_request_is_not_retried(fake, model, fault):
    fake.answer("roleplay", fault=fault, times=None)
    with pytest.raises(ProviderRejected):
        await collected(model)
    assert len(fake.requests("roleplay")) == 1


@pytest.mark.parametrize("break_off", ["error_in_stream", "cut", "end"])
async def test_a_stream_that_breaks_before_the_first_word_is_retried(fake, model, waits, break_off):
    fake.answer("roleplay", after=1, **{break_off: True})
    fake.answer("roleplay", text="Again.")
    assert (await collected(model))[0] == "Again."
    assert len(waits) == 1


@pytest.mark.parametrize("break_off", ["error_in_stream", "cut", "end"])
async def test_a_stream_that_breaks_after_a_word_is_not_retried(fake, model, break_off):
    fake.answer("roleplay", after=2, **{break_off: True})
    async with aclosing(model.reply(OPENING)) as pieces:
        assert isinstance(await anext(pieces), TextDelta)
        with pytest.raises(ProviderUnavailable):
            await anext(pieces)
    assert len(fake.requests("roleplay")) == 1


async def test_an_error_in_the_stream_says_who_can_help(fake, model):
    fake.answer("roleplay", error_in_stream=True, stream_fault="quota", times=None)
    with pytest.raises(ProviderMisconfigured):
        await collected(model)
    fake.reset()
    fake.answer("roleplay", error_in_stream=True, stream_fault="refused", times=None)
    with pytest.raises(ProviderRejected):
        await collected(model)


async def test_an_empty_reply_is_no_reply(fake, model):
    fake.answer("roleplay", text=[], audio_ms=0)
    fake.answer("roleplay", text="Here.")
    assert (await collected(model))[0] == "Here."


async def test_silence_before_the_first_byte_is_retried(fake, endpoint):
    async def then_with_patience(seconds: float) -> None:
        model._patience = Patience(30.0, 30.0)

    model = StreamedRoleplay(endpoint(), first_byte_seconds=0.2, sleep=then_with_patience)
    fake.answer("roleplay", stall="first")
    fake.answer("roleplay", text="Here.")
    assert (await collected(model))[0] == "Here."
    assert len(fake.wait_for(1, "roleplay", having="disconnectedAt")) == 1
    await model.close()


async def test_silence_in_the_middle_ends_the_reply(fake, endpoint, waits):
    model = StreamedRoleplay(endpoint(), stall_seconds=0.2, sleep=waits)
    fake.answer("roleplay", stall="middle", after=3, times=None)
    with pytest.raises(ProviderUnavailable, match="in time"):
        await collected(model)
    assert len(fake.wait_for(1, "roleplay", having="disconnectedAt")) == 1
    await model.close()


async def test_a_service_that_is_down_is_unavailable(endpoint, waits):
    model = StreamedRoleplay(endpoint(base_url="http://127.0.0.1:9/v1"), sleep=waits)
    with pytest.raises(ProviderUnavailable, match="connection"):
        await collected(model)
    assert len(waits) == 2
    await model.close()


async def test_closing_the_iterator_closes_the_connection(fake, model):
    fake.answer("roleplay", hold="for ever", hold_at=3)
    async with aclosing(model.reply(OPENING)) as pieces:
        await anext(pieces)
    await asyncio.to_thread(fake.wait_for, 1, "roleplay", having="disconnectedAt")


async def test_cancelling_the_task_closes_the_connection(fake, model):
    fake.answer("roleplay", stall="first")
    task = asyncio.create_task(collected(model))
    await asyncio.to_thread(fake.wait_for, 1, "roleplay")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(fake.wait_for, 1, "roleplay", having="disconnectedAt")


async def test_turns_reuse_a_connection(fake, model):
    for _ in range(3):
        await collected(model)
    pool = model._clients.here()._transport._pool
    assert len(pool.connections) == 1


async def test_only_a_local_model_is_warmed_and_failures_of_that_are_ignored(fake, model, endpoint):
    await model.warm(OPENING)
    assert fake.requests() == []
    local = StreamedRoleplay(endpoint(local=True))
    fake.answer("roleplay", fault="503")
    await local.warm(OPENING)
    assert fake.requests("roleplay")[0]["headers"]["x-warm"] == "1"
    away = StreamedRoleplay(endpoint(local=True, base_url="http://127.0.0.1:9/v1"))
    await away.warm(OPENING)
    await local.close()
    await away.close()


async def test_a_reply_is_traced_and_counted(fake, model, recorded):
    fake.answer("roleplay", fault="503")
    await collected(model)
    (span,) = recorded.spans(names.MODEL_REPLY)
    assert span.attributes[names.SESSION_ID] == "s1"
    assert span.attributes[names.STATUS] == names.OK
    assert span.attributes[names.RETRIES] == 1
    assert span.attributes[names.OUTPUT_TOKENS] == 40
    assert span.attributes[names.FIRST_AUDIO_MS] <= span.attributes[names.LATENCY_MS]
    assert recorded.counted(names.PROVIDER_ERRORS, endpoint="roleplay", kind="unavailable") == 1
    assert recorded.counted(names.PROVIDER_RETRIES, endpoint="roleplay") == 1
    assert recorded.counted(names.MODEL_TOKENS, direction="input") == 120


async def test_an_interrupted_reply_is_not_traced_as_an_error(fake, model, recorded):
    async with aclosing(model.reply(OPENING)) as pieces:
        await anext(pieces)
    (span,) = recorded.spans(names.MODEL_REPLY)
    assert span.attributes[names.STATUS] == names.CANCELLED
    assert recorded.points(names.PROVIDER_ERRORS) == []


async def test_the_personas_voice_is_requested_if_the_model_has_it(fake, endpoint):
    for voices, wanted, spoken in (
        (("Cherry", "Ethan"), "Ethan", "Ethan"),
        (("Cherry",), "female-old", "Cherry"),
        ((), "", "Cherry"),
    ):
        model = StreamedRoleplay(endpoint(voices=voices))
        async for _ in model.reply(ReplyRequest("You are Sam.", voice=wanted)):
            pass
        assert fake.requests("roleplay")[-1]["body"]["audio"]["voice"] == spoken
        await model.close()
