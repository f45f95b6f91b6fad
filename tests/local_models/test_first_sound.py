"""How soon a reply of the local server becomes audible."""

import base64
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx
import numpy as np
import pytest

from coach.local_models.machine import Machine
from coach.local_models.speech.local_voice import VOICES
from tests.local_models.scripted import SPOKEN, SYSTEM, ScriptedMachine, ask, events

QUARTER_SECOND = [12, -20] * 3_000  # the silence of a synthetic voice is not all zeros
CLAUSE = np.array([*QUARTER_SECOND, *[900, -1_200] * 1_200], "<i2").tobytes()
TEN_MS_AND_THE_SOUND = 2 * (240 + 2_400)


async def sound(client: httpx.AsyncClient, **more: Any) -> list[bytes]:
    response = await ask(client, {"messages": [SYSTEM], **more, **SPOKEN})
    deltas = [chunk["choices"][0]["delta"] for chunk in events(response)[:-1] if chunk["choices"]]
    return [base64.b64decode(delta["audio"]["data"]) for delta in deltas if "audio" in delta]


@pytest.mark.parametrize("how", [{}, {"say": "Well, no. I can't."}], ids=["written by the model", "word for word"])
async def test_leading_silence_is_cut_and_pauses_between_clauses_are_kept(
    client: httpx.AsyncClient, machine: ScriptedMachine, monkeypatch: pytest.MonkeyPatch, how: dict[str, str]
) -> None:
    monkeypatch.setattr(machine, "say", AsyncMock(return_value=CLAUSE))
    first, *others = await sound(client, **how)
    assert first == CLAUSE[-TEN_MS_AND_THE_SOUND:]
    assert others == [CLAUSE, CLAUSE]


@pytest.mark.parametrize("clause", [bytes(4_800), CLAUSE[-4_800:]], ids=["nothing but silence", "sound at once"])
async def test_a_clause_without_leading_silence_or_with_silence_only_is_unchanged(
    client: httpx.AsyncClient, machine: ScriptedMachine, monkeypatch: pytest.MonkeyPatch, clause: bytes
) -> None:
    monkeypatch.setattr(machine, "say", AsyncMock(return_value=clause))
    assert await sound(client, say="Hm.") == [clause]


async def test_a_prefilled_line_is_not_synthesised_again(tmp_path: Path) -> None:
    made: list[str] = []
    machine = Machine(tmp_path, "auto", [])
    machine.tts.languages = lambda: ["en"]  # type: ignore[method-assign]
    machine.tts.say = lambda text, language, voice: made.append(text) or CLAUSE  # type: ignore[method-assign, func-returns-value]
    for _ in range(2):
        assert await machine.say("Well,", "en", VOICES["female"]) == CLAUSE
    assert await machine.say("Well,", "en", VOICES["male"]) == CLAUSE
    assert made == ["Well,", "Well,"]
    await machine.close()


async def test_prefilling_a_line_synthesises_only_its_beginning(
    client: httpx.AsyncClient, machine: ScriptedMachine
) -> None:
    line = {"messages": [SYSTEM], "say": "I know that it was late. It was not only me."}
    response = await ask(client, line | SPOKEN | {"stream": False, "warm": True})
    assert response.json()["choices"][0]["message"]["content"] == ""
    assert [text for text, _, _ in machine.said] == ["I know that it was late."]
