"""Pages for requests that are refused before they reach the site: they contain all they need."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from coach.edge import readers_language

STYLE = """
:root { color-scheme: light dark; background: light-dark(#f6f0e6, #17191e); color: light-dark(#29241f, #e4ddd1); }
body { margin: 0; font: 1.0625rem/1.55 Seravek, "Source Sans 3", Ubuntu, Calibri, "Noto Sans", sans-serif; }
main { max-width: 34rem; margin: 18vh auto 0; padding: 0 1.25rem; }
h1 { font: 400 2rem/1.2 "Iowan Old Style", Palatino, Charter, "Noto Serif", "Songti SC", Georgia, serif; }
a { color: light-dark(#1d5c69, #84c7d1); }
"""
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"


def rendered(template: str, scope: Mapping[str, Any]) -> bytes:
    """The page in the reader's language; send it with `POLICY`. `scope`: ASGI's, of which `headers` are read."""
    with translation.override(readers_language.of_scope(scope)):
        return render_to_string(template, {"style": mark_safe(STYLE)}).encode()  # noqa: S308 (no word from outside)


def wanted(scope: Mapping[str, Any]) -> bool:
    """True if a person reads the answer."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope.get("headers", ()))
