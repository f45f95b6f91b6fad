from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StorageConfig(AppConfig):
    name = "coach.storage"
    label = "storage"

    def ready(self) -> None:
        from coach.database import server_clock

        server_clock.follow()
        post_migrate.connect(_fit_triggers, sender=self, dispatch_uid="fit-triggers")


def _fit_triggers(**_: Any) -> None:
    """Changes are noted for LeanCloud while it is configured, and not otherwise."""
    from coach.config import config
    from coach.storage.leancloud import triggers

    if config.lean_configured:
        triggers.install()
    else:
        triggers.remove()
