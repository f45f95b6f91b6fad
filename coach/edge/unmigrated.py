"""While the database lacks migrations of this release, a process starts no further and answers 503.

Otherwise it would end, or fail, at the first missing table.
"""

import asyncio

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from coach.database import schema
from coach.edge.try_later import try_later
from coach.threads import in_thread

RETRY_AFTER_SECONDS = 60
LOOK_SECONDS = 1.0


async def wait_for_migrations() -> None:
    """Return once they are there, or if the database cannot be asked: it is away."""
    try:
        while await in_thread(schema.missing):  # noqa: ASYNC110 (another program changes it)
            await asyncio.sleep(LOOK_SECONDS)
    except DatabaseError:
        return


class Unmigrated(MiddlewareMixin):
    """Must come before everything that reads the database, and after the reader's language."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        try:
            missing = schema.missing()
        except DatabaseError:
            return None  # It is away: whoever needs it says so.
        if not missing:
            return None
        said = _(
            "The database isn't ready for this release: its operator has to run manage.py migrate. "
            "Nothing was lost; try again in a minute."
        )
        return try_later(request, said, RETRY_AFTER_SECONDS)
