"""Helpers for the local model server as a separate process: its weights, and waiting until it is ready."""

import os
import subprocess
import time
from pathlib import Path

import httpx
import pytest

STARTING_SECONDS = 100.0


def models_folder() -> Path:
    """The folder in which `scripts/test` keeps the weights."""
    named = os.environ.get("LOCAL_MODELS_DIR")
    return Path(named) if named else Path(os.environ["VAR_DIR"]) / "models"


def wait_until_ready(base: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, "the local server ended"
        try:
            health = httpx.get(f"{base}/health", trust_env=False, timeout=30).json()
        except httpx.TransportError:
            health = {"status": "loading"}
        if health["status"] == "ready":
            return
        assert health["status"] == "loading", health
        time.sleep(0.2)
    pytest.fail("the local server was not ready in time")
