"""A worker waits for the migrations of its release: until then each of its jobs would fail."""

import time
from typing import Any

from celery.signals import worker_init
from django.db import DatabaseError, connection

from coach.database import schema

LOOK_SECONDS = 2.0


@worker_init.connect(dispatch_uid="wait-for-migrations")
def wait(**_: Any) -> None:
    """Return once they are there, or if the database cannot be asked: its jobs wait for that themselves."""
    try:
        while schema.missing():
            connection.close()
            time.sleep(LOOK_SECONDS)
    except DatabaseError:
        return
    finally:
        connection.close()
