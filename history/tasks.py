from celery import shared_task

from coach import clock
from history import erasure, erasure_ledger, export, orphans, retention, spoken_words


@shared_task
def sweep() -> None:
    """Note which erasures every store has confirmed, and let go of archives that are a day old."""
    erasure.confirm_done(clock.now())
    export.drop_expired(clock.now())
    erasure_ledger.note_new(clock.now())


@shared_task
def build_archives() -> None:
    """Put together what trainees asked to take along."""
    export.build_due(clock.now)


@shared_task
def sweep_orphans() -> None:
    """Remove what no record leads to."""
    orphans.sweep(clock.now())


@shared_task
def nightly() -> None:
    """Erase what is older than it is kept, once a night."""
    retention.nightly(clock.now())


@shared_task
def note_spoken_words() -> None:
    """Make sessions searchable that came without an announcement."""
    spoken_words.catch_up()
