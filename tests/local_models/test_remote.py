"""Another program's language model: its stream is read by the shared parser, and its faults become our errors."""

import json

import httpx
import pytest

from coach.local_models.language_model.llm import EngineError, PromptTooLong, Script, TokenCount
from coach.local_models.language_model.remote import Remote

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


def deltas(*said: object) -> str:
    """A stream of deltas; text stands for `content`."""
    chunks = [{"choices": [{"delta": {"content": one} if isinstance(one, str) else one}]} for one in said]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


@pytest.mark.parametrize(
    "body",
    [
        deltas("<think>", "They greet me.\n", "I greet them.</th", "ink>\n\nGood day."),
        deltas("<think>\n\n</think>\n\n", "Good day."),
        deltas({"content": "", "reasoning": "They greet me."}, {"reasoning_content": "So do I."}, "Good day."),
        deltas({"role": "assistant", "content": None}, {"content": [{"type": "text", "text": "Good day."}]}, {}),
        deltas("\n", "\nGood ", "day.\nYou: Thank you.", "\nMe: Welcome."),
        'data: {"choices": [null, {"delta": "Good"}, {"delta": {"content": 5}}]}\n\n' + deltas("Good day."),
    ],
    ids=["thinks aloud", "an empty thought", "thoughts in fields", "parts", "line breaks around it", "odd shapes"],
)
async def test_only_the_line_itself_is_spoken(body: str) -> None:
    assert await said(server(body), TokenCount()) == "Good day."


async def test_running_totals_are_counted_once() -> None:
    totals = [(9, 1), (9, 2)]
    usage = [
        json.dumps({"choices": [], "usage": {"prompt_tokens": asked, "completion_tokens": answered}})
        for asked, answered in totals
    ]
    tally = TokenCount()
    await said(server("".join(f"data: {event}\n\n" for event in [WORDS[0], usage[0], WORDS[1], usage[1]])), tally)
    assert (tally.input_tokens, tally.output_tokens) == (9, 2)


async def test_reasoning_before_a_form_is_left_out() -> None:
    message = {"content": '<think>{"met": false}? No.</think>\n{"met": true}'}
    remote = server(json.dumps({"choices": [{"message": message}]}))
    assert await remote.answer([], None, max_tokens=20, tally=TokenCount()) == '{"met": true}'
    for odd in ('{"choices": [null]}', "[]", '{"choices": {}}'):
        with pytest.raises(EngineError):
            await server(odd).answer([], None, max_tokens=20, tally=TokenCount())


async def test_reasoning_is_switched_off_unless_the_server_refuses_the_option() -> None:
    asked: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        refused = "reasoning_effort" in asked[-1]
        return httpx.Response(400, text="no such field") if refused else httpx.Response(200, text=deltas("Good day."))

    remote = Remote("http://server/v1#tiny", httpx.MockTransport(answer))
    assert await said(remote, TokenCount()) == "Good day."
    assert await said(remote, TokenCount()) == "Good day."
    assert [one.get("reasoning_effort") for one in asked] == ["none", None, None]
    assert asked[0]["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize(
    ("base", "proxied"),
    [
        ("http://127.0.0.1:1/v1", False),
        ("http://[::1]:1/v1", False),
        ("http://localhost:1/v1", False),
        ("http://gpu.lan/v1", True),
    ],
)
def test_a_proxy_of_the_environment_is_never_used_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, base: str, proxied: bool
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.lan:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    mounted = [pattern for pattern in Remote(base)._http._mounts if pattern.pattern == "http://"]
    assert bool(mounted) is proxied
