from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class HistoryConfig(AppConfig):
    name = "history"

    def ready(self) -> None:
        from coach.edge.lifespan import lifespan
        from history import gauges

        post_migrate.connect(_keep_tally, sender=self, dispatch_uid="keep-tally")

        @lifespan.on_start
        async def tell_what_goes_on() -> None:
            gauges.watch()


def _keep_tally(**_: Any) -> None:
    from history import tally

    tally.keep()
