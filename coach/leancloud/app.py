"""The one LeanCloud app of this installation, as the settings name it."""

from functools import cache

from coach.config import config
from coach.leancloud.client import LeanCloud
from coach.leancloud.wire import TRIES

# For a command that runs for hours: minutes of LeanCloud being away do not end it.
PATIENT_TRIES = 10

# For what a sweep repeats anyway, or a person waits for.
ONE_TRY = 1


@cache
def client(tries: int = TRIES) -> LeanCloud:
    """The client, built on first use. Only where `LEAN_*` is set."""
    return LeanCloud(
        server_url=config.lean_server_url,
        app_id=config.lean_app_id,
        master_key=config.lean_master_key.get_secret_value(),
        tries=tries,
    )
