from celery import shared_task

from coach import clock
from coach.config import config
from coach.storage import settling
from coach.storage.leancloud import mirror, triggers
from coach.storage.leancloud.app import client


@shared_task
def sweep() -> None:
    """Settle accepted audio and delete erased audio, as far as the stores allow."""
    settling.settle_due(clock.now())
    settling.let_go(clock.now())
    settling.delete_due(clock.now())


@shared_task
def mirror_due() -> None:
    """Tell LeanCloud what has changed; nothing to do where none is configured."""
    if not config.lean_configured:
        return
    if not triggers.installed():
        triggers.install()
    mirror.run(client(), clock=clock.now)
