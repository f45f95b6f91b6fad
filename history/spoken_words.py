"""Finds the trainee's sessions in which given words were said in this order, fast however many sessions there are.

What was said is stored a second time as terms, one row per session: folded like every search here, and spelled in ASCII
so that SQLite's FTS5 and PostgreSQL's text search split them alike. The last word may be half typed. Rows are written
when a session ends and when a line of an ended one is transcribed or corrected; a job adds sessions that arrived in
other ways.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.expressions import RawSQL

from coach.text import folded
from history.models import SpokenWords
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession, Turn

TABLE, INDEX = "history_spokenwords", "history_spokenwords_index"
TERM_MAX = 40
TERMS_MAX = 12
"""Maximum terms of a search; further ones are ignored."""
BATCH = 200
_BETWEEN_TURNS = "zzturnzz"
# One letter per word: these scripts are written without spaces.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORDS = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")
_PLAIN = re.compile("[a-z]+")


def terms(text: str) -> list[str]:
    """The words of a text as stored; empty if it has none."""
    return [_spelled(word[:TERM_MAX]) for word in _WORDS.findall(folded(text))]


def _spelled(word: str) -> str:
    # In ASCII, because a database's idea of letters depends on its locale. Prefixes remain prefixes.
    return word if _PLAIN.fullmatch(word) else "x" + word.encode().hex()


def _owner(user_id: str) -> str:
    return "zzuser" + hashlib.sha256(user_id.encode()).hexdigest()[:20]


def note(session_id: str) -> None:
    """Rewrite the words of an ended session, unless it is being erased right now."""
    with transaction.atomic():
        session = PracticeSession.objects.locked(session_id)
        if session is not None and session.status == SessionStatus.ENDED:
            _write([session])


def _write(sessions: Sequence[PracticeSession]) -> None:
    said: dict[str, list[str]] = {}
    turns = Turn.objects.said().filter(session__in=[one.pk for one in sessions]).order_by("session_id", "sequence")
    for session_id, transcript in turns.values_list("session_id", "transcript"):
        said.setdefault(session_id, []).extend([*terms(transcript or ""), _BETWEEN_TURNS])
    SpokenWords.objects.bulk_create(
        (SpokenWords(session=one, words=" ".join([_owner(one.user_id), *said.get(one.pk, ())])) for one in sessions),
        update_conflicts=True,
        unique_fields=["session"],
        update_fields=["words"],
    )


def catch_up() -> int:
    """Write the words of sessions that arrived without a signal; returns how many.

    They came by a pull, or from before this table existed.
    """
    written = 0
    while True:
        known = SpokenWords.objects.filter(session=OuterRef("pk"))
        missing = PracticeSession.objects.filter(~Exists(known)).order_by("pk").values_list("pk", flat=True)
        # Running sessions are few: there are only so many places.
        ended = PracticeSession.objects.filter(pk__in=list(missing[:BATCH]), status=SessionStatus.ENDED)
        with transaction.atomic():
            sessions = list(ended.select_for_update(no_key=True).order_by("pk"))
            if not sessions:
                return written
            _write(sessions)
        written += len(sessions)


def matching(user_id: str, words: str) -> RawSQL | None:
    """Ids of this trainee's sessions in which these words were said in this order; None without words."""
    asked = terms(words)[:TERMS_MAX]
    if not asked:
        return None
    half = not words[-1:].isspace()
    if connection.vendor == "sqlite":
        phrase = " + ".join(f'"{term}"' for term in asked)
        query = f'"{_owner(user_id)}" AND {phrase}' + ("*" if half else "")
        found = f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s"  # noqa: S608 (names are this program's own)
        return RawSQL(f"SELECT session_id FROM {TABLE} WHERE id IN ({found})", [query])  # noqa: S608, S611
    query = f"{_owner(user_id)} & ({' <-> '.join(asked)}{':*' if half else ''})"
    where = "to_tsvector('simple', words) @@ to_tsquery('simple', %s)"
    return RawSQL(f"SELECT session_id FROM {TABLE} WHERE {where}", [query])  # noqa: S608, S611


def lines(session_ids: Iterable[str], words: str) -> dict[str, Turn]:
    """By session, the first line with the words; one query."""
    wanted = f" {' '.join(terms(words)[:TERMS_MAX])}"
    found: dict[str, Turn] = {}
    turns = Turn.objects.said().filter(session__in=list(session_ids)).order_by("session_id", "sequence")
    for turn in turns.only("session_id", "sequence", "speaker", "transcript"):
        if turn.session_id not in found and wanted in f" {' '.join(terms(turn.transcript or ''))}":
            found[turn.session_id] = turn
    return found


def forget_erased() -> None:
    """Take the words of erased sessions out of the index.

    SQLite's keeps a deleted entry until it merges its parts; `optimize` merges them all, and does nothing where there
    is one part only.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('optimize')")  # noqa: S608 (names are this program's own)


def keep() -> None:
    """Create the index and the triggers that feed it, unless they exist (or the table does not)."""
    with transaction.atomic(), connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        if connection.vendor != "sqlite":
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {INDEX} ON {TABLE} USING gin (to_tsvector('simple'::regconfig, words))"
            )
            return
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", ["spoken_words_%"])
        if cursor.fetchone() == (3,):
            return
        for statement in _sqlite():
            cursor.execute(statement)


def _sqlite() -> list[str]:
    forget = f"INSERT INTO {INDEX} ({INDEX}, rowid, words) VALUES ('delete', OLD.id, OLD.words)"  # noqa: S608
    add = f"INSERT INTO {INDEX} (rowid, words) VALUES (NEW.id, NEW.words)"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {INDEX} USING fts5(words, content='{TABLE}', content_rowid='id')",
        f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')",  # noqa: S608
        f"CREATE TRIGGER IF NOT EXISTS spoken_words_insert AFTER INSERT ON {TABLE} BEGIN {add}; END",
        f"CREATE TRIGGER IF NOT EXISTS spoken_words_delete AFTER DELETE ON {TABLE} BEGIN {forget}; END",
        f"CREATE TRIGGER IF NOT EXISTS spoken_words_update AFTER UPDATE ON {TABLE} BEGIN {forget}; {add}; END",
    ]


def stop() -> None:
    """Remove the index and its triggers, before the table is dropped."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in ("insert", "delete", "update"):
                cursor.execute(f"DROP TRIGGER IF EXISTS spoken_words_{name}")
            cursor.execute(f"DROP TABLE IF EXISTS {INDEX}")
        else:
            cursor.execute(f"DROP INDEX IF EXISTS {INDEX}")


def on_session_ended(sender: Any, *, session: PracticeSession, **_: Any) -> None:
    """After the commit: if an end and a transcription coincide, the later one sees both."""
    # Not a partial: Django logs a failing robust hook by its name.
    transaction.on_commit(lambda: note(session.pk), robust=True)


def on_turn_pulled(sender: Any, *, turn: Turn, **_: Any) -> None:
    """The stored words are out of date. A pull brings many turns of a session, so the job rewrites them once."""
    SpokenWords.objects.filter(session=turn.session_id).delete()


def on_turn_written(sender: Any, *, turn: Turn, **_: Any) -> None:
    transaction.on_commit(lambda: note(turn.session_id), robust=True)
