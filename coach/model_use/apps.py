from typing import Any

from celery.signals import worker_init
from django.apps import AppConfig


class ModelUseConfig(AppConfig):
    name = "coach.model_use"
    label = "model_use"

    def ready(self) -> None:
        from coach.edge.lifespan import lifespan
        from coach.model_use import recorder

        @lifespan.on_start
        async def keep_accounts() -> None:
            recorder.start()

        lifespan.on_drain(recorder.finish)
        worker_init.connect(_keep_accounts, dispatch_uid="model-use")


def _keep_accounts(**_: Any) -> None:
    from coach.model_use import recorder

    recorder.start()
