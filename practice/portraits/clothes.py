"""Draws shoulders and clothes."""

from practice.portraits.face import line, shape
from practice.portraits.looks import Look
from practice.portraits.palette import CLOTHES, LINEN, METAL

BODY = "M6 124C7 107 20 99.5 43 93.5"
CREW = f"{BODY}c4 9.5 30 9.5 34 0C100 99.5 113 107 114 124z"
OPEN = f"{BODY}L60 113l17-19.5C100 99.5 113 107 114 124z"
LEFT = f"{BODY}L58 124z"
RIGHT = "M114 124c-1-17-14-24.5-37-30.5L62 124z"


def drawn(look: Look) -> str:
    return {
        "casual": _casual,
        "shirt": _shirt,
        "business": _business,
        "knit": _knit,
        "cardigan": _cardigan,
        "hoodie": _hoodie,
        "coat": _coat,
        "uniform": _uniform,
        "doctor": _doctor,
    }[look.clothes](*CLOTHES[look.clothes_colour])


def _casual(colour: str, shade: str, light: str) -> str:
    return (
        shape(colour, CREW)
        + line(shade, "M43.5 94c4.3 9 28.7 9 33 0", 3)
        + line(shade, "M24 124q.5-10-1-15M96 124q-.5-10 1-15", 1.5)
    )


def _shirt(colour: str, shade: str, light: str) -> str:
    return (
        shape(colour, OPEN)
        + shape(light, "M43.5 92l-7 6.5L48 112l12 1.5-9-10zM76.5 92l7 6.5L72 112l-12 1.5 9-10z")
        + line(shade, "M60 113.5V124M24 124q.5-10-1-15M96 124q-.5-10 1-15", 1.5)
        + f'<circle cx="63" cy="118.5" r="1.1" fill="{shade}"/>'
    )


def _business(colour: str, shade: str, light: str) -> str:
    return (
        shape(LINEN, OPEN)
        + shape("#e4dccf", "M43.5 92l-3 7L50 109l10 4.5-9-11zM76.5 92l3 7L70 109l-10 4.5 9-11z")
        + shape(colour, LEFT + RIGHT)
        + shape(light, "M41.5 94l-7.5 9 7 3.5-3.5 4L57.5 124zM78.5 94l7.5 9-7 3.5 3.5 4L62.5 124z")
        + line(shade, "M22 124q.5-10-1-15M98 124q-.5-10 1-15", 1.5)
    )


def _knit(colour: str, shade: str, light: str) -> str:
    ribs = "".join(f"M{x} 90.5v8" for x in (50, 55, 60, 65, 70))
    return (
        shape(colour, CREW)
        + shape(light, "M46 88q14 6 28 0c2 0 3.5 3 3.5 7q-17.5 11-35 0c0-4 1.5-7 3.5-7z")
        + line(colour, ribs, 1.2)
        + line(shade, "M14 116q3-6 10-9M106 116q-3-6-10-9M40 124q-1-8 1-14M80 124q1-8-1-14M60 124v-12", 1.3)
    )


def _cardigan(colour: str, shade: str, light: str) -> str:
    return (
        shape(LINEN, CREW)
        + line("#ddd3c4", "M43.5 94c4.3 9 28.7 9 33 0", 2.4)
        + shape(colour, LEFT + RIGHT)
        + line(light, "M42.5 94.5L58 124M77.5 94.5L62 124", 3.4)
        + f'<circle cx="52" cy="117" r="1.4" fill="{shade}"/>'
        + line(shade, "M22 124q.5-10-1-15M98 124q-.5-10 1-15", 1.5)
    )


def _hoodie(colour: str, shade: str, light: str) -> str:
    return (
        shape(shade, "M34 101c-2-9 4-17 12-19h28c8 2 14 10 12 19l-26 12z")
        + shape(colour, f"{BODY}q5 13 17 13.5Q72 106.5 77 93.5C100 99.5 113 107 114 124z")
        + shape(light, "M42 86c-7 3-9 9-8 16 8 6 17 9 26 9s18-3 26-9c1-7-1-13-8-16 1 11-8 18-18 18s-19-7-18-18z")
        + line(LINEN, "M54 109.5V121M66 109.5V119", 1.8)
    )


def _coat(colour: str, shade: str, light: str) -> str:
    return (
        shape(colour, OPEN)
        + shape("#c9bda9", "M45 87q15 8 30 0l4 8q-19 14-38 0z")
        + shape("#b8ab95", "M54 103l-1 21h13l-3-20z")
        + line("#a89a83", "M46 92q14 7.5 28 0M57 108l-.5 13M61 108l1 13", 1.2)
        + shape(light, "M41 93.5L29 107l11 4-3 5 15 8 1-20zM79 93.5L91 107l-11 4 3 5-15 8-1-20z")
        + line(shade, "M20 124q.5-9-1-14M100 124q-.5-9 1-14", 1.5)
    )


def _uniform(colour: str, shade: str, light: str) -> str:
    return (
        shape(LINEN, CREW)
        + line("#ddd3c4", "M43.5 94c4.3 9 28.7 9 33 0", 2.4)
        + shape(colour, LEFT + RIGHT)
        + shape(light, "M43 91l-8 7 9 12 9-3zM77 91l8 7-9 12-9-3z")
        + line(shade, "M82 112h14v8H82zM22 124q.5-10-1-15M98 124q-.5-10 1-15", 1.5)
        + line(METAL, "M85.5 110v5", 1.8)
    )


def _doctor(colour: str, shade: str, light: str) -> str:
    return (
        shape(colour, OPEN)
        + shape(light, "M43.5 92l-3 7L50 109l10 4.5-9-11zM76.5 92l3 7L70 109l-10 4.5 9-11z")
        + shape(LINEN, LEFT + RIGHT)
        + shape("#e2dacd", "M41.5 94l-7.5 9 7 3.5-3.5 4L57.5 124zM78.5 94l7.5 9-7 3.5 3.5 4L62.5 124z")
        + line("#4b4a4c", "M45 96q-3 12 1 19M75 96q3 12-1 19", 2)
        + '<circle cx="74" cy="117.5" r="3" fill="#9d968e" stroke="#4b4a4c" stroke-width="1.5"/>'
    )
