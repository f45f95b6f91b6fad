"""Once LeanCloud was left, nothing can be delivered or deleted there, so nothing may wait for it.

It was left when `LEAN_*` is unset and `migrate` has taken the triggers away. A process that merely lacks its settings
drops nothing: as long as another one delivers, that one keeps the triggers in place.
"""

import structlog

from coach.config import config
from coach.leancloud import triggers
from coach.leancloud.models import OutboxRow

log = structlog.get_logger(__name__)


def has_left() -> bool:
    return not config.lean_configured and not triggers.installed()


def drop_outbox() -> None:
    """Drop the changes that LeanCloud had not confirmed when it was left."""
    if OutboxRow.objects.exists() and has_left():
        dropped, _ = OutboxRow.objects.all().delete()
        log.warning("LeanCloud was left: changes that it had not confirmed are dropped", count=dropped)
