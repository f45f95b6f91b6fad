from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "coach.storage"
    label = "storage"

    def ready(self) -> None:
        from coach.database import server_clock, wal_reset  # noqa: F401 - registers its check

        server_clock.follow()
