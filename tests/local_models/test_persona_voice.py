"""Each persona speaks with a voice of their own: the one asked for, else one that fits gender and age."""

import itertools
import json
from pathlib import Path

import httpx
import numpy as np
import pytest

from coach.local_models.persona_voice import VOICES, age_of, voice_for
from practice.portraits.looks import look_of
from tests.local_models.scripted import SPOKEN, SYSTEM, ScriptedMachine, ask

LIBRARY = json.loads((Path(__file__).parents[2] / "seed-data" / "scenarios.json").read_text())


def instructions(persona: dict[str, str], language: str) -> str:
    about = "About you: " if language == "en" else "关于你："
    begins = "You are {name}, {role}." if language == "en" else "你是{name}，{role}。"
    return f"{begins.format(**persona)}\n{about}{persona['background']}"


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("About you: Thirty-one, quick and well liked.", 31),
        ("You are Ann.\nAbout Bob: Twenty-two.\nAbout you: Sixty, tired.", 60),
        ("About you: Eighty years old, sixty without an accident.", 80),
        ("About you: 47 years of age.", 47),
        ("关于你：五十八岁，退休小学老师。", 58),
        ("关于你：六十岁。", 60),
        ("关于你：十九岁。", 19),
        ("关于你：38岁，豪爽。", 38),
        ("About you: Quick. You have 12 cats.", None),
        ("About Bob: Fifty.", None),
        ("", None),
    ],
)
def test_the_age_is_read_from_what_is_said_about_the_persona(text: str, age: int | None) -> None:
    assert age_of(text) == age


def test_a_voice_that_is_asked_for_is_taken_and_an_unknown_one_is_not() -> None:
    assert voice_for("male-old", "Anna", "") is VOICES["male-old"]
    assert voice_for("Cherry", "Anna", "").gender == "female"


@pytest.mark.parametrize(
    ("name", "about", "gender"),
    [
        ("Sam Okafor", "About you: Thirty-one, quick.", "male"),
        ("Sam", "About you: Thirty-one. Everyone says she is quick, her jokes are known.", "female"),
        ("Alex", "About you: Quick.\nAbout Jordan: She is his wife and his mother's friend.", "male"),
        ("Chris", "About you: A mother of two.", "female"),
        ("Robin", "About you: A brother and a father.", "male"),
    ],
)
def test_a_name_of_either_goes_by_what_is_said_about_the_person(name: str, about: str, gender: str) -> None:
    assert voice_for("", name, f"You are {name}.\n{about}").gender == gender


def test_the_same_person_always_has_the_same_voice() -> None:
    assert voice_for("", "Walter", "About you: Eighty-one.") == voice_for("", "Walter", "About you: Eighty-one.")
    assert voice_for("", "Walter", "About you: Eighty-one.").name == "male-old"
    assert voice_for("", "Priya", "About you: Twenty-nine, proud.").name in ("female-young", "female")


def test_no_two_people_of_the_library_share_a_voice() -> None:
    found = {}
    for scenario in LIBRARY:
        persona, language = scenario["aiPersona"], scenario["language"]
        name = persona["name"]
        found[name, language] = voice_for(persona.get("voice", ""), name, instructions(persona, language))
    for (one, first), (other, second) in itertools.combinations(found.items(), 2):
        if one[1] == other[1]:
            assert first != second, f"{one[0]} and {other[0]} sound alike"


async def test_the_wire_names_the_voice(client: httpx.AsyncClient, machine: ScriptedMachine) -> None:
    body = {"messages": [SYSTEM], **SPOKEN}
    await ask(client, body | {"audio": {"voice": "female-old", "format": "wav"}})
    await ask(client, body | {"audio": {"voice": "Cherry", "format": "wav"}})
    for odd in (None, [], {"voice": 3}, {}):
        await ask(client, body | {"audio": odd})
    names = [voice.name for _, _, voice in machine.said]
    assert names[0] == "female-old"
    assert "female-old" not in names[-3:]


@pytest.mark.models
@pytest.mark.timeout(300)
def test_lower_voices_are_lower_and_keep_their_pace() -> None:
    from coach.local_models.tts_models import Hibari

    model = Hibari()
    spoken = {name: model.say("I would like to talk about the billing report.", VOICES[name]) for name in VOICES}
    heights = {name: _middle(sound) for name, sound in spoken.items()}
    assert heights["male-old"] < heights["male"] < heights["female-low"] < heights["female-young"]
    assert 0.8 < len(spoken["male"]) / len(spoken["female"]) < 1.25


def _middle(sound: np.ndarray) -> float:
    """The frequency in the middle of the sound's energy."""
    energy = np.abs(np.fft.rfft(sound)) ** 2
    return float(np.sum(np.fft.rfftfreq(len(sound), 1 / 24_000) * energy) / np.sum(energy))


def test_nobody_in_the_shipped_library_sounds_like_somebody_else_or_unlike_their_portrait() -> None:
    heard: dict[tuple[object, ...], str] = {}
    for record in LIBRARY:
        persona, language = record["aiPersona"], record["language"]
        look = look_of(persona["portrait"])
        assert look is not None
        told = "" if look.gender == "neutral" else f"{look.gender}~{look.age}"
        voice = voice_for(persona.get("voice") or told, persona["name"], instructions(persona, language))
        assert look.gender in ("neutral", voice.gender), persona["name"]
        sound = (language, voice.style if language == "zh" else "", round(voice.pitch, 3), round(voice.pace, 3))
        assert sound not in heard, f"{persona['name']} sounds like {heard.get(sound)}"
        heard[sound] = persona["name"]
