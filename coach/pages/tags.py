"""Template tags for every page; built into the engine by the settings, so templates need no `load`."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import DisallowedHost
from django.forms import Form
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext

from coach import identity
from coach.config import ROOT
from coach.pages import markdown as marking
from coach.pages import styles, time_words

register = template.Library()

ICONS = Path("templates/components/icons")


def _style_names(places: Sequence[str], *, shared: bool = True) -> list[str]:
    collected = getattr(staticfiles_storage, "hashed_files", {})
    if styles.TOGETHER in collected and not settings.DEBUG:
        return [*([styles.TOGETHER] if shared else []), *map(styles.of_place, places)]
    sheets = [f"css/{path.name}" for path in (ROOT / "static/css").glob("*.css")]
    of_places = (name for place in places for name in styles.only_at(place, sheets))
    return list(dict.fromkeys([*(styles.everywhere(sheets) if shared else []), *of_places]))


@register.simple_tag
def stylesheets(*places: str) -> SafeString:
    """Links to the shared style sheets and those of these places (see `styles.PLACES`)."""
    rows = ((static(name),) for name in _style_names(places))
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', rows)


@register.simple_tag
def stylesheets_of(place: str) -> str:
    """Their URLs separated by spaces, for a script that swaps in such a page."""
    return " ".join(static(name) for name in _style_names([place], shared=False))


@register.simple_tag(takes_context=True)
def site_address(context: Context) -> str:
    """`https://host` of this request; empty without one, and on the page that refuses a foreign host."""
    request = context.get("request")
    try:
        return f"{request.scheme}://{request.get_host()}" if request else ""
    except DisallowedHost:
        return ""


@register.simple_tag(takes_context=True)
def account(context: Context) -> dict[str, Any] | None:
    """`{name, has_password}` of the signed-in user; None for strangers and if sign-in is off."""
    user = getattr(context.get("request"), "user", None) if identity.signs_in() else None
    if user is None or not user.is_authenticated:
        return None
    return {"name": user.get_full_name() or user.get_username(), "has_password": user.has_usable_password()}


@lru_cache(maxsize=64)
def _icon(name: str) -> str:
    return (ROOT / ICONS / f"{name}.svg").read_text("utf-8").strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """The drawing `templates/components/icons/<name>.svg`, hidden from screen readers as there is text beside it."""
    return mark_safe(_icon(name))  # noqa: S308 - a file of ours


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


@register.simple_tag
def gap() -> str:
    """What stands between a translated "Label:" and its value: a Chinese colon is as wide as a colon and a space."""
    return "" if _is_chinese() else " "


@register.simple_tag
def colon() -> str:
    """The colon after a name, with what stands between it and the value."""
    return "：" if _is_chinese() else ": "


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The current query string with `changes`; None removes a name. Always starts with "?"."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            values.pop(name, None)
        else:
            values[name] = str(value)
    return f"?{values.urlencode()}"


@register.filter
def markdown(text: str) -> SafeString:
    """Safe HTML of a curator's Markdown."""
    return marking.render(text or "")


@register.filter
def starting_field(form: Form) -> dict[str, bool]:
    """`{name: True}` of the field where the keyboard starts.

    The first one with an error. If the whole form was refused, the last one: a password, which was not sent back.
    Else the first.
    """
    names = list(form.fields)
    wrong = next((name for name in names if form.is_bound and name in form.errors), None)
    return {wrong or (names[-1] if form.is_bound and form.non_field_errors() else names[0]): True}


@register.filter
def initial(name: str) -> str:
    """The letter for an avatar: the first letter of a name in upper case, or the first Chinese character."""
    stripped = (name or "").strip()
    return stripped[:1].upper() or "?"


@register.filter
def minutes(seconds: int) -> int:
    """A limit of that many seconds in whole minutes, rounded up."""
    return max(1, -(-int(seconds) // 60))


@register.filter
def duration(seconds: int) -> str:
    """A limit in words: seconds up to a minute and a half, then minutes, with halves if needed."""
    if seconds <= 90:
        return ngettext("%(number)s second", "%(number)s seconds", seconds) % {"number": seconds}
    halves = round(seconds / 30) / 2
    number = f"{halves:g}"
    return ngettext("%(number)s minute", "%(number)s minutes", 1 if halves == 1 else 2) % {"number": number}


@register.filter
def clock_face(seconds: float | None) -> str:
    """A duration such as 2:34."""
    return time_words.clock_face(seconds)


@register.filter
def at(items: Sequence[Any], place: int) -> Any:
    """The item at an index."""
    return items[place]


@register.filter
def percent(share: float) -> str:
    """A share from 0 to 1 as whole per cent."""
    return f"{round(share * 100)}%"


@register.filter
def html_lang(language: str) -> str:
    """The BCP 47 tag for a scenario's language: Chinese content is in simplified characters."""
    return {"zh": "zh-Hans"}.get(language, language or "en")


@register.filter
def lang_unless(language: str, around: str) -> str:
    """A `lang` attribute for words in `language`, nothing where those around them are in it too."""
    return "" if language[:2] == around[:2] else format_html(' lang="{}"', language)


@register.filter
def lang_of(text: str) -> str:
    """The BCP 47 tag for words that a trainee typed: quotation marks and line breaks follow it."""
    return "zh-Hans" if HAN.search(text) else "en"


HAN = re.compile("[\u3400-\u9fff]")
OPENING_MAX = 220


@register.filter
def opening(text: str) -> str:
    """The first paragraph of a Markdown text as plain text, cut at a word if it is long."""
    first = marking.plain(text or "").partition("\n")[0]
    return Truncator(first).chars(OPENING_MAX)


@register.filter
def ago(moment: datetime) -> str:
    """How long ago, in the largest unit only: lists are scanned, and the exact time is beside it."""
    return time_words.ago(moment)
