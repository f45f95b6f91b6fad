from celery import shared_task

from coach import clock
from coach.config import config
from coach.leancloud import leaving, outbox, triggers
from coach.leancloud.app import client


@shared_task
def mirror_due() -> None:
    """Deliver changes to LeanCloud, or drop those that were left when it was."""
    if not config.lean_configured:
        leaving.drop_outbox()
        return
    if not triggers.installed():
        triggers.install()
    outbox.run(client(), clock=clock.now)
