"""The import map: maps every module's plain URL to its hashed one, which may be cached for ever.

Modules import each other by relative paths, which resolve to plain URLs; the map then sends the browser to the hashed
file. Worklets and workers do not see the map, so their pages pass them hashed URLs.
"""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

from coach.config import ROOT

NPM_FOLDERS: dict[str, str] = {
    "npm/wasm-media-encoders/umd": "wasm-media-encoders/dist/umd",
    "npm/wasm-media-encoders/wasm": "wasm-media-encoders/wasm",
}
"""Prefix under the static URL → folder under `node_modules` that is served there as a whole."""


def npm_static_dirs(base: Path) -> list[tuple[str, str]]:
    """Entries for `STATICFILES_DIRS`, for installed packages."""
    folders = ((prefix, base / "node_modules" / folder) for prefix, folder in NPM_FOLDERS.items())
    return [(prefix, str(folder)) for prefix, folder in folders if folder.is_dir()]


def imports() -> dict[str, str]:
    """Plain URL → hashed URL, for all our modules."""
    base = ROOT / "static"
    found: dict[str, str] = {}
    for module in sorted((base / "js").rglob("*.js")):
        name = module.relative_to(base).as_posix()
        plain = f"{settings.STATIC_URL}{name}"
        hashed = static(name)
        if hashed != plain:
            found[plain] = hashed
    return found


@cache
def _rendered() -> str:
    # The text is inside a script element: "<" must not end it.
    return json.dumps({"imports": imports()}, separators=(",", ":")).replace("<", "\\u003c")


def rendered() -> str:
    """The map as JSON, safe inside a script element; computed once if files cannot change."""
    return _rendered.__wrapped__() if settings.DEBUG else _rendered()
