"""`LOCAL_LLM=auto` tries a running server, a file, the hub, the packaged model, and says why each was skipped."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from coach.local_models.download.hub import HUB_MODELS
from coach.local_models.download.model_files import DEFAULT_LLM, TINY_LLM
from coach.local_models.download.registries import WeightsError
from coach.local_models.language_model import llm_servers
from coach.local_models.language_model.gguf_header import GgufHeader, NotGguf, read_header
from coach.local_models.language_model.hardware import Hardware, this_machine
from coach.local_models.language_model.llama import Llama
from coach.local_models.language_model.llm import EngineError
from coach.local_models.language_model.llm_choice import choose, facts_of, fetch_plan
from coach.local_models.language_model.llm_servers import LlmServer, find_server
from tests import ports
from tests.local_models.gguf import gguf
from tests.local_models.real_server import models_folder

SMALL_MACHINE = Hardware(memory=8 * 10**9, cores=2)
LARGE_MACHINE = Hardware(memory=32 * 10**9, cores=8)
NOBODY: tuple[LlmServer, ...] = (LlmServer("Ollama", "http://127.0.0.1:9/v1", llm_servers._ollama),)


@contextmanager
def serving(answers: dict[str, Any]) -> Iterator[str]:
    """Yields `http://127.0.0.1:PORT/v1` of a server with these answers by path: JSON for dicts and lists, else raw."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path)
            body = (json.dumps(found) if isinstance(found, dict | list) else str(found)).encode()
            self.send_response(200 if found is not None else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def ollama(*models: tuple[str, str, float], loaded: str = "") -> dict[str, Any]:
    tags = [
        {"name": name, "size": int(size * 10**9), "details": {"parameter_size": label}} for name, label, size in models
    ]
    return {"/api/tags": {"models": tags}, "/api/ps": {"models": [{"name": loaded}] if loaded else []}}


def find(answers: dict[str, Any], kind: Any = llm_servers._ollama, machine: Hardware = LARGE_MACHINE) -> Any:
    with serving(answers) as base:
        found, reasons = find_server(machine.misfit, [LlmServer("The server", base, kind)])
    return (found.model.name if found else None), reasons


def test_the_largest_chat_model_of_a_running_server_that_fits_is_chosen() -> None:
    models = [("nomic-embed-text:latest", "137M", 0.3), ("qwen2.5:1.5b", "1.5B", 1.0), ("qwen2.5:7b", "7.6B", 4.7)]
    assert find(ollama(*models)) == ("qwen2.5:7b", [])
    assert find(ollama(*models, ("llama3.3:70b", "70.6B", 43)))[0] == "qwen2.5:7b"


def test_a_loaded_model_is_preferred_to_a_larger_one() -> None:
    models = [("gemma3:4b", "4.3B", 3.3), ("qwen2.5:7b", "7.6B", 4.7)]
    assert find(ollama(*models, loaded="gemma3:4b"))[0] == "gemma3:4b"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (ollama(("qwen2.5:1.5b", "1.5B", 1.0)), "serves no chat model of at least 3B (but qwen2.5:1.5b)"),
        (ollama(("mxbai-embed-large", "334M", 0.7)), "serves no chat model"),
        (ollama(), "serves no chat model"),
        (ollama(("llama3.3:70b", "70.6B", 43)), "llama3.3:70b: needs 55 GB of memory, this machine has 32"),
        ({"/api/tags": "<html>", "/api/ps": "<html>"}, "is something else"),
        ({"/api/tags": ["no", "object"], "/api/ps": {}}, "is something else"),
        ({}, "nothing answers"),
    ],
)
def test_an_unsuitable_server_is_skipped_with_a_reason(answers: dict[str, Any], reason: str) -> None:
    name, reasons = find(answers)
    assert name is None
    assert reason in reasons[0]


def test_lm_studio_and_llama_cpp_are_asked_by_their_own_apis() -> None:
    studio = {
        "/api/v0/models": {
            "data": [
                {"id": "text-embedding-nomic", "type": "embeddings", "state": "loaded"},
                {"id": "qwen2.5-7b-instruct", "type": "llm", "state": "not-loaded"},
            ]
        }
    }
    assert find(studio, llm_servers._lm_studio) == ("qwen2.5-7b-instruct", [])
    own = {"id": "/models/m.gguf", "owned_by": "llamacpp", "meta": {"n_params": 4_022_468_096, "size": 2_491_000_000}}
    assert find({"/v1/models": {"data": [own]}}, llm_servers._llama_cpp) == ("/models/m.gguf", [])
    other = {"id": "anything-7b", "owned_by": "somebody"}
    assert find({"/v1/models": {"data": [other]}}, llm_servers._llama_cpp)[0] is None


def test_a_server_that_never_answers_does_not_delay_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_servers, "READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        found, reasons = find_server(LARGE_MACHINE.misfit, [LlmServer("Ollama", base, llm_servers._ollama)])
    assert found is None
    assert "nothing answers" in reasons[0]


def test_a_server_is_preferred_to_a_file_and_named(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(gguf("Mine"))
    with serving(ollama(("qwen2.5:7b", "7.6B", 4.7))) as base:
        servers = [LlmServer("Ollama", base, llm_servers._ollama)]
        chosen = choose("auto", tmp_path, hardware=LARGE_MACHINE, servers=servers)
    assert chosen is not None
    assert chosen.llm == f"{base}#qwen2.5:7b"
    assert (chosen.facts.name, chosen.facts.bytes) == ("qwen2.5:7b", 4_700_000_000)
    assert (chosen.facts.source, chosen.facts.server) == ("server", "Ollama")


def test_a_file_in_var_dir_is_preferred_to_the_hub(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine.gguf").write_bytes(gguf("My Model", "mit"))
    (tmp_path / "models" / "vectors.gguf").write_bytes(gguf("Vectors", architecture="bert") + bytes(5000))
    (tmp_path / "models" / "half.gguf").write_bytes(b"GGUF" + bytes(3))
    (tmp_path / "page.gguf").write_bytes(b"<html>")
    chosen = choose("auto", tmp_path, hardware=LARGE_MACHINE, servers=NOBODY)
    assert chosen is not None
    assert (chosen.facts.name, chosen.facts.licence) == ("My Model", "mit")
    assert [reason.split(":")[0] for reason in chosen.passed_over] == ["Ollama", "vectors.gguf"]
    assert fetch_plan("auto", tmp_path, hardware=LARGE_MACHINE, servers=NOBODY).hub is None


def test_after_a_file_that_cannot_be_loaded_the_next_choice_is_used(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(gguf("Mine"))
    chosen = choose("auto", tmp_path, {str(tmp_path / "mine.gguf"): "could not be loaded"}, servers=NOBODY)
    assert chosen is None, "nothing else is here yet"
    packaged(tmp_path)
    chosen = choose(
        "auto", tmp_path, {str(tmp_path / "mine.gguf"): "could not be loaded"}, hardware=SMALL_MACHINE, servers=NOBODY
    )
    assert chosen is not None
    assert chosen.facts.source == "packaged"
    assert "mine.gguf: could not be loaded" in chosen.passed_over


def packaged(var_dir: Path) -> None:
    path = var_dir / "models" / DEFAULT_LLM.path
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.truncate(DEFAULT_LLM.size)
    path.with_name(path.name + ".sha256").write_text(DEFAULT_LLM.sha256)


def test_a_present_model_is_used_while_a_better_one_is_fetched_for_the_next_start(tmp_path: Path) -> None:
    packaged(tmp_path)
    chosen = choose("auto", tmp_path, hardware=LARGE_MACHINE, servers=NOBODY)
    plan = fetch_plan("auto", tmp_path, hardware=LARGE_MACHINE, servers=NOBODY)
    assert chosen is not None
    assert chosen.llm.endswith(DEFAULT_LLM.path)
    assert f"{HUB_MODELS[0].name} of the hub: not here yet" in chosen.passed_over
    assert (plan.hub, plan.fallback) == (HUB_MODELS[0], "default")


def test_a_small_machine_gets_the_packaged_model_with_a_reason(tmp_path: Path) -> None:
    plan = fetch_plan("auto", tmp_path, hardware=SMALL_MACHINE, servers=NOBODY)
    assert (plan.packaged, plan.hub) == ("default", None)
    assert [reason.split(":")[0] for reason in plan.passed_over] == [
        "Ollama",
        "VAR_DIR",
        "Qwen2.5 7B Instruct of the hub",
        "Qwen3 4B Instruct 2507 of the hub",
    ]


def test_explicit_values_of_local_llm_are_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(gguf())
    assert fetch_plan("small", tmp_path).packaged == "small"
    assert fetch_plan(str(mine), tmp_path).packaged == ""
    assert fetch_plan("http://127.0.0.1:11434/v1", tmp_path).packaged == ""
    assert choose(str(mine), tmp_path).facts.name == "mine"  # type: ignore[union-attr]
    assert choose("http://127.0.0.1:11434/v1#m", tmp_path).llm == "http://127.0.0.1:11434/v1#m"  # type: ignore[union-attr]
    assert choose("small", tmp_path) is None
    with pytest.raises(EngineError, match="does not exist"):
        choose(str(tmp_path / "gone.gguf"), tmp_path)
    with pytest.raises(WeightsError, match="LOCAL_LLM is 'huge'"):
        fetch_plan("huge", tmp_path)


def test_a_gguf_header_gives_name_licence_and_size(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf("Some Model", "apache-2.0", size_label="4B"))
    assert read_header(path) == GgufHeader("Some Model", "apache-2.0", "4B", "llama")
    for damaged in (b"", b"GGUF", gguf("Some Model")[:30], b"GGUF" + b"\xff" * 64):
        path.write_bytes(damaged)
        with pytest.raises(NotGguf):
            read_header(path)


def test_memory_and_cores_of_this_machine_are_read() -> None:
    here = this_machine()
    assert here.memory > 10**8
    assert here.cores >= 1


@pytest.mark.models
@pytest.mark.timeout(300)
def test_a_real_file_in_var_dir_answers_and_is_named_on_health(tmp_path: Path) -> None:
    """With the real process and a real tiny GGUF under another name than the packaged model's."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a-file-of-mine.gguf").symlink_to(models_folder() / TINY_LLM.path)
    port = ports.reserved()
    options = ["--port", str(port), "--var-dir", str(tmp_path), "--parts", "text", "--llm", "auto"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "coach.local_models", *options], stdout=log, stderr=log, env=dict(os.environ)
        )
    try:
        until = time.monotonic() + 120
        health: dict[str, Any] = {"status": "loading"}
        while health["status"] == "loading" and time.monotonic() < until:
            assert server.poll() is None
            try:
                health = httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False, timeout=30).json()
            except httpx.TransportError:
                continue
        assert health["status"] == "ready", health
        assert health["llm"]["bytes"] == TINY_LLM.size
        assert health["llm"]["source"] == "file"
        assert health["llm"]["passedOver"]
        assert facts_of(tmp_path / "models" / "a-file-of-mine.gguf").name == health["llm"]["name"]
    finally:
        server.terminate()
        server.wait(10)


def test_a_missing_library_of_the_system_is_named_with_the_package_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = "libgomp.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "xllamacpp.py").write_text(f"raise ImportError({missing!r})")
    monkeypatch.delitem(sys.modules, "xllamacpp", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match=f"^{missing}; on Debian `apt-get install libgomp1`"):
        Llama(tmp_path / "model.gguf").load()
