"""The local server's HTTP API, with scripted models behind it."""

import asyncio
import base64
import json
import logging
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from coach.local_models.api.chat_requests import read
from coach.local_models.api.completion import Completion
from coach.local_models.api.http_answers import EventStream
from coach.local_models.api.server import application
from coach.local_models.language_model.llm import EngineError
from coach.local_models.machine import Condition
from coach.local_models.speech.asr_models import Recognized, joined
from tests.local_models.scripted import SPOKEN, SYSTEM, ScriptedEngine, ScriptedMachine, ask, events, recording


async def test_a_spoken_turn_streams_text_and_sound_and_ends_as_the_cloud_does(
    client: httpx.AsyncClient, machine: ScriptedMachine, engine: ScriptedEngine
) -> None:
    messages = [
        SYSTEM,
        {"role": "assistant", "content": "Tiny room."},
        {"role": "user", "content": [recording("Please sit", "data:;base64,"), {"type": "text", "text": "Sam sits."}]},
    ]
    response = await ask(client, {"messages": messages, **SPOKEN})
    *chunks, usage, done = events(response)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert "".join(delta.get("content", "") for delta in deltas) == "Well, no. I can't."
    sound = b"".join(base64.b64decode(delta["audio"]["data"]) for delta in deltas if "audio" in delta)
    assert [text for text, _, _ in machine.said] == ["Well,", "no.", "I can't."]
    assert sound.startswith(b"[Well,]")
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert (usage["usage"]["prompt_tokens"], usage["usage"]["completion_tokens"]) == (10, 3)
    assert done == "[DONE]"
    assert engine.scripts[0].endswith("Sam: Tiny room.\n(Sam sits.)\nJordan: Please sit\nSam:")


async def test_the_opening_needs_no_user_message(client: httpx.AsyncClient, engine: ScriptedEngine) -> None:
    response = await ask(client, {"messages": [SYSTEM], **SPOKEN})
    assert events(response)[-1] == "[DONE]"
    assert engine.scripts[0].endswith("\nSam:")


async def test_a_first_line_given_word_for_word_is_spoken_without_the_model(
    client: httpx.AsyncClient, machine: ScriptedMachine, engine: ScriptedEngine
) -> None:
    plan = "\nYou speak first. Come in late and say: “Sorry! Tiny room. What's this about? Tell me. I have to go.”"
    response = await ask(client, {"messages": [{**SYSTEM, "content": SYSTEM["content"] + plan}], **SPOKEN})
    deltas = [chunk["choices"][0]["delta"] for chunk in events(response)[:-1] if chunk["choices"]]
    said = "Sorry! Tiny room. What's this about? Tell me. I have to go."
    assert "".join(delta.get("content", "") for delta in deltas) == said
    assert " ".join(text for text, _, _ in machine.said) == said
    assert not engine.scripts


async def test_a_reply_given_word_for_word_is_spoken_without_recognition_or_generation(
    client: httpx.AsyncClient, machine: ScriptedMachine, engine: ScriptedEngine
) -> None:
    messages = [SYSTEM, {"role": "user", "content": [recording("Lena stayed until eleven.")]}]
    said = "Wait. Lena sat here until eleven? Nobody told me that."
    response = await ask(client, {"messages": messages, "say": said, **SPOKEN})
    *chunks, usage, done = events(response)
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    assert "".join(delta.get("content", "") for delta in deltas) == said
    assert " ".join(text for text, _, _ in machine.said) == said
    assert not engine.scripts
    assert (usage["usage"]["completion_tokens"], done) == (0, "[DONE]")


async def test_a_line_to_say_must_be_a_text(client: httpx.AsyncClient) -> None:
    response = await ask(client, {"messages": [SYSTEM], "say": ["No."], **SPOKEN})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "say")


async def test_the_first_clause_is_spoken_while_the_model_is_still_generating(
    machine: ScriptedMachine, engine: ScriptedEngine
) -> None:
    engine.hold_before = 2
    sent: asyncio.Queue[bytes] = asyncio.Queue()
    hang_up = asyncio.Event()
    task = asyncio.create_task(_serve(machine, sent, hang_up))
    async with asyncio.timeout(60):
        while b'"audio"' not in await sent.get():
            pass
    hang_up.set()
    await asyncio.wait_for(task, 60)


@pytest.mark.parametrize("path", ["chat/completions", "embeddings", "piece_embeddings", "end_of_turn"])
async def test_a_client_that_hangs_up_during_its_request_is_logged_in_one_line(
    machine: ScriptedMachine, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    pieces: list[Any] = [{"type": "http.request", "body": b'{"messages": [', "more_body": True}]
    sent: list[Any] = []

    async def receive() -> Any:
        return pieces.pop() if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": f"/v1/{path}", "query_string": b"", "headers": []}
    machine.end_of_turn = SimpleNamespace(present=lambda: True)
    with caplog.at_level(logging.INFO):
        await application(machine)(scope, receive, send)
    assert [(record.levelname, record.message, record.exc_info) for record in caplog.records] == [
        ("INFO", f"the client hung up: POST /v1/{path}", None)
    ]
    assert sent[0]["status"] == 499


async def test_hanging_up_stops_the_model_at_once(machine: ScriptedMachine, engine: ScriptedEngine) -> None:
    engine.hold_before = 1
    sent: asyncio.Queue[bytes] = asyncio.Queue()
    hang_up = asyncio.Event()
    task = asyncio.create_task(_serve(machine, sent, hang_up))
    async with asyncio.timeout(60):
        while b"Well" not in await sent.get():
            pass
        hang_up.set()
        await engine.stopped.wait()
        await task


async def _serve(machine: ScriptedMachine, sent: "asyncio.Queue[bytes]", hang_up: asyncio.Event) -> None:
    """Send one spoken turn through the ASGI interface, with a client that can hang up."""
    request = read({"messages": [SYSTEM], **SPOKEN}, {})
    response = await Completion(machine, request).answer(None)  # type: ignore[arg-type]
    assert isinstance(response, EventStream)

    async def receive() -> dict[str, Any]:
        await hang_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            sent.put_nowait(message["body"])

    await response({"type": "http"}, receive, send)


async def test_a_conversation_too_long_for_the_model_loses_its_older_half(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    lines = [{"role": role, "content": f"line {n}"} for n in range(20) for role in ("assistant", "user")]
    engine.too_long_above = 700
    response = await ask(client, {"messages": [SYSTEM, *lines], **SPOKEN})
    assert events(response)[-1] == "[DONE]"
    assert "line 0\n" not in engine.scripts[-1]
    assert "line 19\n" in engine.scripts[-1]


async def test_a_model_with_nothing_to_say_is_asked_again_and_then_an_error(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    engine.words = [" ", "..."]
    last = events(await ask(client, {"messages": [SYSTEM], **SPOKEN}))
    assert len(engine.scripts) == 3
    assert last[-2]["error"]["message"] == "the language model had nothing to say"


async def test_speech_is_transcribed_whole_or_streamed(client: httpx.AsyncClient, machine: ScriptedMachine) -> None:
    body = {"model": "local-asr", "messages": [{"role": "user", "content": [recording("hello there")]}]}
    whole = (await ask(client, body | {"asr_options": {"language": "zh"}})).json()
    assert whole["choices"][0]["message"]["content"] == "hello there"
    assert machine.heard == [(b"hello there", "zh")]
    streamed = events(await ask(client, body | {"stream": True}, **{"X-Language": "en"}))
    assert "".join(c["choices"][0]["delta"].get("content") or "" for c in streamed[:-1]) == "hello there"
    assert machine.heard[-1] == (b"hello there", "en")


async def test_a_transcript_says_how_sure_each_word_is_whole_or_streamed(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.words = (("hello", 0.9), (" there", 0.0))
    body = {"model": "local-asr", "messages": [{"role": "user", "content": [recording("hello there")]}]}
    (whole,) = (await ask(client, body)).json()["choices"]
    streamed = [each["choices"][0] for each in events(await ask(client, body | {"stream": True}))[:-1]]
    (told,) = [choice["logprobs"] for choice in streamed if "logprobs" in choice]
    assert told == whole["logprobs"]
    assert [each["token"] for each in told["content"]] == ["hello", " there"]
    assert told["content"][0]["logprob"] == pytest.approx(-0.105, abs=0.001)
    assert told["content"][1]["logprob"] < -10


def test_word_positions_stay_right_across_several_stretches() -> None:
    first, second = (
        Recognized("We slipped", ((" We", 0.9), (" slipped", 0.4))),
        Recognized("twice.", (("twice. ", 0.8),)),
    )
    whole = joined([first, Recognized(""), second], "en")
    assert (whole.text, "".join(word for word, _ in whole.words)) == ("We slipped twice.",) * 2
    assert joined([first, Recognized("again")], "en") == Recognized("We slipped again")


async def test_a_forced_tool_call_is_filled_in_keyed_by_id(client: httpx.AsyncClient, engine: ScriptedEngine) -> None:
    item = {"skillId": {"type": "string", "enum": ["a", "b"]}, "rating": {"type": "integer", "enum": [1, 2]}}
    scores = {"type": "array", "items": {"type": "object", "properties": item}}
    parameters = {"type": "object", "properties": {"scores": scores}}
    engine.answers = ['{"scores": {"a": {"rating": 1}, "b": {"rating": 2}}}']
    body = {
        "messages": [{"role": "user", "content": "Judge."}],
        "tools": [{"type": "function", "function": {"name": "result", "parameters": parameters}}],
        "tool_choice": {"type": "function", "function": {"name": "result"}},
    }
    choice = (await ask(client, body)).json()["choices"][0]
    call = choice["message"]["tool_calls"][0]["function"]
    assert choice["finish_reason"] == "tool_calls"
    assert call["name"] == "result"
    assert json.loads(call["arguments"]) == {"scores": [{"skillId": "a", "rating": 1}, {"skillId": "b", "rating": 2}]}
    messages, form = engine.asked[0]
    assert list(form["properties"]["scores"]["properties"]) == ["a", "b"]
    assert "result" in messages[-1]["content"]


SHARES = {
    "type": "object",
    "properties": {
        name: {"type": "number", "minimum": 0, "maximum": 1, "description": f"Is Robin {name}?"}
        for name in ("calm", "kind")
    },
}


def shares_asked() -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": "Robin: Let us sit down."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SHARES}},
    }


async def test_shares_come_from_the_models_yes_no_odds_without_generating_text(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    engine.log_odds = [5.0, -5.0]
    answer = json.loads((await ask(client, shares_asked())).json()["choices"][0]["message"]["content"])
    assert answer == pytest.approx({"calm": 0.993, "kind": 0.007}, abs=0.001)
    assert [messages[-1]["content"] for messages, _ in engine.asked] == [
        "Robin: Let us sit down.\n\nIs Robin calm?",
        "Robin: Let us sit down.\n\nIs Robin kind?",
    ]


async def test_the_questions_of_one_form_are_not_interleaved_with_other_requests(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    """Interleaved, each question would make the model prefill both prompts again."""
    engine.log_odds = [1.0] * 8
    other = shares_asked() | {"messages": [{"role": "user", "content": "Alex: No."}]}
    await asyncio.gather(*(ask(client, body) for body in (shares_asked(), other, shares_asked(), other)))
    askers = [messages[-1]["content"].split(":")[0] for messages, _ in engine.asked]
    assert askers[0::2] == askers[1::2]


async def test_a_model_without_probabilities_fills_in_the_form_by_generating(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    engine.answers = ['{"calm": 0.7, "kind": 0.2}']
    answer = (await ask(client, shares_asked())).json()["choices"][0]["message"]["content"]
    assert json.loads(answer) == {"calm": 0.7, "kind": 0.2}


async def test_an_answer_cut_off_before_the_form_was_full_says_so(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    engine.answers = ['{"scores": {"a"']
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {}}}}
    body = {"messages": [{"role": "user", "content": "Judge."}], "response_format": form}
    assert (await ask(client, body)).json()["choices"][0]["finish_reason"] == "length"


async def test_while_loading_the_answer_is_503_with_retry_after(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.state = Condition("loading", 0.4, "waiting for the files")
    response = await ask(client, {"messages": [SYSTEM], **SPOKEN})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert response.json()["error"]["code"] == "models_loading"
    machine.state = Condition("error", 0, "llm could not be loaded")
    assert (await ask(client, {"messages": [SYSTEM], **SPOKEN})).json()["error"]["code"] == "models_failed"


async def test_a_given_line_is_spoken_even_while_the_language_model_is_loading(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.engine, machine.state = None, Condition("loading", 0.4, "waiting for the files")
    said = await ask(client, {"messages": [SYSTEM], "say": "I know.", **SPOKEN})
    assert said.status_code == 200
    assert events(said)[-1] == "[DONE]"
    assert "error" not in said.text
    assert [text for text, *_ in machine.said] == ["I know."]
    with pytest.raises(EngineError):
        await machine.later  # reading the next turn ahead, which nobody waits for
    warmed = await ask(client, {"messages": [SYSTEM], "say": "Well.", "warm": True, **SPOKEN})
    assert warmed.status_code == 200
    machine.voice_state = machine.state
    assert (await ask(client, {"messages": [SYSTEM], "say": "I know.", **SPOKEN})).status_code == 503


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ([], None),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [SYSTEM], "modalities": ["text", "audio"]}, "stream"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0]"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "data:;x,%%"}}]}
                ]
            },
            "messages[0].content[0].input_audio.data",
        ),
        ({"messages": [SYSTEM], "max_tokens": "many"}, "max_tokens"),
    ],
)
async def test_malformed_requests_are_refused_by_field(client: httpx.AsyncClient, body: Any, param: str | None) -> None:
    response = await ask(client, body)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


async def test_a_part_that_is_not_served_is_an_unknown_model(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    machine.parts = ("asr",)
    response = await ask(client, {"messages": [SYSTEM], **SPOKEN})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
    assert [model["id"] for model in (await client.get("models")).json()["data"]] == ["local-asr"]


async def test_missing_speech_recognition_is_an_error_inside_the_stream(client: httpx.AsyncClient) -> None:
    messages = [SYSTEM, {"role": "user", "content": [recording("noise")]}]
    last = events(await ask(client, {"messages": messages, **SPOKEN}))[-2]
    assert last["error"]["message"] == "this machine cannot recognise speech in zh"
