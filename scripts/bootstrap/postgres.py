"""A PostgreSQL server of our own for one test run: on loopback, in a temporary directory, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import system_packages
from console import Step, Trouble

# A test server may forget everything when the machine fails.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


@contextmanager
def server():
    """Yield a DATABASE_URL whose user may create databases."""
    programs = system_packages.postgresql_programs()
    directory = Path(tempfile.mkdtemp(prefix="coach-pg-"))
    become = _become_unprivileged(directory)
    data = directory / "data"
    port = _free_port()

    def call(*command, keep=False):
        done = subprocess.run([*become, *map(str, command)], capture_output=True, text=True, cwd="/", check=False)
        if done.returncode and not keep:
            log = (directory / "log").read_text()[-400:] if (directory / "log").exists() else ""
            raise Trouble(f"PostgreSQL for the tests did not start: {(done.stderr.strip() or log)[-400:]}")

    try:
        with Step("PostgreSQL for the tests") as step:
            call(programs / "initdb", "-D", data, "-U", "coach", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
            call(
                programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", directory / "log", "-o",
                f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory} {OPTIONS}", "start",
            )  # fmt: skip
            step.outcome = f"on 127.0.0.1:{port}"
        yield f"postgres://coach@127.0.0.1:{port}/postgres"
    finally:
        if data.exists():
            call(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", keep=True)
        shutil.rmtree(directory, ignore_errors=True)


def _become_unprivileged(directory):
    """PostgreSQL refuses to run as root: the command that makes it somebody else, who then owns `directory`."""
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
