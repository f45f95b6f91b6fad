"""A stream that stalls or breaks off is not a complete answer, whatever keeps its connection alive."""

import pytest

from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import (
    ProviderUnavailable,
)
from coach.providers.roleplay import StreamedRoleplay
from tests.fakes.models import chunk, events
from tests.providers.said import HELLO, STOP, heard, no_waiting, said

# Far longer than a busy machine takes between two pieces of an answer.
LONG_SECONDS = 2.5


@pytest.mark.parametrize(
    "quiet", [": keep-alive\n\n", "data:\n\n", "event: ping\ndata: {}\n\n", events(chunk({}), done=False)]
)
async def test_keep_alives_do_not_extend_the_deadline(fake, endpoint, quiet):
    model = StreamedRoleplay(endpoint(), stall_seconds=0.5, sleep=no_waiting)
    recognizer = CompletionsRecognizer(endpoint(), stall_seconds=0.5)
    fake.answer("any", sends=[events(chunk({"role": "assistant"}), done=False), *[quiet, 0.1] * 100], times=None)
    with pytest.raises(ProviderUnavailable, match="in time"):
        heard(recognizer)
    with pytest.raises(ProviderUnavailable, match="in time"):
        await said(model)
    assert len(fake.requests("roleplay")) == 3
    await model.close()


async def test_comments_of_a_local_model_extend_the_deadline(fake, endpoint):
    model = StreamedRoleplay(endpoint(local=True, api_key=None), stall_seconds=LONG_SECONDS)
    fake.answer("roleplay", sends=[*[": ping\n\n", LONG_SECONDS / 10] * 12, events(HELLO, STOP)])
    assert (await said(model))[0] == "Hello."
    await model.close()
    model = StreamedRoleplay(endpoint(local=True, api_key=None), stall_seconds=0.5, sleep=no_waiting)
    fake.answer("roleplay", sends=[": ping\n\n"], then="hang", times=None)
    with pytest.raises(ProviderUnavailable, match="in time"):
        await said(model)
    await model.close()


async def test_a_slow_answer_is_not_a_stall(fake, endpoint):
    model = StreamedRoleplay(endpoint(), stall_seconds=LONG_SECONDS)
    slowly = [step for _ in range(12) for step in (events(chunk({"content": "a"}), done=False), LONG_SECONDS / 10)]
    fake.answer("roleplay", sends=[*slowly, events(STOP)])
    assert (await said(model))[0] == "a" * 12
    await model.close()


@pytest.mark.parametrize(
    "after",
    [[], ["Stream ended with error."], ['data: {"choices": [{"delta": {"cont'], ["data: [DO"]],
    ids=["vllm 52852", "DocChat 267, words", "term-llm 448, half an event", "half of [DONE]"],
)
def test_an_answer_that_breaks_off_is_incomplete(fake, recognizer, after):
    fake.answer("asr", sends=[events(HELLO, done=False), *after], times=None)
    with pytest.raises(ProviderUnavailable, match="broke off"):
        heard(recognizer)
