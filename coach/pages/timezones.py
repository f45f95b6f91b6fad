"""Shows times in the reader's time zone: the browser gives it in a cookie (`static/js/boot.js`); UTC otherwise."""

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
