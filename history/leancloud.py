"""Connects history and LeanCloud: erasures, the operations report, gauges."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coach import clock
from coach.config import config
from coach.leancloud import outbox
from coach.leancloud.models import OutboxRow
from coach.leancloud.records import register_erasures
from coach.telemetry import names
from history import erasure
from history.models import Erasure
from history.operator_reports import gauges, operations_report
from history.operator_reports.operations_report import Stuck, TroubleKind


def _erased(session_ids: Collection[str]) -> set[str]:
    return set(Erasure.objects.filter(session_id__in=session_ids).values_list("session_id", flat=True))


def _outbox_age() -> float | None:
    oldest = outbox.backlog().oldest
    return None if oldest is None else (clock.now() - oldest).total_seconds()


def _deliver_now(key: str, now: datetime) -> bool:
    return key.isdecimal() and bool(OutboxRow.objects.filter(pk=int(key)).update(next_attempt_at=now))


register_erasures("PracticeSession", _erased)
erasure.register_place(lambda: OutboxRow.objects.exclude(session_id="").values("session_id"))
gauges.READ[names.MIRROR_BACKLOG] = lambda: float(outbox.backlog().waiting)
gauges.READ[names.MIRROR_FAILING] = lambda: float(outbox.backlog().failing)
gauges.READ[names.MIRROR_AGE] = _outbox_age
operations_report.kinds.append(
    TroubleKind(
        "mirror-behind",
        _("Records that LeanCloud does not have yet"),
        _("The mirror's backlog. It clears automatically; a lasting error names the record."),
        lambda: OutboxRow.objects.order_by("-attempts", "created_at"),
        "created_at",
        lambda row: Stuck(str(row), row.last_error, row.created_at, row.session_id, str(row.pk)),
        retry=_deliver_now,
        applies=lambda: config.lean_configured,
    )
)
