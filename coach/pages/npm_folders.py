"""Folders of npm packages that are served under the static URL as a whole."""

from pathlib import Path

NPM_FOLDERS: dict[str, str] = {
    "npm/wasm-media-encoders/umd": "wasm-media-encoders/dist/umd",
    "npm/wasm-media-encoders/wasm": "wasm-media-encoders/wasm",
}
"""Prefix under the static URL → folder under `node_modules`."""


def npm_static_dirs(base: Path) -> list[tuple[str, str]]:
    """Entries for `STATICFILES_DIRS`, for installed packages."""
    folders = ((prefix, base / "node_modules" / folder) for prefix, folder in NPM_FOLDERS.items())
    return [(prefix, str(folder)) for prefix, folder in folders if folder.is_dir()]
