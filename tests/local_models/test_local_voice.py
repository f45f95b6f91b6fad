"""Each persona has its own voice: the requested one, else one that fits gender and age."""

import itertools
import json
from collections import Counter
from math import log, sqrt
from pathlib import Path

import httpx
import numpy as np
import pytest

from coach.config.model_endpoints import LOCAL_VOICES
from coach.local_models.speech.local_voice import VOICES, PersonaVoice, age_of, voice_for
from practice.catalog import voices
from practice.portraits.looks import look_of
from tests.local_models.scripted import SPOKEN, SYSTEM, ScriptedMachine, ask
from tests.pages import library

LIBRARY = json.loads((Path(__file__).parents[2] / "seed-data" / "scenarios.json").read_text())


def test_curators_are_offered_every_voice_of_the_model() -> None:
    assert tuple(VOICES) == LOCAL_VOICES


@pytest.mark.parametrize(("gender", "age"), [("female", "30s"), ("male", "70s")])
def test_a_default_voice_fits_the_portrait(db: None, gender: str, age: str) -> None:
    scenario = library.stock()["late"]
    scenario.ai_persona_portrait = {"gender": gender, "ageBand": age}
    # By the name alone, the voice would be a woman's.
    assert voice_for(voices.voice_of(scenario), scenario.ai_persona_name, "About you: Quick.").gender == gender


@pytest.mark.parametrize("age", [25, 35, 65])
def test_the_first_sixteen_of_a_gender_have_voices_of_their_own(age: int) -> None:
    found = {voice_for(f"female~{age}~{place}", "Anna", "") for place in range(16)}
    assert len(found) == 16
    assert not found & set(VOICES.values())


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
def test_the_age_is_read_from_the_personas_description(text: str, age: int | None) -> None:
    assert age_of(text) == age


def test_a_requested_voice_is_used_unless_it_is_unknown() -> None:
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
def test_the_gender_of_an_ambiguous_name_comes_from_the_description(name: str, about: str, gender: str) -> None:
    assert voice_for("", name, f"You are {name}.\n{about}").gender == gender


def test_the_same_person_always_has_the_same_voice() -> None:
    assert voice_for("", "Walter", "About you: Eighty-one.") == voice_for("", "Walter", "About you: Eighty-one.")
    assert voice_for("", "Walter", "About you: Eighty-one.").name == "male-old"
    assert voice_for("", "Priya", "About you: Twenty-nine, proud.").name in ("female-young", "female")


async def test_the_request_names_the_voice(client: httpx.AsyncClient, machine: ScriptedMachine) -> None:
    body = {"messages": [SYSTEM], **SPOKEN}
    await ask(client, body | {"audio": {"voice": "female-old", "format": "wav"}})
    await ask(client, body | {"audio": {"voice": "Cherry", "format": "wav"}})
    for odd in (None, [], {"voice": 3}, {}):
        await ask(client, body | {"audio": odd})
    names = [voice.name for _, _, voice in machine.said]
    assert names[0] == "female-old"
    assert "female-old" not in names[-3:]


def sounding(language: str) -> dict[str, PersonaVoice]:
    """A sample of every persona of the library in the voice that a fresh database gives them."""
    found: dict[str, PersonaVoice] = {}
    places: Counter[str] = Counter()
    for record in LIBRARY:
        persona = record["aiPersona"]
        look = look_of(persona["portrait"])
        assert look is not None
        if record["language"] == language and persona["name"] not in found:
            told = f"{look.gender}~{look.age}~{places[look.gender]}"
            places[look.gender] += 1
            voice = voice_for(persona.get("voice") or told, persona["name"], instructions(persona, language))
            assert look.gender == voice.gender, persona["name"]
            found[persona["name"]] = voice
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_any_two_personas_of_the_library_sound_different(language: str) -> None:
    for (one, first), (other, second) in itertools.combinations(sounding(language).items(), 2):
        if language == "zh" and first.style != second.style:
            continue
        steps = (
            [(first.shift, second.shift, 1.04), (first.pace, second.pace, 1.08)]
            if language == "zh"
            else [
                (first.pitch, second.pitch, 1.06),
                (first.tract, second.tract, 1.04),
                (first.pace, second.pace, 1.08),
            ]
        )
        apart = sqrt(sum((log(a / b) / log(step)) ** 2 for a, b, step in steps))
        assert apart >= 0.8, f"{one} and {other} sound alike: {apart:.2f}"


@pytest.mark.models
@pytest.mark.timeout(300)
def test_voices_have_the_right_pitch_and_pace() -> None:
    from coach.local_models.speech.tts_models import Hibari

    model = Hibari()
    line = "If it has to be, yes, you have my word, and my word was always on time."
    spoken = {name: model.say(line, VOICES[name]) for name in VOICES}
    heights = {name: height(sound) for name, sound in spoken.items()}
    loud = {name: float(np.sqrt(np.mean(sound**2))) for name, sound in spoken.items()}
    for name, voice in VOICES.items():
        assert heights[name] / heights["female"] == pytest.approx(voice.pitch, rel=0.08), heights
        assert loud[name] / loud["female"] == pytest.approx(1, rel=0.35), loud
    assert heights["male"] < 140 < 165 < heights["female-low"]
    assert 0.8 < len(spoken["male"]) / len(spoken["female"]) < 1.25
    assert len(spoken["male-old"]) > len(spoken["male-young"])


def height(sound: np.ndarray) -> float:
    """The pitch in Hz: the median over voiced frames, by autocorrelation."""
    found = []
    for begin in range(0, len(sound) - 1_440, 480):
        piece = sound[begin : begin + 1_440] - np.mean(sound[begin : begin + 1_440])
        alike = np.correlate(piece, piece, "full")[1_439:]
        shortest, longest = 24_000 // 400, 24_000 // 60
        at = shortest + int(np.argmax(alike[shortest:longest]))
        if alike[0] > 1e-3 and alike[at] > 0.5 * alike[0]:
            found.append(24_000 / at)
    return float(np.median(found))
