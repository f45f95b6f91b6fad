"""Chooses a persona's voice: the requested one, else one that fits gender and age.

There is one recorded English voice. The others are derived from it: the pitch and the length of the vocal tract (which
moves the formants) are set separately, so that a man's pitch is lower by more than his size would make it. Chinese has
several styles, which are only shifted a little.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import sqrt
from typing import Literal

from coach.local_models.speech.persona_gender import gender_of

VoiceGender = Literal["female", "male", "neutral"]


@dataclass(frozen=True)
class PersonaVoice:
    """`pitch`, `tract` and `pace` over the recorded English voice. `style`: a Chinese voice of Kokoro, moved by `shift`
    in pitch and formants together and spoken at `pace`."""

    name: str
    gender: VoiceGender
    pitch: float
    tract: float
    pace: float
    style: str
    shift: float = 1.0


VOICES = {
    voice.name: voice
    for voice in (
        PersonaVoice("female-young", "female", 1.16, 1.05, 1.07, "zf_xiaoyi"),
        PersonaVoice("female", "female", 1.0, 1.0, 1.04, "zf_xiaoxiao"),
        PersonaVoice("female-low", "female", 0.86, 0.955, 1.02, "zf_xiaobei"),
        PersonaVoice("female-old", "female", 0.82, 0.93, 0.9, "zf_xiaoni"),
        PersonaVoice("neutral", "neutral", 0.72, 0.99, 1.03, "zm_yunxi", 1.1),
        PersonaVoice("male-young", "male", 0.66, 0.89, 1.07, "zm_yunxi"),
        PersonaVoice("male", "male", 0.58, 0.86, 1.04, "zm_yunyang"),
        PersonaVoice("male-low", "male", 0.5, 0.83, 1.02, "zm_yunjian"),
        PersonaVoice("male-old", "male", 0.54, 0.8, 0.9, "zm_yunjian", 0.93),
    )
}
STYLES = tuple(dict.fromkeys(voice.style for voice in VOICES.values()))

_SHADES = tuple(product((0.87, 0.96, 1.05, 1.14), (0.97, 1.03), (0.95, 1.05)))
"""Factors of pitch, tract and pace; any two can be told apart, and from the voice without one."""
SHADES = tuple(_SHADES[at * 7 % len(_SHADES)] for at in range(len(_SHADES)))

_TOLD = re.compile(r"^(female|male|neutral)~([1-9]\d)(?:~(\d{1,6}))?$")
_ABOUT = re.compile(r"^(?:About you: ?|关于你：)(.+)$", re.MULTILINE)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ONES = {word: n for n, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1)}
_WORDS = re.compile(rf"\b({'|'.join(_TENS)})(?:[- ]({'|'.join(_ONES)}))?\b", re.IGNORECASE)
_DIGITS = re.compile(r"\b([1-9]\d)\b(?= years?|,| ?岁)|([1-9]\d)岁")
_HAN = "一二三四五六七八九"
_HAN_AGE = re.compile(rf"([{_HAN}])?十([{_HAN}])?岁")


def voice_for(wanted: str, name: str, instructions: str) -> PersonaVoice:
    """`wanted` if it is one of VOICES; else always the same voice for the same name and instructions.

    `male~35` gives gender and age, which are otherwise guessed from name and instructions. `male~35~4` also gives the
    position among personas that could be confused: no two of the first 16 sound alike. Without it the name decides.
    """
    if wanted in VOICES:
        return VOICES[wanted]
    told = _TOLD.match(wanted)
    gender: VoiceGender = _gender(told[1]) if told else gender_of(name, instructions)
    place = int(told[3]) if told and told[3] else zlib.crc32(name.casefold().encode())
    kinds = ("",) if gender == "neutral" else _kinds(age_of(instructions) or (int(told[2]) if told else None))
    return _shaded(VOICES[f"{gender}{kinds[place % len(kinds)]}"], SHADES[place // len(kinds) % len(SHADES)])


def _gender(told: str) -> VoiceGender:
    return "male" if told == "male" else "female" if told == "female" else "neutral"


def _shaded(voice: PersonaVoice, shade: Sequence[float]) -> PersonaVoice:
    pitch, tract, pace = shade
    return replace(
        voice,
        pitch=voice.pitch * pitch,
        tract=voice.tract * tract,
        pace=voice.pace * pace,
        shift=voice.shift * sqrt(pitch * tract),
    )


def age_of(instructions: str) -> int | None:
    """The first age in what the instructions say about the persona.

    >>> age_of("About you: Forty-four, brilliant, impatient.")
    44
    >>> age_of("关于你：五十八岁，退休小学老师。")
    58
    """
    about = _ABOUT.search(instructions)
    if about is None:
        return None
    text = about.group(1)
    if words := _WORDS.search(text):
        return _TENS[words.group(1).lower()] + _ONES.get((words.group(2) or "").lower(), 0)
    if han := _HAN_AGE.search(text):
        return 10 * (_HAN.index(han.group(1)) + 1 if han.group(1) else 1) + (_HAN.find(han.group(2) or "〇") + 1)
    digits = _DIGITS.search(text)
    return int(digits.group(1) or digits.group(2)) if digits else None


def _kinds(age: int | None) -> tuple[str, ...]:
    if age is None:
        return ("", "-low", "-young")
    if age < 32:
        return ("-young", "")
    return ("", "-low") if age < 60 else ("-old",)
