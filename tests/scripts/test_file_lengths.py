"""No file grows past three hundred lines; the few that are still longer are listed here."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 300
PLACES = ("coach", "practice", "evaluations", "history", "scripts", "static", "templates", "deploy", ".ci")
DATA = (".json", ".bin", ".md", ".svg", ".png", ".txt", ".wasm", ".onnx", ".mp3", ".wav", ".woff2", ".ico", ".npz")
LONGER = {
    "scripts/bench/hands_free",
    "scripts/bench/speaking",
}


def lengths() -> dict[str, int]:
    tracked = subprocess.run(["git", "ls-files", *PLACES], cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        path: len((ROOT / path).read_text("utf-8").splitlines())
        for path in tracked.stdout.splitlines()
        if not path.endswith(DATA) and "/migrations/" not in path and (ROOT / path).is_file()
    }


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    found = lengths()
    assert len(found) > 500
    too_long = {path: lines for path, lines in found.items() if lines > MOST and path not in LONGER}
    assert too_long == {}
