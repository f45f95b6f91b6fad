"""Draws the portrait: an SVG of head and shoulders on a coloured background, with no script, style or text in it."""

from functools import lru_cache

from practice.portraits import clothes, face, hair
from practice.portraits.looks import Look
from practice.portraits.palette import BACKDROP


@lru_cache(maxsize=512)
def svg(look: Look) -> str:
    """The portrait as an SVG document, the same for the same look, about 3 kB."""
    layers = (
        f'<path fill="{BACKDROP[look.backdrop]}" d="M0 0h120v120H0z"/>',
        hair.behind(look),
        face.neck(look),
        f'<g transform="translate(0 -5)">{clothes.drawn(look)}</g>',
        face.head(look),
        face.features(look),
        face.beard(look),
        hair.before(look),
        face.glasses(look),
        face.detail(look),
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="13 8 94 94">{"".join(layers)}</svg>'
