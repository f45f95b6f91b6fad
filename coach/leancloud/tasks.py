from celery import shared_task

from coach import clock
from coach.config import config
from coach.leancloud import outbox, triggers
from coach.leancloud.app import client


@shared_task
def mirror_due() -> None:
    """Deliver changes to LeanCloud; does nothing if it is not configured."""
    if not config.lean_configured:
        return
    if not triggers.installed():
        triggers.install()
    outbox.run(client(), clock=clock.now)
