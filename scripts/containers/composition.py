"""Runs docker-compose.yml under its own project name, and does with it what an operator does."""

import json
import os
import shlex
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from scripts.containers.talk import HEALTHY_SECONDS, Broken
from scripts.containers.written_steps import steps

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "coach-check"
NEXT = "check-next"
FOLLOWED_SECONDS = 900.0
USER = 10001
OURS = ("web", "live", "worker", "evaluation", "beat")
STORES = ("redis", "database", "proxy")
SETTINGS = {
    "SITE_ADDRESS": "localhost",
    "SECRET_KEY": "k" * 50,
    "POSTGRES_PASSWORD": "with-a/slash@and:more",
    "DASHSCOPE_API_KEY": "sk-check",
    "CHATAI_API_KEY": "sk-check",
    "COACH_TAG": os.environ.get("COACH_TAG", "check"),
}
# Prints the user, its capabilities, and whether it can write the program's files.
WHAT_IT_MAY = """
import os
capabilities = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff"))
try:
    open("/app/written", "w")
    files = "writable"
except OSError as error:
    files = os.strerror(error.errno)
print(os.getuid(), int(capabilities, 16), files)
"""


def engine(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


class Containers:
    def __init__(self, directory: Path, models_base: str) -> None:
        has_plugin = not subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
        self._compose = ["docker", "compose"] if has_plugin else ["docker-compose"]
        composition = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
        # The check is a separate project beside an installation that may run here; 1.29 does not know "name" in the
        # file.
        del composition["name"]
        services = composition["services"]
        services["proxy"]["ports"] = ["127.0.0.1::443"]
        for name in OURS:
            services[name]["extra_hosts"] = ["models:host-gateway"]
        self._directory = directory
        (directory / "compose.json").write_text(json.dumps(composition))
        self._settings = dict(SETTINGS)
        self.set(DASHSCOPE_API_BASE=models_base, CHATAI_API_BASE=models_base)
        self._compose += ["--project-name", PROJECT, "--project-directory", str(ROOT)]
        self._compose += ["--file", str(directory / "compose.json"), "--env-file", str(directory / "settings")]

    def set(self, **settings: str) -> None:
        """Change variables of .env."""
        self._settings |= settings
        (self._directory / "settings").write_text(
            "".join(f"{name}={value}\n" for name, value in self._settings.items())
        )

    def follow(self, name: str) -> None:
        """Run the commands of docs/operations.md that are marked with this word."""
        # Older versions of Compose need -T where there is no terminal.
        commands = steps()[name].replace("docker compose exec", "docker compose exec -T")
        compose = shlex.join(self._compose)
        ours = (
            f'docker() {{ if [ "$1" = compose ]; then shift; command {compose} "$@"; else command docker "$@"; fi; }}\n'
            'sudo() { "$@"; }\n'
        )
        command = ["bash", "-euo", "pipefail", "-c", ours + commands]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self._directory, timeout=FOLLOWED_SECONDS
        )
        if done.returncode:
            raise Broken(f"docs/operations.md, {name}, failed:\n{commands}\n{(done.stdout + done.stderr)[-3000:]}")

    def run(self, *arguments: str, may_fail: bool = False, given: str = "") -> str:
        command = [*self._compose, *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode and not may_fail:
            raise Broken(f"compose {' '.join(arguments)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def start(self) -> float:
        """Start everything and wait until all of it is healthy; returns how many seconds that took."""
        began = time.monotonic()
        self.run("up", "--detach", "--scale", "web=2")
        self.wait_until_healthy()
        return time.monotonic() - began

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + HEALTHY_SECONDS
        while not self.are_healthy((*OURS, *STORES)):
            if time.monotonic() > deadline:
                raise Broken(f"not healthy after {HEALTHY_SECONDS:.0f} s")
            time.sleep(1)

    def are_healthy(self, names: Iterable[str]) -> bool:
        states = [state for name in names for state in self.states(name)]
        return all(state["Running"] and state["Health"]["Status"] == "healthy" for state in states)

    def ids(self, name: str) -> list[str]:
        """Container ids, from the engine: Compose takes seconds, for which a session would have no socket."""
        labels = (f"project={PROJECT}", f"service={name}", "oneoff=False")
        filters = [word for label in labels for word in ("--filter", f"label=com.docker.compose.{label}")]
        return engine("ps", "--all", "--quiet", *filters).split()

    def kill(self, container: str) -> None:
        """SIGKILL as a crash does it: after `docker kill` the restart policy would not act."""
        process = engine("inspect", "--format", "{{.State.Pid}}", container).strip()
        image = f"practice-coach:{self._settings['COACH_TAG']}"
        seeing_all = ("--pid", "host", "--user", "0", "--entrypoint", "sh")
        engine("run", "--rm", *seeing_all, image, "-c", f"kill -9 {process}")

    def states(self, name: str) -> list[dict[str, Any]]:
        """The engine's state of each container of a service."""
        return [container["State"] for container in json.loads(engine("inspect", *self.ids(name)))]

    def address(self) -> str:
        """The proxy's address on this machine; the port changes with each of its restarts."""
        command = ["docker", "port", *self.ids("proxy"), "443/tcp"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        port = done.stdout.strip().rpartition(":")[2]
        if not port:
            raise Broken("the proxy has no port")
        return f"localhost:{port}"

    def add_long_scenario(self) -> None:
        """Add a scenario long enough not to end while parts are restarted on a slow machine."""
        shipped = json.loads((ROOT / "seed-data" / "scenarios.json").read_text())[0]
        limits = {"idleLimitSeconds": 900, "durationLimitSeconds": 900}
        record = shipped | limits | {"externalId": "check", "title": "A talk through restarts", "status": "published"}
        imported = ("python", "manage.py", "seed_scenarios", "--scenarios", "/dev/stdin")
        self.run("exec", "-T", "worker", *imported, given=json.dumps([record]))

    def check_rights(self) -> None:
        for name in OURS:
            what = self.run("exec", "-T", name, "python", "-c", WHAT_IT_MAY).strip()
            if what != f"{USER} 0 Read-only file system":
                raise Broken(f"{name} may do more than it should (user, capabilities, files): {what}")

    def lose_everything_and_restore(self) -> None:
        self.follow("backup")
        self.run("down", "--volumes")
        self.follow("restore")
        self.wait_until_healthy()

    def upgrade(self) -> None:
        """Upgrade to a release that differs only in its name."""
        self.set(COACH_TAG=NEXT)
        self.follow("build")
        self.follow("replace")

    def go_back_with_other_secrets(self) -> None:
        """Go back to the earlier release, with another SECRET_KEY and another database password."""
        self.follow("password")
        secrets = {"SECRET_KEY": "n" * 50, "POSTGRES_PASSWORD": "THE-NEW-ONE"}
        self.set(COACH_TAG=SETTINGS["COACH_TAG"], **secrets)
        self.follow("replace")

    def keep_recordings_in(self, store: dict[str, str]) -> None:
        """New recordings from now on, and those that are here already."""
        self.set(**store)
        self.follow("replace")
        self.run("exec", "-T", "worker", "python", "manage.py", "audio", "move", "--to", "s3")

    def remove(self) -> None:
        self.run("down", "--volumes", "--timeout", "5")
        subprocess.run(["docker", "image", "rm", f"practice-coach:{NEXT}"], capture_output=True, check=False)

    def stop(self) -> float:
        """Stop everything like an operator; returns how many seconds that took."""
        began = time.monotonic()
        self.run("stop")
        for name in OURS:
            for state in self.states(name):
                if state["ExitCode"] or state["OOMKilled"]:
                    raise Broken(f"{name} did not end in order: {state}")
        return time.monotonic() - began
