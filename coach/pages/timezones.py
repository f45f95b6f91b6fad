"""Times in the reader's own zone: the browser names it in a cookie (`static/js/boot.js`); UTC where it has not."""

from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

COOKIE = "timezone"
KNOWN = available_timezones()


class ReadersTimezone(MiddlewareMixin):
    def process_request(self, request: HttpRequest) -> None:
        name = request.COOKIES.get(COOKIE, "")
        if name in KNOWN:
            timezone.activate(ZoneInfo(name))
        else:
            timezone.deactivate()
