from django.apps import AppConfig


class StorageConfig(AppConfig):
    name = "coach.storage"
    label = "storage"
