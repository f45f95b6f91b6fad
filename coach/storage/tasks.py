from celery import shared_task

from coach import clock
from coach.storage import settling


@shared_task
def sweep() -> None:
    """Settle accepted audio and delete erased audio, as far as the stores allow."""
    settling.settle_due(clock.now())
    settling.let_go(clock.now())
    settling.delete_due(clock.now())
