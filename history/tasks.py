from celery import shared_task

from coach import clock
from coach.model_use import totals
from history import erasure, erasure_ledger, export, orphans, retention, spoken_words
from history.operator_reports import counted_days


@shared_task
def sweep() -> None:
    """Confirm erasures that every store has confirmed, expire archives that are a day old, and write the ledger."""
    if erasure.outstanding().exists() and erasure.scrub_files():
        erasure.confirm_done(clock.now())
    export.drop_expired(clock.now())
    erasure_ledger.note_new(clock.now())


@shared_task
def build_archives() -> None:
    """Build the archives that trainees requested."""
    export.build_due(clock.now)


@shared_task
def sweep_orphans() -> None:
    """Remove orphaned files."""
    orphans.sweep(clock.now())


@shared_task
def nightly() -> None:
    """Once a night, erase what is past its retention, and count the days that are over."""
    totals.sum_up_days(clock.now())
    retention.nightly(clock.now())
    counted_days.count_days(clock.now())


@shared_task
def note_spoken_words() -> None:
    """Make sessions searchable that arrived without a signal."""
    spoken_words.catch_up()
