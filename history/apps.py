from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "history"

    def ready(self) -> None:
        from coach.edge.life import life
        from history import gauges

        @life.on_start
        async def tell_what_goes_on() -> None:
            gauges.watch()
