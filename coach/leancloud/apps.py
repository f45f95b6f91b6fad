from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class LeanCloudConfig(AppConfig):
    name = "coach.leancloud"
    label = "leancloud"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from coach.celery import app
        from coach.leancloud import refs, tasks
        from coach.storage import audio

        audio.register_copies(refs.release_files)
        app.conf.beat_schedule["mirror"] = {"task": tasks.mirror_due.name, "schedule": 2.0}
        post_migrate.connect(_fit_triggers, sender=self, dispatch_uid="fit-triggers")
        # Each app's `leancloud` module describes its classes and connects whatever else depends on LeanCloud.
        autodiscover_modules("leancloud")


def _fit_triggers(**_: Any) -> None:
    """Install the triggers if LeanCloud is configured, otherwise remove them."""
    from coach.config import config
    from coach.leancloud import triggers

    if config.lean_configured:
        triggers.install()
    else:
        triggers.remove()
