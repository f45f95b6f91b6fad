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
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f0e6, #17191e); --ink: light-dark(#29241f, #e4ddd1); --line: light-dark(#8b7f70, #7d7a75);
  --soft: light-dark(#62584d, #aba396);  --you: light-dark(#1d5c69, #84c7d1); --they: light-dark(#964516, #e9ab80);
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Charter, "Noto Serif", "Songti SC", "Noto Serif CJK SC",
    Georgia, serif;
  --gutter: clamp(1rem, 4vw, 2.5rem);
}
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1.0625rem/1.55 Seravek, "Source Sans 3", Ubuntu, Calibri, "Noto Sans", "PingFang SC", "Noto Sans CJK SC",
    sans-serif;
}
header { box-sizing: border-box; max-width: 76rem; margin: auto; padding: 0.75rem var(--gutter); }
header a { display: inline-flex; align-items: center; gap: 0.75rem; min-height: 2.75rem; color: var(--ink);
  font: 600 1.3125rem var(--serif); text-decoration: none; }
header svg { width: 1.75rem; }
main { box-sizing: border-box; max-width: 76rem; margin: auto; padding: 2rem var(--gutter) 4rem; }
h1 { margin: 0 0 1rem; font: 500 clamp(1.875rem, 1.35rem + 2.2vw, 2.875rem)/1.15 var(--serif); }
p { margin: 0 0 1rem; max-width: 43rem; }
h1 + p { color: var(--soft); line-height: 1.4; text-wrap: balance; }
@media (width > 46rem) { h1 + p { font-size: 1.3125rem; } }
.button {
  display: inline-flex; align-items: center; gap: 0.5rem; min-height: 2.75rem; padding: 0 1rem;
  border: 1px solid var(--line); border-radius: 12px; color: var(--ink); font-weight: 600; text-decoration: none;
}
.button svg { width: 1.25em; fill: none; stroke: currentcolor; stroke-width: 1.75; stroke-linecap: round; }
:focus-visible { outline: 3px solid var(--you); outline-offset: 2px; }
"""
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"


def rendered(template: str, scope: Mapping[str, Any]) -> bytes:
    """The page in the reader's language; send it with `POLICY`. `scope`: ASGI's, of which `headers` are read."""
    with translation.override(readers_language.of_scope(scope)):
        again = scope.get("method") in ("GET", "HEAD")
        return in_current_language(template, again=again).encode()


def in_current_language(template: str, **context: Any) -> str:
    """The page; send it with `POLICY`."""
    style = mark_safe(STYLE)  # noqa: S308 (no word from outside)
    return render_to_string(template, {"style": style, **context})


def wanted(scope: Mapping[str, Any]) -> bool:
    """True if a person reads the answer."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope.get("headers", ()))
