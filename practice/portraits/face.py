"""Draws head, neck, features, and what is worn on the face."""

from practice.portraits.looks import Look
from practice.portraits.palette import FRAME, HAIR, INK, METAL, SKIN

HEADS = {
    "oval": "M40 52C40 34 48 27 60 27s20 7 20 25c0 9-1.5 15-5 21.5C71 80 66 84 60 84s-11-4-15-10.5C41.5 67 40 61 40 52z",
    "round": "M39 53C39 35 47 28 60 28s21 7 21 25c0 17-8.5 29.5-21 29.5S39 70 39 53z",
    "square": "M40 52C40 34 48 27 60 27s20 7 20 25c0 8 .2 13-1.6 18.5C76 79 69 84 60 84s-16-5-18.4-13.5C39.8 65 40 60 40 52z",
}


def line(colour: str, d: str, width: float = 1.6, more: str = "") -> str:
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"{more}/>'


def shape(colour: str, d: str, more: str = "") -> str:
    return f'<path fill="{colour}" d="{d}"{more}/>'


def neck(look: Look) -> str:
    skin, shade, *_ = SKIN[look.skin]
    wide = 1.5 if look.gender == "male" else -0.5
    left, right = 50 - wide, 70 + wide
    return shape(skin, f"M{left} 70v18c0 5-6 8-14 10l24 26 24-26c-8-2-14-5-14-10V70z") + shape(
        shade, f"M{left} 74v9c5 8 {right - left - 5} 8 {right - left} 0v-9z"
    )


def head(look: Look) -> str:
    skin, shade, *_ = SKIN[look.skin]
    ears = (
        f'<g fill="{skin}"><ellipse cx="39.5" cy="57" rx="4" ry="6.2"/><ellipse cx="80.5" cy="57" rx="4" ry="6.2"/></g>'
    )
    inner = line(shade, "M38.5 54.5q-1.5 2.5.6 5M81.5 54.5q1.5 2.5-.6 5", 1.3)
    if look.hair == "headscarf":
        ears = inner = ""
    return ears + inner + shape(skin, HEADS[look.face])


def features(look: Look) -> str:
    skin, shade, dark, lips, blush = SKIN[look.skin]
    brow = HAIR[look.hair_colour][0 if look.hair_colour not in ("white", "blond") else 2]
    heavy = {"male": 2.6, "neutral": 2.2, "female": 1.8}[look.gender]
    parts = [
        f'<g fill="{blush}" opacity=".26"><ellipse cx="47.5" cy="65.5" rx="4.6" ry="3.2"/><ellipse cx="72.5" cy="65.5" rx="4.6" ry="3.2"/></g>',
        f'<g fill="{INK}"><ellipse cx="51.5" cy="57.5" rx="2" ry="2.5"/><ellipse cx="68.5" cy="57.5" rx="2" ry="2.5"/></g>',
        '<g fill="#fff" opacity=".85"><circle cx="52.2" cy="56.6" r=".7"/><circle cx="69.2" cy="56.6" r=".7"/></g>',
        line(brow, "M47 51.5q4-3 8-1M73 51.5q-4-3-8-1", heavy),
        line(dark, "M60.3 58.5q-2.6 5.5-1.7 7.4 1.5 1.3 3.7.5", 1.5),
        line(lips, "M54.5 73.2q5.5 3.6 11 0", 2.1),
    ]
    if look.gender == "female":
        parts.append(line(INK, "M48.9 56.6q1.2-2.3 3.4-2.1M71.1 56.6q-1.2-2.3-3.4-2.1", 1.2))
    years = []
    if look.age >= 45:
        years.append("M53 65.5q-2.6 2.3-2.8 5.3M67 65.5q2.6 2.3 2.8 5.3")
    if look.age >= 55:
        years.append("M48.5 61.8q2.6 1.6 5.6.3M71.5 61.8q-2.6 1.6-5.6.3")
    if look.age >= 65:
        years.append("M53 43.5q7-2 14 0M45.2 58l-1.8-.8M45.2 60.2l-1.8.5M74.8 58l1.8-.8M74.8 60.2l1.8.5")
    if look.age >= 75:
        years.append("M54.5 46.5q5.5-1.5 11 0M51 76q.4 2.2 1.8 3.4M69 76q-.4 2.2-1.8 3.4")
    if years:
        parts.append(line(shade, "".join(years), 1.1))
    return "".join(parts)


def beard(look: Look) -> str:
    colour, _light, deep = HAIR[look.hair_colour]
    moustache = shape(
        colour,
        "M51.5 71.5c2-3 5.5-4 8.5-2.7 3-1.3 6.5-.3 8.5 2.7-3 .9-5.7.2-8.5-.4-2.8.6-5.5 1.3-8.5.4z",
    )
    jaw = "M40.3 58c1 9 2 13.5 5 18 3.7 5.8 9 8.8 14.7 8.8S71 81.8 74.7 76c3-4.5 4-9 5-18-2 5-3.5 9-6.5 10.5-3.5-1.5-8.5-2.3-13.2-2.3s-9.7.8-13.2 2.3c-3-1.5-4.5-5.5-6.5-10.5z"
    mouth = "M53.5 72.8q6.5-2 13 0-2 4.4-6.5 4.4t-6.5-4.4z"
    lips = line(SKIN[look.skin][3], "M55 73.6q5 3 10 0", 2.1)
    skin = SKIN[look.skin][0]
    if look.beard == "stubble":
        return shape(colour, jaw, ' opacity=".22"')
    if look.beard == "moustache":
        return moustache
    if look.beard == "short":
        return shape(colour, jaw, ' opacity=".92"') + shape(skin, mouth) + moustache + lips
    if look.beard == "full":
        full = "M40.2 57c.6 11 1 18 4.3 24C48 87.5 53.5 91 60 91s12-3.5 15.5-10c3.3-6 3.7-13 4.3-24-2 6-3.5 10-6.5 11.5-3.5-1.5-8.5-2.3-13.3-2.3s-9.8.8-13.3 2.3c-3-1.5-4.5-5.5-6.5-11.5z"
        return shape(colour, full) + shape(skin, mouth) + moustache + lips + line(deep, "M56 80q4 2.5 8 0", 1.2)
    return ""


def glasses(look: Look) -> str:
    if look.glasses == "none":
        return ""
    sides = "M57.7 57q2.3-1.8 4.6 0M44.2 56.5l-4.5-1.3M75.8 56.5l4.5-1.3"
    if look.glasses == "round":
        lenses = '<circle cx="51" cy="58" r="6.7"/><circle cx="69" cy="58" r="6.7"/>'
    else:
        lenses = '<rect x="44" y="52" width="13.8" height="11.2" rx="2.8"/><rect x="62.2" y="52" width="13.8" height="11.2" rx="2.8"/>'
    glass = f'<g fill="#fff" fill-opacity=".16" stroke="{FRAME}" stroke-width="1.7">{lenses}</g>'
    return glass + line(FRAME, sides, 1.7)


def detail(look: Look) -> str:
    if look.detail == "earrings" and look.hair != "headscarf":
        return f'<g fill="{METAL}"><circle cx="38.8" cy="65" r="2"/><circle cx="81.2" cy="65" r="2"/></g>'
    if look.detail == "freckles":
        dots = "".join(
            f'<circle cx="{x}" cy="{y}" r=".75"/>'
            for x, y in ((46, 64), (49, 66), (51.5, 63.5), (68.5, 63.5), (71, 66), (74, 64), (48, 68), (72, 68))
        )
        return f'<g fill="{SKIN[look.skin][2]}" opacity=".6">{dots}</g>'
    if look.detail == "hearing-aid" and look.hair != "headscarf":
        return line(FRAME, "M79.5 50.5q5.5-.8 5.5 5 .1 3.5-1.8 5", 2.2)
    return ""
