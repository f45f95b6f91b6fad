"""The languages that the local models recognise, speak and write."""

import re
from typing import Literal

Language = Literal["en", "zh"]

_HAN = re.compile(r"[\u4e00-\u9fff]")


def language_of(text: str) -> Language:
    """Chinese if a fifth of the letters are Han characters."""
    han = len(_HAN.findall(text))
    letters = sum(character.isalpha() for character in text)
    return "zh" if han and han * 5 >= letters else "en"
