"""In any sequence of claims, deaths, failures and results, a job has one worker at a time and counts every try."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from coach.jobs import Backoff, JobKind, Lease
from coach.storage.models import AudioDeletion, AudioFile
from history.models import Archive, ArchiveStatus

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)
LIMIT = 3
# Borrows the columns of an existing table.
KIND = JobKind(
    "test",
    AudioDeletion,
    owed=Q(store="todo"),
    held_until="next_attempt_at",
    attempts="attempts",
    error="last_error",
    limit=LIMIT,
    lease=LEASE,
    backoff=Backoff(timedelta(seconds=1), 4, timedelta(seconds=60)),
)


class Course(RuleBasedStateMachine):
    """Workers claim, die silently, are slow, fail and succeed, while the clock moves forward."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        AudioDeletion.objects.all().delete()
        self.now = START
        self.job = AudioDeletion.objects.create(store="todo", key="k", created_at=START, next_attempt_at=START)
        self.begun = 0
        self.results = 0
        self.current: Lease[AudioDeletion] | None = None
        self.free_from = START

    @rule(seconds=st.integers(min_value=0, max_value=90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(target=leases)
    def a_worker_comes(self) -> object:
        lease = KIND.claim(self.job.pk, now=self.now)
        allowed = self.results == 0 and self.now >= self.free_from and self.begun < LIMIT
        assert (lease is not None) == allowed
        if lease is None:
            return multiple()
        self.begun += 1
        assert lease.attempt == self.begun
        self.current, self.free_from = lease, self.now + LEASE
        return lease

    @rule(lease=leases)
    def a_worker_says_it_lives(self, lease: Lease[AudioDeletion]) -> None:
        renewed = lease.renew(self.now)
        assert renewed == (lease == self.current and self.results == 0)
        if renewed:
            self.free_from = self.now + LEASE

    @rule(lease=consumes(leases))
    def a_worker_fails(self, lease: Lease[AudioDeletion]) -> None:
        again = lease.put_off(self.now, error="Fault")
        assert again == (lease == self.current and self.results == 0 and lease.attempt < LIMIT)
        if again:
            self.job.refresh_from_db()
            self.free_from = self.job.next_attempt_at
            assert self.now < self.free_from <= self.now + KIND.backoff.most
            self.current = None

    @rule(lease=consumes(leases))
    def a_worker_stores_its_result(self, lease: Lease[AudioDeletion]) -> None:
        stored = lease.held.update(store="done")
        assert bool(stored) == (lease == self.current and self.results == 0)
        self.results += stored

    @invariant()
    def at_most_one_result_and_three_tries(self) -> None:
        assert self.results <= 1
        assert self.begun <= LIMIT

    @invariant()
    def a_sweep_finds_due_and_given_up_jobs(self) -> None:
        open_now = self.results == 0 and self.now >= self.free_from
        assert KIND.due(self.now).exists() == (open_now and self.begun < LIMIT)
        assert KIND.exhausted(self.now).exists() == (open_now and self.begun >= LIMIT)


class TestCourses(TestCase, Course.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(
        max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


@pytest.mark.django_db
def test_a_job_whose_workers_die_is_given_up_after_its_last_attempt() -> None:
    job = AudioDeletion.objects.create(store="todo", key="k", created_at=START, next_attempt_at=START)
    now = START
    for attempt in range(1, LIMIT + 1):
        lease = KIND.claim(job.pk, now=now)
        assert lease is not None
        assert lease.attempt == attempt
        assert not KIND.exhausted(now).exists()
        now += LEASE
    assert KIND.claim(job.pk, now=now) is None
    assert not KIND.due(now).exists()
    assert KIND.exhausted(now).exists()


@pytest.mark.django_db
def test_without_a_limit_a_job_is_tried_for_ever_without_overflow() -> None:
    kind = JobKind(
        "test",
        AudioFile,
        owed=Q(settled_at=None),
        held_until="next_attempt_at",
        attempts="attempts",
        lease=LEASE,
        backoff=Backoff(timedelta(seconds=1), 2, timedelta(seconds=60)),
    )
    row = AudioFile.objects.create(
        content=b"", size_bytes=0, duration_ms=0, created_at=START, next_attempt_at=START, attempts=5_000
    )
    lease = kind.claim(row.pk, now=START)
    assert lease
    assert lease.put_off(START)
    row.refresh_from_db()
    assert row.next_attempt_at <= START + timedelta(seconds=60)
    assert not kind.exhausted(START + timedelta(days=1)).exists()


@pytest.mark.django_db
def test_a_job_whose_worker_fell_silent_can_be_claimed_once_its_lease_has_expired() -> None:
    """For a kind whose lease has its own column beside the one that says when the job is due."""
    kind = JobKind(
        "test",
        Archive,
        owed=Q(status=ArchiveStatus.WAITING),
        due_at="requested_at",
        held_until="claimed_until",
        attempts="attempts",
        lease=LEASE,
        backoff=KIND.backoff,
    )
    job = Archive.objects.create(user_id="alex", requested_at=START)
    assert kind.claim(job.pk, now=START) is not None
    assert kind.claim(job.pk, now=START + LEASE - timedelta(seconds=1)) is None
    assert kind.claim(job.pk, now=START + LEASE) is not None
