"""Guesses the persona's gender, for the voice, from name, title and kinship words."""

import re
from typing import Literal

Gender = Literal["female", "male"]

_HE = re.compile(
    r"\b(?:Mr|Sir|he|him|himself|man|father|dad|husband|boyfriend|brother|son|uncle|grandfather|grandpa)\b|"
    r"先生|他(?!的)|男|爸|父|哥|弟|叔|舅|爷|丈夫|老公",
    re.IGNORECASE,
)
_SHE = re.compile(
    r"\b(?:Mrs|Ms|Miss|she|herself|woman|mother|mum|mom|wife|girlfriend|sister|daughter|aunt|grandmother|grandma)\b|"
    r"女士|小姐|她(?!的)|女|妈|母|姐|妹|姨|姑|婆|奶|妻|老婆",
    re.IGNORECASE,
)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MEN = _names(
    """
    adam ahmed aidan alan albert alexander ali andre andrew anthony antonio arjun arthur ben benjamin
    bernard bill bob brian bruno carl carlos charles chris christopher daniel david dennis derek dev diego
    dmitri dominic ed edward elliot eric ethan felix francis frank fred gary george greg gregor hans harold
    harry hassan henry hugo ian ibrahim ivan jack jacob jake james jason jeff jim joe john jon jonas
    jonathan jorge jose joseph joshua juan karl keith ken kevin kofi kwame larry leo leon liam louis luca
    lucas luis luke marco marcus mario mark martin matt matthew michael miguel mike mohammed nathan neil
    nicholas nick noah oliver omar oscar owen patrick paul pedro peter phil philip rafael raj rashid ravi
    ray raymond richard rob robert roger ron ryan samuel scott sean sergei simon stefan stephen steve steven
    stuart theo thomas tim timothy tom tomas tony victor vikram vincent walter will william xavier yusuf
    """
)
_WOMEN = _names(
    """
    abigail aisha alice amanda amelia amina amy ana andrea angela anita anna anne beatrix beth carla carmen
    carol caroline catherine chloe claire clara dana diana donna eleanor elena elizabeth ella emily emma
    erin eva fatima fiona grace hannah helen ines irene isabel jane janet jennifer jessica joan julia julie
    june karen kate katherine laura leila lena linda lisa lucy margaret maria marie marta martha mary maya
    mei mia mika monica nadia nancy naomi nina nora olga olivia patricia petra priya rachel rebecca rosa
    rose ruth sandra sara sarah simone sofia sophia sophie stella susan teresa tina ursula valerie vera
    victoria yasmin yuki zoe
    """
)


# Names of either gender; most people with these names are men if nothing else is known.
_UNISEX = _names(
    "alex andy ash bobby casey charlie chris dana drew frankie jamie jo jordan kim lee max mika morgan nico pat ray "
    "riley robin sam sasha taylor terry toni"
)
_RATHER_MEN = _names("alex andy bobby charlie chris drew lee max nico ray sam terry")
_ABOUT_OTHERS = re.compile(r"^(?:About (?!you:)|You are talking with |关于(?!你)|对方是).*$", re.MULTILINE)


def gender_of(name: str, instructions: str) -> Gender:
    """From title or first name; for a unisex name, from the words about the person; otherwise a woman's voice."""
    for title, gender in (
        (r"^(?:Mr|Sir)\b|先生|爸|父|哥|弟|叔|舅|爷", "male"),
        (r"^(?:Mrs|Ms|Miss)\b|女士|妈|婆|姐|妹|姨|姑|奶", "female"),
    ):
        if re.search(title, name):
            return "male" if gender == "male" else "female"
    first = name.lower().split()[0] if name.split() else ""
    if first in _UNISEX:
        about = _ABOUT_OTHERS.sub("", instructions)
        he, she = len(_HE.findall(about)), len(_SHE.findall(about))
        if he != she:
            return "male" if he > she else "female"
        if first in _RATHER_MEN:
            return "male"
    if first in _MEN:
        return "male"
    if first in _WOMEN:
        return "female"
    opening = instructions.split("\n", 1)[0][:600]
    return "male" if len(_HE.findall(opening)) > len(_SHE.findall(opening)) else "female"
