"""The operators' figures for a generated month of 5,000 sessions equal figures counted row by row in plain Python."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coach import clock
from coach.model_use import totals
from coach.model_use.models import ModelUse
from evaluations.models import Evaluation
from history.models import Visit
from history.operator_reports import cost_report, counted_days, jobs_report, success_reports, system_report
from practice.models import PracticeSession, Scenario, Turn
from tests.admin.catalog_pages import practise
from tests.admin.month import practised

NOW = datetime(2026, 3, 31, 12, 34, 56, tzinfo=UTC)
MANY = 5_000

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

Row = dict[str, Any]


@pytest.fixture
def month(published: Scenario) -> Scenario:
    """The scenario of the month's sessions."""
    practised(published, MANY, now=NOW)
    return published


def exported(model: Any) -> list[Row]:
    """The rows as in an export: JSON, without Django objects."""
    rows: list[Row] = json.loads(json.dumps(list(model.objects.values()), default=lambda value: value.isoformat()))
    return rows


def when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class Month:
    """The same month, read from exported rows."""

    def __init__(self) -> None:
        self.sessions = {row["id"]: row for row in exported(PracticeSession)}
        self.turns: dict[str, list[Row]] = defaultdict(list)
        for turn in exported(Turn):
            self.turns[turn["session_id"]].append(turn)
        self.evaluations = exported(Evaluation)
        self.visits = exported(Visit)
        self.uses = exported(ModelUse)

    def sc_001(self) -> list[tuple[datetime, bool]]:
        found = []
        for session in self.sessions.values():
            over = session["status"] == "ended" or when(session["duration_deadline"]) < NOW
            if not over:
                continue
            saved = all(
                turn["audio_id"] or turn["transcript"] or turn["reply_status"] == "failed"
                for turn in self.turns[session["id"]]
            )
            whole = session["status"] == "ended" and bool(session["termination_reason"]) and saved
            found.append((when(session["started_at"]), whole))
        return found

    def sc_002(self) -> list[tuple[datetime, bool]]:
        return [
            (when(row["ended_at"]), row["termination_latency_ms"] <= 2_000)
            for row in self.sessions.values()
            if row["ended_at"] and row["termination_latency_ms"] is not None
        ]

    def sc_003(self) -> list[tuple[datetime, bool]]:
        found = []
        for row in self.evaluations:
            ended = when(self.sessions[row["session_id"]]["ended_at"])
            if row["status"] not in ("completed", "failed") and NOW - ended <= timedelta(seconds=60):
                continue
            done = when(row["completed_at"])
            found.append((ended, done is not None and (done - ended).total_seconds() <= 60))
        return found

    def sc_004(self) -> list[tuple[datetime, bool]]:
        return [(when(row["opened_at"]), row["step_count"] <= 2) for row in self.visits]


def counted(events: list[tuple[datetime, bool]], since: datetime) -> tuple[int, int]:
    inside = [kept for at, kept in events if at >= since]
    return sum(inside), len(inside)


def test_every_figure_of_the_month_is_right(month: Scenario) -> None:
    by_hand = Month()
    criteria_are_right(by_hand, month)
    money_is_right(by_hand)
    # Once the nightly job has counted past days, their rows are not read any more.
    assert totals.sum_up_days(NOW) == len({row["day"] for row in by_hand.uses}) - 1
    assert totals.sum_up_days(NOW) == 0
    ModelUse.objects.exclude(day=NOW.date()).delete()
    money_is_right(by_hand)
    assert counted_days.count_days(NOW) == 30
    assert counted_days.count_days(NOW) == 0
    criteria_are_right(by_hand, month)
    first_visit_of_past_days = Visit.objects.filter(opened_at__lt=datetime(2026, 3, 30, tzinfo=UTC))
    assert first_visit_of_past_days.exclude(opened_at__time__range=(time(12, 30), time(12, 45))).delete()[0] > MANY / 4
    criteria_are_right(by_hand, month)


def test_an_erasure_changes_past_days_at_the_next_nightly_count(month: Scenario) -> None:
    counted_days.count_days(NOW)
    before = success_reports.reports(now=NOW, days=30)[3].chosen.of
    erased = Visit.objects.filter(opened_at__range=(NOW - timedelta(days=20), NOW - timedelta(days=10)))
    count = erased.delete()[0]
    assert success_reports.reports(now=NOW, days=30)[3].chosen.of == before
    night = NOW + timedelta(days=1)
    assert counted_days.count_days(night) == 30
    assert success_reports.reports(now=NOW, days=30)[3].chosen.of == before - count


def criteria_are_right(by_hand: "Month", month: Scenario) -> None:
    reports = {report.chosen.code: report for report in success_reports.reports(now=NOW, days=30)}
    expected: dict[str, Callable[[], list[tuple[datetime, bool]]]] = {
        "SC-001": by_hand.sc_001,
        "SC-002": by_hand.sc_002,
        "SC-003": by_hand.sc_003,
        "SC-004": by_hand.sc_004,
    }
    assert sum(report.chosen.of for report in reports.values()) > 3 * MANY / 2
    for code, events_of in expected.items():
        events = events_of()
        for days, over in reports[code].periods.items():
            assert (over.kept, over.of) == counted(events, NOW - timedelta(days=days)), (code, days)
        steps = Counter(at.date() for at, _kept in events if at >= NOW - timedelta(days=30))
        kept = Counter(at.date() for at, was in events if was and at >= NOW - timedelta(days=30))
        drawn = reports[code].steps
        assert {at.date(): step.of for at, step in drawn if step.of} == dict(steps), code
        assert {at.date(): step.kept for at, step in drawn if step.kept} == dict(kept), code
    slow = sorted(
        (row for row in by_hand.sessions.values() if row["ended_at"] and (row["termination_latency_ms"] or 0) > 2_000),
        key=lambda row: row["ended_at"],
        reverse=True,
    )
    missed = reports["SC-002"].missed
    assert [miss.session_id for miss in missed] == [row["id"] for row in slow[: len(missed)]]
    assert {miss.title for miss in missed} == {month.title}
    assert missed[0].why == f"{slow[0]['termination_latency_ms'] / 1000:.1f} s late"
    hourly = success_reports.reports(now=NOW, days=1)[0].steps
    hours = Counter(
        at.replace(minute=0, second=0, microsecond=0) for at, _ in by_hand.sc_001() if at >= NOW - timedelta(days=1)
    )
    assert {at.astimezone(UTC): step.of for at, step in hourly if step.of} == dict(hours)

    for days in (1, 7, 30):
        since = NOW - timedelta(days=days)
        latencies = sorted(
            turn["latency_ms"]
            for turns in by_hand.turns.values()
            for turn in turns
            if turn["latency_ms"] is not None and when(turn["created_at"]) >= since
        )
        shown = system_report.first_audio(now=NOW, days=days)
        assert shown.count == len(latencies)
        assert shown.p50 == latencies[-(-len(latencies) * 50 // 100) - 1] / 1000
        assert shown.p95 == latencies[-(-len(latencies) * 95 // 100) - 1] / 1000
        for seconds, percent in shown.within:
            assert percent == 100 * sum(ms <= 1000 * seconds for ms in latencies) // len(latencies)


def money_is_right(by_hand: Month) -> None:
    costs = cost_report.costs(now=NOW, days=30)
    for day in costs.days:
        theirs = [row for row in by_hand.uses if row["day"] == day.day.isoformat()]
        assert day.tokens == sum(row["input_tokens"] + row["output_tokens"] for row in theirs)
        assert day.sessions == len({row["session_id"] for row in theirs})
        assert day.cost == cost_report.money(sum(row["cost"] for row in theirs))
    asr = system_report.providers(now=NOW, days=7)[1]
    theirs = [row for row in by_hand.uses if row["endpoint"] == "asr" and row["day"] >= "2026-03-24"]
    assert asr.calls == sum(row["calls"] for row in theirs)
    assert sum(fault.calls for fault in asr.faults) == sum(
        row["calls"] for row in theirs if row["outcome"] == "unavailable"
    )
    assert asr.last_success == max(when(row["last_at"]) for row in theirs if row["outcome"] == "ok")


def test_days_follow_the_operators_time_zone_across_a_clock_change(published: Scenario, settings: Any) -> None:
    from tests.model_use.test_totals import use

    before = use("operator_time_zone", "Europe/Berlin")
    try:
        # In Berlin, 29 March has 23 hours and begins at 23:00 UTC.
        for at in (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), datetime(2026, 3, 28, 23, 1, tzinfo=UTC)):
            ended = at + timedelta(minutes=5)
            practise(
                published, status="ended", termination_reason="manual", started_at=at, ended_at=ended,
                termination_latency_ms=1,
            )  # fmt: skip
        steps = success_reports.reports(now=NOW, days=7)[0].steps
        assert {at.date().isoformat(): step.of for at, step in steps if step.of} == {
            "2026-03-28": 1,
            "2026-03-29": 1,
        }
        assert len(steps) == 8
    finally:
        use("operator_time_zone", before)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Santiago", "Asia/Shanghai"])
@pytest.mark.parametrize("changed", ["2026-03-29T01:00", "2026-10-25T01:00", "2026-04-05T03:00", "2026-09-06T04:00"])
def test_a_day_with_a_clock_change_shows_each_hour_once(published: Scenario, zone: str, changed: str) -> None:
    """Berlin's clocks change at 1:00 UTC, Santiago's at its midnight: 3:00 or 4:00 UTC."""
    from tests.model_use.test_totals import use

    now = datetime.fromisoformat(changed).replace(tzinfo=UTC) + timedelta(hours=10, minutes=30)
    before = use("operator_time_zone", zone)
    try:
        for hours in (0, 9, 11, 23):
            ended = now - timedelta(hours=hours, minutes=10)
            practise(
                published, status="ended", termination_reason="manual", started_at=ended - timedelta(minutes=5),
                ended_at=ended, termination_latency_ms=1,
            )  # fmt: skip
        steps = success_reports.reports(now=now, days=1)[0].steps
        starts = [at.astimezone(UTC) for at, _ in steps]
        hour = now.replace(minute=0)
        assert starts == [hour - timedelta(hours=back) for back in range(24, -1, -1)]
        assert [24 - number for number, (_, step) in enumerate(steps) if step.of] == [23, 11, 9, 0]
        assert sum(step.of for _, step in steps) == 4
    finally:
        use("operator_time_zone", before)


def test_the_page_takes_no_more_queries_for_many_sessions(
    operator: Any, published: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert operator.get("/admin/practice/practicesession/operations/?days=30").status_code == 200
        return len(asked)

    practised(published, 40, now=NOW)
    few = queries()
    practised(published, 400, now=NOW, seed=8)
    assert queries() <= few + 2
    assert few < 75


def test_a_job_that_no_worker_takes_is_late(published: Scenario) -> None:
    session = practise(
        published,
        status="ended",
        termination_reason="manual",
        started_at=NOW - timedelta(hours=1),
        ended_at=NOW - timedelta(minutes=30),
    )
    Evaluation.objects.create(
        session=session, queued_at=session.ended_at, next_attempt_at=NOW - timedelta(minutes=29), last_error="Busy."
    )
    found = {str(job.title): job for job in jobs_report.jobs(NOW)}["Evaluations"]
    assert (found.open, found.late, found.oldest) == (1, 1, session.ended_at)
