"""Counts a trainee's navigation steps in the history (SC-004); the first look at the list is one step."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "history_steps"
LIVES_SECONDS = 1800
COUNTED_TO = 99


def taken(request: HttpRequest) -> int:
    """Steps so far; 0 if the history was not opened."""
    text = request.COOKIES.get(COOKIE, "")
    return min(int(text), COUNTED_TO) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def at_list(request: HttpRequest) -> int:
    """Steps including this view of the list.

    Each search, filter or page adds one; coming from elsewhere counts as one.
    """
    came_from = urlsplit(request.headers.get("Referer", "")).path
    return taken(request) + 1 if came_from == reverse("history:list") else 1


def at_session(request: HttpRequest) -> int:
    """Steps including this opening of a session: a link from elsewhere is one step."""
    return taken(request) + 1


def remember(response: HttpResponse, steps: int) -> None:
    response.set_cookie(COOKIE, str(steps), max_age=LIVES_SECONDS, httponly=True, samesite="Lax")
