"""The one LeanCloud app of this installation, as the settings name it."""

from functools import cache

from coach.config import config
from coach.storage.leancloud.client import LeanCloud


@cache
def client() -> LeanCloud:
    """The client, built on first use. Only where `LEAN_*` is set."""
    return LeanCloud(
        server_url=config.lean_server_url,
        app_id=config.lean_app_id,
        master_key=config.lean_master_key.get_secret_value(),
    )
