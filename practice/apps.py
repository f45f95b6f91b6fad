from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "practice"

    def ready(self) -> None:
        from practice import audit, mirror

        audit.register()
        mirror.plug_in()
