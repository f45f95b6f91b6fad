"""Recordings over the API, fetched with the signed links in turns."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from coach import clock, identity
from coach.edge import openapi
from coach.edge.problems import Problem
from coach.storage import stores
from coach.storage.audio import AudioLost
from practice import audio_links
from practice.models import Turn

log = structlog.get_logger(__name__)

recordings = Router(tags=["Audio"])

RECORDING = openapi.refusals(
    s403="The link has expired (link_expired) or was tampered with (link_invalid)",
    s503="The store that has the recording is down",
)
for _status, _words in (("200", "The recording"), ("206", "The range asked for")):
    RECORDING["responses"][_status] = {
        "description": _words,
        "content": {"audio/mpeg": {"schema": {"type": "string", "format": "binary"}}},
    }


@recordings.get("/{turn_id}", summary="Get the recording of a turn", openapi_extra=RECORDING)
def listen(request: HttpRequest, turn_id: str, expires: str = "", signature: str = "") -> HttpResponse:
    user_id = identity.trainee()
    expired: audio_links.LinkRefused | None = None
    try:
        audio_links.check(turn_id, user_id=user_id, expires=expires, signature=signature, now=clock.now())
    except audio_links.LinkRefused as refused:
        if refused.code == "link_invalid":
            raise
        expired = refused
    turn = Turn.objects.select_related("audio").filter(pk=turn_id, session__user_id=user_id).first()
    if turn is None or turn.audio is None:
        raise Problem(404, _("This recording no longer exists."))
    if expired:
        raise expired
    try:
        return audio_links.serve(request, turn)
    except AudioLost:
        raise Problem(404, _("This recording no longer exists.")) from None
    except Exception as error:  # A remote store is down: each kind raises its own, without a common base.
        log.warning("recording not at hand", turnId=turn_id, error=type(error).__name__)
        raise Problem(
            503,
            _("The recording cannot be read at the moment. Try again shortly."),
            headers={"Retry-After": str(stores.RETRY_AFTER_SECONDS)},
        ) from None
