"""Answers 503 while the database lacks migrations of this release, instead of failing at the first missing table."""

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from coach.database import schema
from coach.edge.try_later import try_later

RETRY_AFTER_SECONDS = 60


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
