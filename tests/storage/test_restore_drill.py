"""Restore drill: back up, lose the machine, restore on an empty one, compare everything, repeat later erasures.

Every step is a command of docs/operations.md, run on both databases and on machines with their own settings.
"""

import os
import secrets
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests import programs

pytestmark = pytest.mark.processes

MAKE = """
    from datetime import UTC, datetime
    from coach.storage import audio, audio_upload
    from practice.models import PracticeSession, Turn
    from tests import cast
    from tests.history.cast import past_session
    now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    scenario = cast.scenario()
    for number in range(2):
        session = past_session(scenario, at=now)
        ai, trainee = {"reply_status": "complete"}, {"asr_status": "completed"}
        for sequence, speaker, status in ((0, "ai", ai), (1, "trainee", trainee)):
            mp3 = audio.keep(f"mp3 {number} {sequence}".encode(), duration_ms=900, now=now)
            Turn.objects.create(session=session, sequence=sequence, speaker=speaker, audio=mp3, created_at=now,
                                transcript="Tabs\\tand\\nlines, \\\\ and 汉字.", **status)
        if number == 0:
            audio_upload.upload_due(now)
            audio_upload.drop_local_copies(now + audio_upload.LOCAL_COPY_KEPT)
    answer = list(PracticeSession.objects.order_by("pk").values_list("pk", flat=True))
"""

SNAPSHOT = """
    import hashlib, json
    from django.apps import apps
    from django.core import serializers
    from coach.config import config
    from coach.storage import audio
    from coach.storage.models import AudioFile
    rows = {
        model._meta.label: json.loads(serializers.serialize("json", model._default_manager.order_by("pk")))
        for model in apps.get_models() if model._meta.label not in ("history.Tally",)
    }
    from history.models import Tally
    rows["tally"] = sorted(Tally.objects.values_list("user_id", "scenario_id", "sessions", "held", "seconds"))
    recordings = AudioFile.objects.order_by("pk")
    rows["recordings"] = {one.pk: hashlib.sha256(audio.read(one)).hexdigest() for one in recordings}
    rows["key"] = (config.var_dir / "keys" / "secret-key").read_text()
    answer = rows
"""

ERASE = """
    from coach import clock
    from history import erasure
    from practice.models import PracticeSession
    one = PracticeSession.objects.get(pk={pk!r})
    erasure.erase(one.pk, user_id=one.user_id, now=clock.now())
"""

NOTE = """
    from coach import clock
    from history import erasure_ledger
    answer = erasure_ledger.note_new(clock.now())
"""

GO_ON = """
    from practice.models import PracticeSession
    from history.models import Tally, Visit
    from coach import clock
    from tests import cast
    from tests.history.cast import past_session
    one = past_session(cast.scenario(), at=clock.now())
    Visit.objects.create(session=one, step_count=1, opened_at=clock.now(), last_seen_at=clock.now())
    answer = PracticeSession.objects.count() == sum(Tally.objects.values_list("sessions", flat=True))
"""


class Machine:
    """An installation with its own VAR_DIR, database and settings, and a process that runs its commands."""

    def __init__(self, var_dir: Path, database_url: str = "") -> None:
        self.var_dir = var_dir
        var_dir.mkdir()
        self.environment = {**os.environ, "VAR_DIR": str(var_dir), "DATABASE_URL": database_url, "SECRET_KEY": ""}
        self._console = programs.Console(self.environment, var_dir / "console.log")

    def run(self, *words: str) -> str:
        """Run a management command; returns its output, or `refused: ` and its error."""
        return self.python(f"""
            from io import StringIO
            from django.core.management import CommandError, call_command
            said = StringIO()
            try:
                call_command(*{words!r}, stdout=said)
                answer = said.getvalue()
            except CommandError as error:
                answer = f"refused: {{error}}"
        """)

    def did(self, *words: str) -> str:
        said = self.run(*words)
        assert not said.startswith("refused"), said
        return said

    def python(self, code: str) -> Any:
        """Run Python code on the machine; returns the value of `answer`."""
        return self._console.run(textwrap.dedent(code))

    def end(self) -> None:
        self._console.end(5)


@contextmanager
def a_database() -> Iterator[str]:
    server, name = os.environ["TEST_POSTGRES_URL"], f"drill_{secrets.token_hex(4)}"
    at = psycopg.connect(server.rpartition("/")[0] + "/postgres", autocommit=True)
    at.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        at.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        at.close()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """`machine(name, database_url)` creates a machine that ends with the test."""
    made: list[Machine] = []

    def make(name: str, database_url: str = "") -> Machine:
        made.append(Machine(tmp_path / name, database_url))
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.fixture(params=["sqlite", "postgresql"])
def machines(request: pytest.FixtureRequest, machine: Callable[..., Machine]) -> Iterator[tuple[Machine, Machine]]:
    """The one that will be lost, and an empty one."""
    if request.param == "sqlite":
        yield machine("lost"), machine("new")
        return
    with a_database() as lost, a_database() as new:
        yield machine("lost", lost), machine("new", new)


@pytest.mark.timeout(400)
def test_a_lost_machine_is_restored_completely_and_later_erasures_are_repeated(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    lost, new = machines
    archive, ledger = tmp_path / "backup.tar.gz", tmp_path / "erasures.jsonl"
    lost.did("migrate", "-v", "0")
    kept, erased_since = lost.python(MAKE)
    lost.did("backup", str(archive))
    before = lost.python(SNAPSHOT)
    lost.python(ERASE.format(pk=erased_since))
    lost.did("erasures", "write", str(ledger))
    lost.python(NOTE)
    lost.did("backup", str(tmp_path / "later.tar.gz"))

    if new.environment["DATABASE_URL"]:
        new.did("migrate", "-v", "0")
    new.did("restore", str(archive))
    assert new.python(SNAPSHOT) == before
    assert "already" in new.run("restore", str(archive))

    assert "1 of these sessions were back" in new.did("erasures", "again", str(tmp_path / "later.tar.gz"))
    assert "0 of these sessions were back" in new.did("erasures", "again", str(ledger))
    after = new.python(SNAPSHOT)
    assert [row["pk"] for row in after["practice.PracticeSession"]] == [kept]
    assert len(after["recordings"]) == 2
    assert new.python(GO_ON)

    # The machine is in use again; --force replaces everything on it, later erasures included.
    new.did("restore", "--force", str(archive))
    assert new.python(SNAPSHOT) == before
    assert new.python(GO_ON)


def test_a_killed_backup_leaves_no_file_that_looks_complete(machine: Callable[..., Machine], tmp_path: Path) -> None:
    one, archive, partial = machine("one"), tmp_path / "backup.tar.gz", tmp_path / "backup.tar.gz.part"
    one.did("migrate", "-v", "0")
    one.python(f"""
        import os
        folder = {str(one.var_dir / "audio")!r}
        os.makedirs(folder, exist_ok=True)
        os.mknod(os.path.join(folder, "long.mp3"))
        answer = None
    """)
    dies = f"""
        import os, signal, tarfile
        from django.core.management import call_command
        add = tarfile.TarFile.add
        def killed(packed, name, *rest, **more):
            if str(name).endswith("long.mp3"):
                packed.fileobj.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            return add(packed, name, *rest, **more)
        tarfile.TarFile.add = killed
        call_command("backup", {str(archive)!r})
    """
    with pytest.raises(EOFError):
        one.python(dies)
    assert partial.exists()
    assert not archive.exists()
    assert "not a whole backup" in machine("new").run("restore", str(partial))
    again = machine("again")
    assert "exists already" not in again.run("backup", str(archive))
