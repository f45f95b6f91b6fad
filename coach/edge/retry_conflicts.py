"""Repeats a request that met a database conflict, and says so where nothing can be saved, instead of answering 500."""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from coach.database.conflicts import is_conflict, retried
from coach.database.no_writes import takes_no_writes
from coach.edge.try_later import try_later

RETRY_AFTER_SECONDS = 2
# Somebody has to make room first.
RETRY_WITHOUT_ROOM_SECONDS = 60

log = structlog.get_logger(__name__)


class RetryConflicts(MiddlewareMixin):
    """Must be last in the list: everything else a view needs is prepared once, before it."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: list[Any], options: dict[str, Any]
    ) -> HttpResponseBase | None:
        try:
            return retried(view)(request, *args, **options)
        except DatabaseError as error:
            if takes_no_writes(error):
                log.error("nothing can be saved", error=type(error.__cause__).__name__)
                said = _("The server can't save anything now: its storage is full or broken. Nothing older is lost.")
                return try_later(request, said, RETRY_WITHOUT_ROOM_SECONDS)
            if not is_conflict(error):
                raise
            said = _("The server is very busy. Nothing was lost; try again in a few seconds.")
            return try_later(request, said, RETRY_AFTER_SECONDS)
