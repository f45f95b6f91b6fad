"""Which voice a persona speaks with: the one that is asked for, else one that fits gender and age.

There is one recorded English voice. The others are made of it: played slower or faster, pitch and formants move
together, and the model is asked to talk faster or slower by as much, so that the pace stays. Chinese has
several styles.
"""

import re
import zlib
from dataclasses import dataclass, replace

from coach.local_models.persona import Gender, gender_of


@dataclass(frozen=True)
class PersonaVoice:
    """`pitch` and `pace` over the recorded voice; `style`: a Chinese voice of Kokoro."""

    name: str
    gender: Gender
    pitch: float
    pace: float
    style: str


VOICES = {
    voice.name: voice
    for voice in (
        PersonaVoice("female-young", "female", 1.06, 1.08, "zf_xiaoyi"),
        PersonaVoice("female", "female", 1.0, 1.05, "zf_xiaoxiao"),
        PersonaVoice("female-low", "female", 0.94, 1.02, "zf_xiaobei"),
        PersonaVoice("female-old", "female", 0.9, 0.94, "zf_xiaoni"),
        PersonaVoice("male-young", "male", 0.84, 1.08, "zm_yunxi"),
        PersonaVoice("male", "male", 0.8, 1.05, "zm_yunyang"),
        PersonaVoice("male-low", "male", 0.76, 1.02, "zm_yunjian"),
        PersonaVoice("male-old", "male", 0.73, 0.94, "zm_yunjian"),
    )
}
STYLES = tuple(dict.fromkeys(voice.style for voice in VOICES.values()))

_TOLD = re.compile(r"^(female|male)~([1-9]\d)$")
_ABOUT = re.compile(r"^(?:About you: ?|关于你：)(.+)$", re.MULTILINE)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ONES = {word: n for n, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], 1)}
_WORDS = re.compile(rf"\b({'|'.join(_TENS)})(?:[- ]({'|'.join(_ONES)}))?\b", re.IGNORECASE)
_DIGITS = re.compile(r"\b([1-9]\d)\b(?= years?|,| ?岁)|([1-9]\d)岁")
_HAN = "一二三四五六七八九"
_HAN_AGE = re.compile(rf"([{_HAN}])?十([{_HAN}])?岁")


def voice_for(wanted: str, name: str, instructions: str) -> PersonaVoice:
    """`wanted` where it is one of VOICES; else the same for the same name and instructions, whenever it is asked.

    `male~35` tells gender and age, which are else guessed from name and instructions.
    """
    if wanted in VOICES:
        return VOICES[wanted]
    told = _TOLD.match(wanted)
    gender = ("male" if told[1] == "male" else "female") if told else gender_of(name, instructions)
    seed = zlib.crc32(name.casefold().encode())
    age = age_of(instructions) or (int(told[2]) if told else None)
    fitting = [VOICES[f"{gender}{kind}"] for kind in _kinds(age)]
    voice = fitting[seed % len(fitting)]
    # A shade of their own keeps two people of one kind apart.
    pitch, pace = 1 + (seed // 11 % 9 - 4) * 0.01, 1 + (seed // 101 % 5 - 2) * 0.02
    return replace(voice, pitch=voice.pitch * pitch, pace=voice.pace * pace)


def age_of(instructions: str) -> int | None:
    """The age that stands first in what the instructions say about the persona.

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
