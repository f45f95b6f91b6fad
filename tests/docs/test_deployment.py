"""Dockerfile, docker-compose.yml and the systemd units name files that exist and pass settings that are valid."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings
from django.core.management import get_commands

from coach.config import config, load
from scripts.containers.written_steps import steps
from tests.docs.test_documents import OF_LIBRARIES, ROOT, known_variables

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("practice-coach")}
GIVEN = {
    "SECRET_KEY": "k" * 40,
    "POSTGRES_PASSWORD": "secret",
    "SITE_ADDRESS": "coach.example.org",
    "DASHSCOPE_API_KEY": "sk-one",
    "CHATAI_API_KEY": "sk-two",
}


def substituted(text: str, given: dict[str, str]) -> str:
    """Substitute as Compose does: `${NAME:-default}`, `${NAME-unless it is set to nothing}`, `${NAME:?if required}`."""

    def value(found: re.Match[str]) -> str:
        name, kind, words = found[1], found[2], found[3]
        if kind == "-":
            return given.get(name, words)
        assert given.get(name) or kind == ":-", f"{name}: {words}"
        return given.get(name) or words

    return re.sub(r"\$\{(\w+)(:?-|:\?)([^}]*)\}", value, text)


def settings(given: dict[str, str]) -> dict[str, str]:
    return {name: substituted(value, given) for name, value in SERVICES["web"]["environment"].items()}


def test_the_required_variables_alone_give_valid_settings() -> None:
    config = load(settings(GIVEN))
    assert config.database_url == "postgres://coach@database:5432/coach"
    assert settings(GIVEN)["PGPASSWORD"] == "secret"
    assert config.allowed_hosts == ["coach.example.org", "127.0.0.1"]
    assert config.local_parts == frozenset()
    assert (config.max_active, config.audio_store) == (20, "local")


@pytest.mark.parametrize("name", GIVEN)
def test_each_missing_required_variable_is_asked_for(name: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    with pytest.raises(AssertionError, match=name):
        substituted(text, GIVEN | {name: ""})


def test_every_variable_passed_to_containers_is_a_setting() -> None:
    names = set(SERVICES["web"]["environment"])
    assert sorted(name for name in names - known_variables() if not OF_LIBRARIES.fullmatch(name)) == []
    config = load(settings(GIVEN | {"AUDIO_STORE": "s3", "S3_BUCKET": "b", "S3_ENDPOINT_URL": "http://s3:9000"}))
    assert config.audio_store == "s3"


def test_every_command_exists() -> None:
    image_default = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert image_default
    commands = [yaml.safe_load(image_default[1]), *(each["command"] for each in OURS.values() if "command" in each)]
    for command in commands:
        words = shlex.split(command[2]) if command[:2] == ["sh", "-c"] else command
        for program in {words[0]} - {"python"}:
            assert Path(sys.executable).with_name(program).exists(), program
        for number, word in enumerate(words):
            if word == "manage.py":
                assert words[number + 1] in get_commands()
        if words[0] == "celery":
            assert words[1:4] == ["--quiet", "-A", "coach"]


def test_the_image_is_built_once_for_all_services() -> None:
    assert [name for name, service in SERVICES.items() if "build" in service] == ["migrate"]
    assert {service["pull_policy"] for service in OURS.values()} == {"never"}


def test_every_setting_of_one_installation_can_be_given_to_the_containers() -> None:
    made_by_the_image = {"VAR_DIR", "DEBUG", "LOCAL_LLM", "LOCAL_MODELS_URL", "WEB_PROCESSES"}
    assert known_variables() - made_by_the_image <= set(SERVICES["web"]["environment"])


def test_containers_can_be_told_that_audio_has_no_prefix() -> None:
    assert load(settings(GIVEN)).roleplay.audio_prefix == load(GIVEN).roleplay.audio_prefix
    assert load(settings(GIVEN | {"DASHSCOPE_AUDIO_PREFIX": ""})).roleplay.audio_prefix == ""


@pytest.mark.parametrize("name", OURS)
def test_every_part_that_stays_has_a_health_check_a_memory_limit_and_a_bounded_log(name: str) -> None:
    service = OURS[name]
    assert service["mem_limit"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service.get("restart") == "no" or "healthcheck" in service


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    # Without a start period, a busy machine's database would be called unhealthy while it is being initialised.
    assert SERVICES[name]["healthcheck"]["start_period"]


def test_the_web_health_check_bypasses_proxies() -> None:
    """Docker gives `HTTP_PROXY` to every container where its configuration names one."""
    asked: list[str] = []

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if len(asked) == 1 else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = str(server.server_address[1])
        _, python, *command = [word.replace("8000", port) for word in SERVICES["web"]["healthcheck"]["test"]]
        environment = os.environ | dict.fromkeys(("HTTP_PROXY", "http_proxy"), "http://127.0.0.1:9")
        environment = {name: value for name, value in environment.items() if name.lower() != "no_proxy"}
        status = [subprocess.run([sys.executable, *command], env=environment, check=False).returncode for _ in range(2)]
        server.shutdown()
    assert (python, status, asked) == ("python", [0, 1], ["/readyz", "/readyz"])


def test_a_stand_in_is_built_for_every_image_that_is_named() -> None:
    named = {service["image"] for name, service in SERVICES.items() if name not in OURS}
    named |= set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    making = (ROOT / "scripts" / "containers" / "base-images").read_text()
    made = dict(pair.split("=") for pair in re.findall(r"\w+=\S+:[\w.-]+", making))
    assert set(made.values()) == named
    stages = re.findall(
        r"^FROM \S+ AS (\w+)$", (ROOT / "scripts" / "containers" / "Dockerfile").read_text(), re.MULTILINE
    )
    assert set(made) <= set(stages)


def test_without_a_container_engine_the_check_is_skipped_with_a_reason(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "check-containers")]
    done = subprocess.run(
        command, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (77, "")
    assert done.stderr.startswith("Containers were not checked: there is no docker command here")


@pytest.mark.parametrize("name", ["build", "replace", "backup", "restore", "password"])
def test_the_documented_steps_name_existing_services_and_commands(name: str) -> None:
    """scripts/check-containers runs them."""
    commands = steps()[name]
    parsed = subprocess.run(["bash", "-n", "-c", commands], capture_output=True, text=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, "")
    words = shlex.split(commands.replace("$(", " ").replace(")", " "))
    assert set(re.findall(r"\$(\w+)", commands)) <= {"old", "PWD"}
    assert set(words) & set(SERVICES)
    assert {words[number + 1] for number, word in enumerate(words) if word == "manage.py"} <= set(get_commands())


def test_the_proxies_pass_on_a_503_and_start_without_the_web_processes() -> None:
    caddy, nginx = ((ROOT / "deploy" / name).read_text() for name in ("Caddyfile", "nginx.conf"))
    assert "unhealthy_status" not in caddy
    assert "256KiB" in caddy
    assert "http_503" not in nginx
    assert nginx.count("max_fails=0") == nginx.count("    server 127.0.0.1:")
    assert "proxy_connect_timeout" in nginx
    assert "limit_req_status 429" in nginx
    assert "depends_on" not in SERVICES["proxy"]


UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
EXEC = re.compile(r"^ExecStart=/opt/practice-coach/\.venv/bin/(\S+) (.*)$", re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_units_run_the_commands_of_the_containers(unit: Path) -> None:
    commands = EXEC.findall(unit.read_text())
    assert len(commands) == unit.read_text().count("\nExecStart=")
    for program, arguments in commands:
        assert Path(sys.executable).with_name(program).exists()
        assert "coach.asgi:application" in arguments or " -A coach " in arguments or program == "python"
        if program == "python":
            assert arguments.split()[0] == "manage.py"
            assert arguments.split()[1] in get_commands()


def test_the_release_unit_runs_the_commands_of_the_migrate_service() -> None:
    once = " && ".join(" ".join(command) for command in EXEC.findall((UNITS[1]).read_text())[1:])
    assert UNITS[1].name == "practice-coach-release.service"
    assert OURS["migrate"]["command"] == ["sh", "-c", once]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_unit_has_limits_and_few_rights(unit: Path) -> None:
    lines = set(unit.read_text().splitlines())
    assert {"MemoryMax=1G"} <= lines
    assert "Type=oneshot" in lines or {"LimitNOFILE=65536", "Restart=always"} <= lines
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"} <= lines
    assert {"SystemCallFilter=@system-service", "RestrictNamespaces=yes", "User=practice-coach"} <= lines


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_analyze_accepts_every_unit(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/practice-coach/.venv/bin/", f"{Path(sys.executable).parent}/")
        (tmp_path / unit.name).write_text(text)
        named = str(tmp_path / unit.name.replace("@", "@8001"))
        if named != str(tmp_path / unit.name):
            Path(named).symlink_to(tmp_path / unit.name)
        said = subprocess.run(["systemd-analyze", "verify", named], capture_output=True, text=True, check=False)
        assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_everything_that_services_refer_to_is_declared() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]
    for name, wanted in SERVICES["web"]["depends_on"].items():
        assert wanted["condition"] != "service_healthy" or "healthcheck" in SERVICES[name]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_few_rights(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("name", OURS)
def test_everything_written_has_a_volume_beside_the_read_only_file_system(name: str) -> None:
    written = [given["LOCATION"] for given in django_settings.CACHES.values() if "file" in given["BACKEND"]]
    written += [django_settings.STORAGES["audio-local"]["OPTIONS"]["location"]]
    places = [*OURS[name]["tmpfs"], *(volume.split(":")[1] for volume in OURS[name]["volumes"])]
    for folder in written:
        inside = Path("/var/lib/coach") / Path(folder).relative_to(config.var_dir)
        assert any(inside.is_relative_to(place) for place in places), inside


def test_the_image_holds_the_program_and_no_ignored_files() -> None:
    copied = {
        source for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE) for source in line.split()
    }
    assert all((ROOT / source).exists() for source in copied)
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]
    assert set(packages) <= copied
