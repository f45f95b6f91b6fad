"""A person's looks: the values a portrait is drawn from, read from a persona's `portrait` object."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from zlib import crc32

from pydantic.alias_generators import to_camel

CHOICES: dict[str, tuple[str, ...]] = {
    "age_band": ("teens", "20s", "30s", "40s", "50s", "60s", "70s", "80s"),
    "gender": ("female", "male", "neutral"),
    "skin": ("1", "2", "3", "4", "5", "6"),
    "face": ("oval", "round", "square"),
    "hair": (
        "short", "cropped", "parted", "curly", "afro", "locs", "bob", "long", "wavy", "bun", "ponytail", "braids",
        "receding", "bald", "headscarf", "turban",
    ),
    "hair_colour": ("black", "dark-brown", "brown", "auburn", "blond", "grey", "white"),
    "beard": ("none", "stubble", "moustache", "short", "full"),
    "glasses": ("none", "round", "square"),
    "clothes": ("casual", "shirt", "business", "knit", "cardigan", "hoodie", "coat", "uniform", "doctor"),
    "clothes_colour": ("teal", "navy", "rust", "plum", "sage", "ochre", "charcoal", "cream"),
    "detail": ("none", "earrings", "freckles", "hearing-aid"),
    "backdrop": ("sand", "sage", "mist", "clay", "mauve", "straw"),
}  # fmt: skip
"""Field → its values. The field's name in data is camelCase: `ageBand`."""

GREY_FROM = {"60s": "grey", "70s": "grey", "80s": "white"}


@dataclass(frozen=True)
class Look:
    """One value of each of CHOICES."""

    age_band: str
    gender: str
    skin: str
    face: str
    hair: str
    hair_colour: str
    beard: str
    glasses: str
    clothes: str
    clothes_colour: str
    detail: str
    backdrop: str

    @property
    def code(self) -> str:
        """The look as one word for a URL; `of_code` reads it."""
        return "_".join(getattr(self, each.name) for each in fields(self))

    @property
    def age(self) -> int:
        return 17 if self.age_band == "teens" else int(self.age_band[:2]) + 5


def of_code(code: str) -> Look | None:
    """The look with this code; None if the code is invalid."""
    values = code.split("_")
    if len(values) != len(CHOICES):
        return None
    if any(value not in offered for value, offered in zip(values, CHOICES.values(), strict=True)):
        return None
    return Look(*values)


def look_of(portrait: Any) -> Look | None:
    """The look that the data describes; None if it says nothing, so that initials are shown instead.

    Missing or unknown values are chosen to fit the rest: always the same for the same data.
    """
    if not isinstance(portrait, Mapping):
        return None
    said = {name: value for name in CHOICES if (value := value_of(name, portrait)) is not None}
    if not said:
        return None
    return Look(**{name: said.get(name) or _fitting(name, said) for name in CHOICES})


def value_of(name: str, portrait: Mapping[str, Any]) -> str | None:
    """The value of one field of CHOICES; None if it is missing or unknown."""
    value = portrait.get(to_camel(name))
    if name == "glasses" and isinstance(value, bool):
        return "round" if value else "none"
    if name == "hair" and isinstance(value, str):
        # `grey-short`: colour and cut in one word.
        value = value.removeprefix("grey-")
    if name == "hair_colour" and value is None and str(portrait.get("hair")).startswith("grey-"):
        return "grey"
    text = str(value) if isinstance(value, str | int) else ""
    return text if text in CHOICES[name] else None


def _fitting(name: str, said: Mapping[str, str]) -> str:
    if name == "hair_colour":
        dark = "black" if said.get("skin", "3") >= "4" else "dark-brown"
        return GREY_FROM.get(said.get("age_band", ""), dark)
    if name == "clothes_colour":
        own = {"uniform": "navy", "doctor": "teal", "business": "charcoal", "coat": "ochre"}
        return own.get(said.get("clothes", "")) or _any(name, said)
    if name == "backdrop":
        return _any(name, said)
    plain = {"age_band": "30s", "gender": "neutral", "skin": "3", "hair": "short", "clothes": "casual"}
    return plain.get(name) or CHOICES[name][0]


def _any(name: str, said: Mapping[str, str]) -> str:
    """One of the field's values, distributed evenly over different people."""
    seed = crc32("|".join(f"{key}={value}" for key, value in sorted(said.items())).encode())
    return CHOICES[name][seed % len(CHOICES[name])]
