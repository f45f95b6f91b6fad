"""Describes a look in words, for curators."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from practice.portraits.looks import CHOICES, value_of

NAMES = {
    "age_band": _("Age"),
    "gender": _("Gender"),
    "skin": _("Skin"),
    "face": _("Face"),
    "hair": _("Hair or headwear"),
    "hair_colour": _("Hair colour"),
    "beard": _("Beard"),
    "glasses": _("Glasses"),
    "clothes": _("Clothes"),
    "clothes_colour": _("Colour of the clothes"),
    "detail": _("Detail"),
    "backdrop": _("Background"),
}
VALUES = {
    "teens": _("teens"), "20s": _("20s"), "30s": _("30s"), "40s": _("40s"), "50s": _("50s"), "60s": _("60s"),
    "70s": _("70s"), "80s": _("80s"), "female": _("female"), "male": _("male"), "neutral": _("neither"),
    "1": _("1, lightest"), "2": "2", "3": "3", "4": "4", "5": "5", "6": _("6, darkest"), "oval": _("oval"),
    "round": _("round"), "square": _("square"), "short": _("short"), "cropped": _("cropped"), "parted": _("parted"),
    "curly": _("curly"), "afro": _("afro"), "locs": _("locs"), "bob": _("bob"), "long": _("long"), "wavy": _("wavy"),
    "bun": _("bun"), "ponytail": _("ponytail"), "braids": _("braids"), "receding": _("receding"), "bald": _("bald"),
    "headscarf": _("headscarf"), "turban": _("turban"), "black": _("black"), "dark-brown": _("dark brown"),
    "brown": _("brown"), "auburn": _("auburn"), "blond": _("blond"), "grey": _("grey"), "white": _("white"),
    "none": _("none"), "stubble": _("stubble"), "moustache": _("moustache"), "full": _("full"),
    "casual": _("T-shirt"), "shirt": _("shirt"), "business": _("jacket"), "knit": _("polo neck"),
    "cardigan": _("cardigan"), "hoodie": _("hoodie"), "coat": _("coat and scarf"), "uniform": _("work clothes"),
    "doctor": _("doctor’s coat"), "teal": _("teal"), "navy": _("navy"), "rust": _("rust"), "plum": _("plum"),
    "sage": _("sage"), "ochre": _("ochre"), "charcoal": _("charcoal"), "cream": _("cream"),
    "earrings": _("earrings"), "freckles": _("freckles"), "hearing-aid": _("hearing aid"), "sand": _("sand"),
    "mist": _("mist"), "clay": _("clay"), "mauve": _("mauve"), "straw": _("straw"),
}  # fmt: skip


def told(portrait: Mapping[str, Any]) -> str:
    """A portrait in words, one line per part."""
    said = {name: value_of(name, portrait) for name in CHOICES}
    return "\n".join(f"{NAMES[name]}: {VALUES[value]}" for name, value in said.items() if value)
