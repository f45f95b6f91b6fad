"""scripts/up: installs what is missing, then starts coach.supervision, which runs everything."""

import argparse
import os
import subprocess
import sys

import browser_modules
import python_packages
import translations
from alone import alone
from commands import ROOT
from console import Trouble


def main(arguments):
    asked = _arguments(arguments)
    _require_port(asked.host, asked.port)
    # A relative VAR_DIR counts from the caller's directory, in every process.
    if os.environ.get("VAR_DIR"):
        os.environ["VAR_DIR"] = os.path.abspath(os.path.expanduser(os.environ["VAR_DIR"]))
    os.chdir(ROOT)
    with alone():
        python_packages.ensure("base")
        if _needs_local_models():
            python_packages.ensure("local")
        browser_modules.ensure(development=False)
        translations.ensure()
    sys.stdout.flush()
    python = str(python_packages.PYTHON)
    command = [python, "-m", "coach.supervision", "--host", asked.host, "--port", str(asked.port)]
    os.execv(python, command)


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/up",
        description="Set up whatever is missing, then run the practice coach in the foreground.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    asked = parser.parse_args(arguments)
    if not 0 <= asked.port <= 65535:
        parser.error(f"--port must be between 0 and 65535, not {asked.port}")
    return asked


def _require_port(host, port):
    """Refuse a port that is taken now, not after minutes of installing.

    Somebody else may still take it before the coach opens it.
    """
    sys.path.append(str(ROOT / "coach" / "supervision"))
    import listen_address  # the coach itself can only be imported once its packages are installed

    try:
        listen_address.listen(host, port).close()
    except listen_address.AddressRefused as refused:
        raise Trouble(str(refused)) from None


def _needs_local_models():
    """Read from the real settings, which also refuses incomplete ones before anything is started."""
    check = "from coach.config import config; print(','.join(sorted(config.local_parts)))"
    done = subprocess.run(
        [str(python_packages.PYTHON), "-c", check], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    return bool(done.stdout.strip()) and (ROOT / "coach" / "local_models").is_dir()
