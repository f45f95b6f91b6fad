"""What the local server prefills before anybody waits for it."""

import httpx

from tests.local_models.scripted import SPOKEN, SYSTEM, ScriptedEngine, ScriptedMachine, ask, recording


async def test_warming_prefills_the_script_and_generates_nothing(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    response = await ask(client, {"messages": [SYSTEM], **SPOKEN}, **{"X-Warm": "1"})
    assert response.json()["choices"][0]["message"] == {"role": "assistant", "content": ""}
    assert len(engine.warmed) == 1
    assert engine.scripts == []


async def partial_turn(client: httpx.AsyncClient, words: str) -> None:
    said = {"role": "user", "content": [recording(words)]}
    asked = {"messages": [SYSTEM, {"role": "assistant", "content": "Tiny room."}, said], **SPOKEN, "warm": True}
    assert (await ask(client, asked)).json()["choices"][0]["message"]["content"] == ""


async def test_while_somebody_speaks_the_model_prefills_their_final_words(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    await partial_turn(client, "I want to talk about last Fry-")
    assert engine.warmed[-1].endswith("Sam: Tiny room.\nJordan: I want to talk about")
    await partial_turn(client, "I want")
    assert engine.warmed[-1].endswith("Jordan: I want\nSam:")
    warmed = list(engine.warmed)
    await partial_turn(client, "Hm-")
    assert engine.warmed == warmed


async def test_the_script_of_the_reply_begins_with_what_was_prefilled(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    await partial_turn(client, "So, the report. It was la-")
    said = {"role": "user", "content": [recording("So, the report. It was late again.")]}
    messages = [SYSTEM, {"role": "assistant", "content": "Tiny room."}, said]
    await ask(client, {"messages": messages, **SPOKEN})
    assert engine.scripts[0].startswith(engine.warmed[0])


async def test_after_a_reply_the_model_prefills_what_it_said(
    client: httpx.AsyncClient, machine: ScriptedMachine, engine: ScriptedEngine
) -> None:
    opening = {"role": "system", "content": SYSTEM["content"] + "\nYou speak first. Complain."}
    await ask(client, {"messages": [opening], **SPOKEN})
    await machine.later
    assert engine.warmed[0].endswith("\n\nSam: Well, no. I can't.\nJordan:")


async def test_a_known_first_line_is_prefilled_before_it_is_spoken(
    client: httpx.AsyncClient, engine: ScriptedEngine
) -> None:
    opening = {"role": "system", "content": SYSTEM["content"] + "\nYou speak first. Say: “Sorry, I'm late.”"}
    await client.post("chat/completions", json={"messages": [opening], "warm": True, **SPOKEN})
    assert [script.endswith("\n\nSam: Sorry, I'm late.\nJordan:") for script in engine.warmed] == [True]
