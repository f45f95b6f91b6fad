"""Another program's language model: its stream is read by the one reader, its faults become ours."""

import httpx
import pytest

from coach.local_models.llm import EngineError, PromptTooLong, Script, TokenCount
from coach.local_models.remote import Remote

SCRIPT = Script(text="", messages=({"role": "user", "content": "Hello"},), stop=())
WORDS = ['{"choices":[{"delta":{"content":"Good "}}]}', '{"choices":[{"delta":{"content":"day."}}]}']
USAGE = '{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}}'


def server(body: str, status: int = 200) -> Remote:
    answer = httpx.Response(status, content=body.encode())
    return Remote("http://server/v1#tiny", httpx.MockTransport(lambda _request: answer))


async def said(remote: Remote, tally: TokenCount) -> str:
    return "".join([piece async for piece in remote.speak(SCRIPT, max_tokens=20, tally=tally)])


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"data: {event}\n\n" for event in [*WORDS, USAGE, "[DONE]"]),
        "".join(f"data:{event}\r\n\r\n" for event in [*WORDS, USAGE, "[DONE]"]),
        "".join(f"data: {event}\n" for event in [*WORDS, USAGE]),
        ": loading\n\nevent: message\n" + "".join(f": ping\n\ndata: {event}\n\n" for event in [*WORDS, USAGE]),
        "\n".join([*WORDS, USAGE]),
    ],
    ids=["as promised", "no blank, CRLF", "no blank lines, no end", "comments", "bare JSON"],
)
async def test_words_and_tokens_are_found_however_they_are_sent(body: str) -> None:
    tally = TokenCount()
    assert await said(server(body), tally) == "Good day."
    assert (tally.input_tokens, tally.output_tokens) == (9, 2)


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ('data: {"error":{"message":"out of memory"}}\n\n', 200, EngineError),
        ('data: {"error":{"message":"the context size is exceeded"}}\n\n', 200, PromptTooLong),
        ('{"error":{"message":"maximum context length is 2048"}}', 400, PromptTooLong),
        ("<html>Bad gateway</html>", 200, EngineError),
        ("", 200, EngineError),
    ],
)
async def test_a_fault_of_the_server_is_never_an_empty_answer(body: str, status: int, fault: type[Exception]) -> None:
    with pytest.raises(EngineError) as raised:
        await said(server(body, status), TokenCount())
    assert type(raised.value) is fault
