"""The audio stores: one Django storage for each value of `AUDIO_STORE`."""

from django.core.files.storage import Storage, storages

from coach.config import config

ALIAS = "audio-{}"
LOCAL = "local"
LEANCLOUD = "leancloud"
RETRY_AFTER_SECONDS = 5
"""When to ask again for a file whose store is down."""


def store(name: str) -> Storage:
    """The store called `local`, `s3` or `leancloud`; raises OSError or the backend's own errors."""
    return storages[ALIAS.format(name)]


def current() -> str:
    """The name of the store for new audio."""
    return config.audio_store


def key_for(audio_id: str) -> str:
    """The same key for every try, so that a repeated save overwrites, and an erasure finds what a dying worker left."""
    return f"{audio_id[:2]}/{audio_id[2:4]}/{audio_id}.mp3"


def fault(error: Exception) -> str:
    """A store's error in a word or two for operators: its class, and with S3 the service's own code."""
    told = getattr(error, "response", None)
    code = told.get("Error", {}).get("Code", "") if isinstance(told, dict) else ""
    return f"{type(error).__name__} {code}".strip()[:200]
