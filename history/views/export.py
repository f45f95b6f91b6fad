"""Pages to download all of a trainee's data as one file."""

from collections.abc import AsyncIterator
from typing import IO

import structlog
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from coach import clock
from coach.edge.try_later import try_later
from coach.identity import trainee
from coach.jobs.wake_up import call
from coach.pages.requests import PageRequest, wants_part
from coach.storage import stores
from coach.threads import in_thread
from history import export
from history.models import Archive, ArchiveStatus
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

STOP_POLLING = 286
PIECE_BYTES = 256 * 1024


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: PageRequest) -> HttpResponse:
    """The export's contents, its progress, and the file once it is ready."""
    if request.method == "POST":
        export.request(trainee(), now=clock.now())
        call("history.tasks.build_archives")
        return redirect("history:takeout")
    archive = export.current(trainee())
    under_way = archive is not None and archive.status in (ArchiveStatus.WAITING, ArchiveStatus.BUILDING)
    context = {
        "archive": archive,
        "under_way": under_way,
        "sessions": PracticeSession.objects.filter(user_id=trainee()).count(),
    }
    if wants_part(request, "archive"):
        return render(request, "history/takeout.html#archive", context, status=200 if under_way else STOP_POLLING)
    return render(request, "history/takeout.html", context)


@never_cache
@require_safe
def download(request: PageRequest, archive_id: str) -> HttpResponseBase:
    """Download the archive while it is kept; streamed in pieces, however large it is. HEAD reads none of it."""
    archive = Archive.objects.filter(pk=archive_id, user_id=trainee(), status=ArchiveStatus.READY).first()
    if archive is None:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="practice-coach-{timezone.localdate(archive.requested_at)}.zip"',
        "Content-Length": str(archive.size_bytes),
    }
    try:
        stream = _found(archive, to_read=request.method != "HEAD")
    except FileNotFoundError:
        raise Http404 from None
    except Exception as error:  # A remote store is down: each kind raises its own, without a common base.
        log.warning("export not at hand", error=stores.fault(error))
        said = _("Your export can't be read at the moment. Try again shortly.")
        return try_later(request, said, stores.RETRY_AFTER_SECONDS)
    if stream is None:
        return HttpResponse(content_type="application/zip", headers=headers)
    return StreamingHttpResponse(_pieces(stream), content_type="application/zip", headers=headers)


def _found(archive: Archive, *, to_read: bool) -> IO[bytes] | None:
    """The archive's file, opened, if it is `to_read`. Raises FileNotFoundError, or whatever a store raises."""
    store = stores.store(archive.store)
    if to_read:
        return store.open(archive.key, "rb")
    if not store.exists(archive.key):
        raise FileNotFoundError(archive.key)
    return None


async def _pieces(stream: IO[bytes]) -> AsyncIterator[bytes]:
    """Asynchronous, because Django collects an ordinary iterator into a list before an ASGI server gets any of it."""
    try:
        while piece := await in_thread(stream.read, PIECE_BYTES):
            yield piece
    finally:
        await in_thread(stream.close)
