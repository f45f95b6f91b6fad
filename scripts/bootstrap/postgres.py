"""Runs our own PostgreSQL server for one test run: on loopback, in a temporary directory, deleted afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import system_packages
from console import Step, Trouble

# No durability: a test server may lose its data in a crash.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


class Server:
    """Can be stopped and started again. `url` names a database; its user may create others."""

    def __init__(self, directory):
        self._programs = system_packages.postgresql_programs()
        self._directory = directory
        self._become = _become_unprivileged(directory)
        self._data = directory / "data"
        self._port = _free_port()
        self.url = f"postgres://coach@127.0.0.1:{self._port}/postgres"

    def create(self):
        self._call("initdb", "-U", "coach", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def start(self):
        """Start it, and wait until it answers."""
        where = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._directory}"
        self._call("pg_ctl", "-w", "-t", "60", "-l", self._directory / "log", "-o", f"{where} {OPTIONS}", "start")

    def stop(self, how="immediate"):
        """`fast` closes all connections first, like a restart of the service."""
        self._call("pg_ctl", "-m", how, "-w", "stop")

    @property
    def address(self):
        return f"127.0.0.1:{self._port}"

    @property
    def created(self):
        return self._data.exists()

    def _call(self, program, *arguments):
        command = [*self._become, self._programs / program, "-D", self._data, *arguments]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            log = self._directory / "log"
            said = done.stderr.strip() or (log.read_text()[-400:] if log.exists() else "")
            raise Trouble(f"PostgreSQL for the tests did not do {program}: {said[-400:]}")


@contextmanager
def running():
    """Yield a running Server; its files are deleted afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="coach-pg-"))
    server = Server(directory)
    try:
        server.create()
        server.start()
        yield server
    finally:
        if server.created:
            with suppress(Trouble):  # Already stopped by a test.
                server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def server():
    """Yield the DATABASE_URL of a server for one test run."""
    with ExitStack() as stack:
        with Step("PostgreSQL for the tests") as step:
            made = stack.enter_context(running())
            step.outcome = f"on {made.address}"
        yield made.url


def _become_unprivileged(directory):
    """The command prefix that runs PostgreSQL as another user, who then owns `directory`; it refuses to run as root."""
    if os.geteuid():
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(directory, user.pw_uid, user.pw_gid)
        return ["runuser", "-u", name, "--"]
    raise Trouble(
        "PostgreSQL does not run as root and there is no other user here: run scripts/test as an ordinary user."
    )


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
