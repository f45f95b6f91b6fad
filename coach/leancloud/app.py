"""The LeanCloud app named in the settings."""

from functools import cache

from coach.config import config
from coach.leancloud.client import LeanCloud
from coach.leancloud.wire import TRIES

# For commands that run for hours: they survive a few minutes of outage.
PATIENT_TRIES = 10

# For work that a sweep repeats anyway, or that a person is waiting for.
ONE_TRY = 1


@cache
def client(tries: int = TRIES) -> LeanCloud:
    """The client, built on first use. Call only if `LEAN_*` is set."""
    return LeanCloud(
        server_url=config.lean_server_url,
        app_id=config.lean_app_id,
        master_key=config.lean_master_key.get_secret_value(),
        tries=tries,
    )
