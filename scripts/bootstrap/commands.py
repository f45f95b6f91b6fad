"""Runs other programs during setup: every line is logged, and a failure becomes one sentence."""

import os
import re
import subprocess
from pathlib import Path

from console import Trouble

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT / ".venv" / "setup.log"

NO_SPACE = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded")
NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Failed to establish a new connection|Network is unreachable"
    r"|Name or service not known|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|Connection refused"
    r"|Connection timed out|Read timed out|Max retries exceeded|Temporary failure resolving|Could not connect to"
    r"|ProxyError|getaddrinfo|NewConnectionError|ConnectTimeoutError|Could not fetch URL"
)
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES|EINTEGRITY|integrity checksum failed", re.IGNORECASE)


def run(arguments, *, what, line=None, env=None, cwd=ROOT):
    """Run a program to its end, passing each output line to `line`. Raises Trouble, which says what to do, if it fails.

    `what` completes "… could not be …", e.g. "The Python packages could not be installed".
    """
    lines = []
    log = LOG if LOG.parent.is_dir() else None
    handle = log.open("a", encoding="utf-8") if log else None
    try:
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            for text in process.stdout:
                text = text.rstrip("\n")
                lines.append(text)
                del lines[:-200]
                if handle and not text.startswith("Progress "):
                    handle.write(text + "\n")
                if line:
                    line(text)
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    except FileNotFoundError:
        raise Trouble(f"{what}: the program {arguments[0]} is not there.") from None
    finally:
        if handle:
            handle.close()
    if code:
        raise Trouble(f"{what}: {reason(lines, code)}{f' (details: {log})' if log else ''}")


def reason(lines, code):
    """Why a program failed, and what to do about it, from its last lines."""
    text = "\n".join(lines)
    if NO_SPACE.search(text):
        return "the disk is full; free some space and run this again, what was fetched is kept."
    if WRONG_HASH.search(text):
        return "a file does not have the checksum it should have; run this again, and if it stays so, do not use it."
    if NO_NETWORK.search(text):
        return "the network cannot be reached; check connection and proxy and run this again, what was fetched is kept."
    said = [line.strip() for line in lines if line.strip() and not line.startswith("Progress ")]
    errors = [line for line in said if re.match(r"(npm )?(error|E:)\b", line, re.IGNORECASE)]
    return (errors or said or [f"it ended with status {code}"])[-1][:300].rstrip(".") + "."
