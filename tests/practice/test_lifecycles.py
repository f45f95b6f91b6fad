"""Statuses change only as their lifecycle tables allow."""

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db.models import TextChoices

from coach.jobs import JobKind
from evaluations import evaluation_job as evaluation_queue
from evaluations.lifecycle import EVALUATION, EvaluationStatus
from history.export import EXPORT
from history.models import ARCHIVE, ArchiveStatus
from practice import lifecycle, notifications
from practice.lifecycle import AsrStatus, Lifecycle, ReplyStatus, SessionStatus
from practice.models import Turn
from practice.transitions import move
from practice.turns.replies import REPLY
from tests import cast
from tests.history.cast import past_session
from tests.storage.cast import NOW

ROOT = Path(__file__).resolve().parents[2]
TABLES: Mapping[type[TextChoices], Lifecycle] = {
    SessionStatus: lifecycle.SESSION,
    AsrStatus: lifecycle.TRANSCRIPTION,
    ReplyStatus: lifecycle.REPLY,
    EvaluationStatus: EVALUATION,
    ArchiveStatus: ARCHIVE,
}
# Ways to write a status without its table: in an update, on an instance, or in a dict of changes.
WRITTEN = re.compile(
    r"update\([^)]*\b(?:reply_status|asr_status|status)="
    r"|\.(?:reply_status|asr_status|status) = "
    r"|\"(?:reply_status|asr_status|status)\": (?:Reply|Asr|Session|Evaluation|Archive)Status"
)
# Not lifecycles: a scenario's status is a curator's edit, a socket notes its client's, responses have HTTP's.
ELSEWHERE = (
    "practice/catalog/curation.py",
    "practice/admin",
    "practice/session_socket/socket_updates.py",
    "coach/edge",
    "coach/leancloud",
    "coach/local_models",
    "coach/telemetry",
)


@pytest.mark.parametrize("states", TABLES)
def test_each_table_lists_every_status_of_its_record(states: type[TextChoices]) -> None:
    table = TABLES[states]
    assert set(table.moves) == set(states)
    assert all(following <= set(states) for following in table.moves.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "to"), list(product(ReplyStatus, ReplyStatus)))
def test_a_reply_moves_only_as_its_table_says(
    before: ReplyStatus, to: ReplyStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "post", lambda message: None)
    session = past_session(cast.scenario(), at=NOW)
    turn = Turn.objects.create(session=session, sequence=0, speaker="ai", reply_status=before, created_at=NOW)
    told = session.event_number
    moved = move(Turn.objects.filter(pk=turn.pk), lifecycle.REPLY, to, session_id=session.pk)
    turn.refresh_from_db()
    session.refresh_from_db()
    assert moved == (to in lifecycle.REPLY_MOVES[before])
    assert turn.reply_status == (to if moved else before)
    assert session.event_number == told + moved


@pytest.mark.django_db
def test_a_status_in_an_erased_session_cannot_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "post", lambda message: None)
    session = past_session(cast.scenario(), at=NOW)
    turn = Turn.objects.create(session=session, sequence=0, speaker="ai", reply_status="due", created_at=NOW)
    assert not move(Turn.objects.filter(pk=turn.pk), lifecycle.REPLY, ReplyStatus.FAILED, session_id="erased")


@pytest.mark.parametrize(
    ("kind", "table", "claimed"),
    [
        (REPLY, lifecycle.REPLY, ReplyStatus.SPEAKING),
        (evaluation_queue.EVALUATION, EVALUATION, EvaluationStatus.RUNNING),
        (EXPORT, ARCHIVE, ArchiveStatus.BUILDING),
    ],
)
def test_each_job_kind_claims_only_from_statuses_that_its_table_allows(
    kind: JobKind[Any], table: Lifecycle, claimed: TextChoices
) -> None:
    assert table.may_become(claimed).children[0] in kind.owed.children


def test_no_code_writes_a_status_without_its_table() -> None:
    written = []
    for app in ("practice", "evaluations", "history", "coach"):
        for path in sorted((ROOT / app).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            if "/migrations/" in place or place.startswith(ELSEWHERE):
                continue
            code = re.sub(r"\s+", " ", path.read_text())
            written += [f"{place}: {found[0]}" for found in WRITTEN.finditer(code)]
    assert written == []
