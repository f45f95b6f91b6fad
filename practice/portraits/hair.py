"""Draws hair and headwear: one layer behind the head and one in front of it."""

from practice.portraits.face import line, shape
from practice.portraits.looks import Look
from practice.portraits.palette import CLOTHES, HAIR


def behind(look: Look) -> str:
    colour, _light, deep = HAIR[look.hair_colour]
    drawn = {
        "long": shape(deep, "M37 52C35 32 45 21 60 21s25 11 23 31c-.5 14 2 28 6 40-6 6-14 8-20 7H51c-6 1-14-1-20-7 4-12 6.5-26 6-40z"),
        "wavy": shape(deep, "M36 50C34 31 45 20 60 20s26 11 24 30c0 5 4 7 4 13s-4 7-2 13 5 6 3 12-9 9-15 8H46c-6 1-13-2-15-8s1-6 3-12-2-7-2-13 4-8 4-13z"),
        "bob": shape(deep, "M36.5 52C34 32 45 21.5 60 21.5S86 32 83.5 52c0 10 1 17 2.5 23-4 5-9 6-13 5H47c-4 1-9 0-13-5 1.5-6 2.5-13 2.5-23z"),
        "curly": _curls(deep, ((37, 47, 9), (38, 38, 9), (45, 29, 9), (55, 24, 9), (66, 24, 9), (76, 29, 9), (82, 38, 9), (83, 47, 9), (38, 56, 7), (82, 56, 7))),
        "afro": shape(deep, "M60 9c20 0 34 14 34 33 0 14-5 23-13 27H39c-8-4-13-13-13-27C26 23 40 9 60 9z"),
        "locs": line(colour, "M41 40q-5 16-4 34t-2 22M38 46q-6 14-4 26t-3 18M79 40q5 16 4 34t2 22M82 46q6 14 4 26t3 18M45 40q-4 22-2 36t-2 22M75 40q4 22 2 36t2 22", 4.6),
        "bun": f'<circle cx="60" cy="19" r="10.5" fill="{colour}"/>' + line(deep, "M53.5 17q6.5-6 13 0M55 23q5 2.5 10 0", 1.3),
        "ponytail": shape(deep, "M74 30c14-2 21 8 18 24-1.5 9 2 15 2 22-8 2-15-4-15-14 0-8-3-12-5-18z"),
        "braids": line(colour, "M42 66q-5 8-3 15t-3 16M78 66q5 8 3 15t3 16", 8) + line(deep, "M36 75l7 4M36 83l7 3M34 91l7 2M84 75l-7 4M84 83l-7 3M86 91l-7 2", 1.4),
    }  # fmt: skip
    return drawn.get(look.hair, "")


def before(look: Look) -> str:
    colour, light, deep = HAIR[look.hair_colour]
    if look.hair == "headscarf":
        return _headscarf(look)
    if look.hair == "turban":
        return _turban(look)
    if look.hair == "bald":
        return shape("#fff", "M51 31.5q8-3.5 16-1.2-8 .2-14.5 4z", ' opacity=".22"')
    cap = "M39.2 55C36 36 45 23 60 23s24 13 20.8 32c-1.3-4-2-8-2.3-12"
    drawn = {
        "short": (
            shape(colour, "M39.3 54.5C35.5 36 44 22 61 22c15 0 23.5 12 19.7 32.5-1.5-3.5-2.2-6.5-2.7-10.5-4-1.3-7-3.7-9-7-6 5-14 7.5-24.5 7-1.5 3.5-2.5 6.5-5.2 10.5z")
            + line(light, "M47 34q6-6 14-6.5M52 39q7-1 12-4.5", 1.4)
        ),
        "cropped": shape(colour, f"{cap}-3-7-9-9.5-18.5-9.5S44.5 36 41.5 43c-.3 4-1 8-2.3 12z"),
        "parted": (
            shape(colour, "M39.3 55C34.5 35 43 21.5 58 21.5c18 0 26.5 13 22.7 33.5-1.7-4-2.4-8-3.2-12C67 43 56 40.5 50.5 33.5c-1.5 6-5 9-8.5 11-.7 4-1.3 7-2.7 10.5z")
            + line(light, "M54.5 30q10 6.5 20.5 7", 1.4)
        ),
        "curly": _curls(colour, ((42, 41, 6.5), (47, 34, 6.5), (55, 30.5, 7), (64, 30.5, 7), (72.5, 34, 6.5), (78, 41, 6.5)))
        + line(light, "M46 31q3-3.5 7-2M60 27q4-2 7 .5M72 31q4 0 5 4", 1.4),
        "afro": shape(colour, "M37.5 53C36 37 44 17 60 17s24 20 22.5 36c-2-8-5.5-14-9.5-15.5-8 2-18 2-26 0-4 1.5-7.5 7.5-9.5 15.5z"),
        "locs": shape(colour, f"{cap}-4-5.5-9-8-18.5-8S45.5 37.5 41.5 43c-.3 4-1 8-2.3 12z")
        + line(deep, "M50 27q-5 7-6.5 14M57 24.5q-3 6-4 12M64 24.5q3 6 4 12M70.5 27q5 7 6.5 14", 1.4),
        "bob": shape(colour, "M36.5 74C34 66 36 60 36.5 52 34 32 45 21.5 60 21.5S86 32 83.5 52c.5 8 2.5 14 0 22-3.5-1.5-5-6-5.2-14 0-7-.8-11-2.3-15-9 .5-21-3.5-26-10-1.5 6-4.5 10-8 12.5-.3 4-.3 8-.3 12.5-.2 8-1.7 12.5-5.2 14z")
        + line(light, "M53 28.5q10 7 23 8.5M40.5 46q-1 8-1.5 17", 1.4),
        "long": shape(colour, "M34 86c1-12 2.5-22 2.5-34C35 32 45 21 60 21s25 11 23.5 31c0 12 1.5 22 2.5 34-6-4-8-14-8-25 0-8-1-13-3-17-6-2-11.5-6-15-11-3.5 5-9 9-15 11-2 4-3 9-3 17 0 11-2 21-8 25z")
        + line(light, "M60 24q-11 4-17 18M60 24q11 4 17 18", 1.3),
        "wavy": shape(colour, "M33 82c4-6-1-11 2-18 1.5-4 1.5-8 1.5-13C35 31 45 20 60 20s25 11 23.5 31c0 5 0 9 1.5 13 3 7-2 12 2 18-6 0-9-6-8-12 1-5-1-8-1-14s-1.5-9-3.5-12.5C66 43 56 39 51.5 32c-1.5 6-5 9.5-8.5 12.5-2 3.5-1.5 6-1.5 11.5s-2 9-1 14c1 6-1.5 12-7.5 12z")
        + line(light, "M55 27q8 8 20 10", 1.4),
        "bun": shape(colour, f"{cap}-5-8.5-11-11.5-18.5-11.5S46.5 34.5 41.5 43c-.3 4-1 8-2.3 12z")
        + line(light, "M46 33q6-6 13-7M74 33q-6-6-13-7", 1.3),
        "ponytail": shape(colour, f"{cap}-7-3-13-8-15.5-12.5C60 40 51 43.5 41.5 43c-.3 4-1 8-2.3 12z")
        + line(light, "M46 34q8-7 18-7", 1.4),
        "braids": shape(colour, f"{cap}-8-2-14.5-6.5-18.5-13-4 6.5-10.5 11-18.5 13-.3 4-1 8-2.3 12z")
        + line(deep, "M60 24v6M52 26q-6 5-9 13M68 26q6 5 9 13", 1.3),
        "receding": shape(colour, "M39.2 57c-2.5-10-1.5-20 4-26 .5 7-.5 11-2 16-.3 4-.9 7-2 10zM80.8 57c2.5-10 1.5-20-4-26-.5 7 .5 11 2 16 .3 4 .9 7 2 10z")
        + shape(colour, "M43 33c4-7 10-10.5 17-10.5S73 26 77 33c-5-4-10.5-5.5-17-5.5S48 29 43 33z"),
    }  # fmt: skip
    return drawn[look.hair]


def _curls(colour: str, circles: tuple[tuple[float, float, float], ...]) -> str:
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="{r}"/>' for x, y, r in circles)
    return f'<g fill="{colour}">{dots}</g>'


def _cloth(look: Look) -> tuple[str, str, str]:
    """A colour different from that of the clothes."""
    names = list(CLOTHES)
    return CLOTHES[names[(names.index(look.clothes_colour) + 3) % len(names)]]


def _headscarf(look: Look) -> str:
    colour, shade, light = _cloth(look)
    return (
        shape(
            colour,
            "M60 17c17 0 27 12 26.5 31 0 12-1.5 21-4.5 28l7 15c-6 11-18 17-29 17s-23-6-29-17l7-15c-3-7-4.5-16-4.5-28C33 29 43 17 60 17zm0 17c-12 0-18.5 6-18.5 19 0 16 7 30 18.5 30s18.5-14 18.5-30c0-13-6.5-19-18.5-19z",
            ' fill-rule="evenodd"',
        )
        + shape(light, "M41.5 50c0-11 6.5-17 18.5-17s18.5 6 18.5 17c-1-9-7-14-18.5-14S42.5 41 41.5 50z")
        + line(shade, "M40 78q9 14 24 13 12-1 20-9M36 92q14 9 30 6M46 26q7-5 15-5", 1.5)
    )


def _turban(look: Look) -> str:
    colour, shade, light = _cloth(look)
    return (
        shape(
            colour,
            "M36 48C31 27 43 13 60 13s29 14 24 35c-2-4-4-6.5-6.5-8-5-3.5-11-6-17.5-9-6.5 3-12.5 5.5-17.5 9-2.5 1.5-4.5 4-6.5 8z",
        )
        + shape(light, "M60 31c-3-4-4-8-4-12l4-3 4 3c0 4-1 8-4 12z")
        + line(
            shade,
            "M58 31Q44 31 37 44M57 25q-14-1-20 10M62 31q14 0 21 13M63 25q14-1 20 10M56.5 19Q47 18 41 24M63.5 19Q73 18 79 24",
            1.4,
        )
    )
