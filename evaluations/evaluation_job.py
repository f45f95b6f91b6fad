"""Every status change of an evaluation; the first one wins, a later one changes nothing.

session ended ─> pending ─> running ─> completed ──(a line was corrected, or heard late)─┐
                    ^          ├─────> failed ──(requeue)────────────────────────────────┤
                    └──────────┴─────────────────────────────────────────────────────────┘

A result stands until the next one is stored, in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.utils.translation import gettext as _

from coach.jobs import Backoff, JobKind, Lease
from evaluations import lifecycle, stored_results
from evaluations.findings.results import Findings
from evaluations.lifecycle import TRIES_IN_A_ROW, EvaluationStatus
from evaluations.models import RATED_BY_BEHAVIOURS, Evaluation, SkillScore
from practice.lifecycle import AsrStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.transitions import move

TRANSCRIPTION_WAIT = timedelta(seconds=20)
LEASE = timedelta(seconds=20)
EVALUATION: JobKind[Evaluation] = JobKind(
    "evaluation",
    Evaluation,
    owed=lifecycle.EVALUATION.may_become(EvaluationStatus.RUNNING),
    taken=Q(status=EvaluationStatus.RUNNING),
    due_at="next_attempt_at",
    held_until="claimed_until",
    holder="claim",
    # Counts every try ever begun; the limit applies to tries in a row, which a requeue resets.
    attempts="attempts",
    lease=LEASE,
    backoff=Backoff(timedelta(seconds=2), 4, timedelta(seconds=60), jitter=0.25),
)

_NEXT_TRY = {
    "attempts": Case(When(try_counted=True, then=F("attempts")), default=F("attempts") + Value(1)),
    "tries_in_a_row": Case(When(try_counted=True, then=F("tries_in_a_row")), default=F("tries_in_a_row") + Value(1)),
    "try_counted": False,
}
_SUMMARY_OF_SCORES = Case(
    When(Exists(SkillScore.objects.filter(evaluation=OuterRef("pk"))), then=F("summary")),
    default=Value(""),
    output_field=TextField(),
)
"""The summary if there are scores: that there was nothing to score is not a result that stands."""


@dataclass(frozen=True)
class Claim:
    """Proof that this worker has the evaluation, until another takes it over."""

    lease: Lease[Evaluation]
    session_id: str
    tries_in_a_row: int

    @property
    def evaluation_id(self) -> str:
        return str(self.lease.pk)

    @property
    def held(self) -> "QuerySet[Evaluation]":
        return self.lease.held


@dataclass(frozen=True)
class Cost:
    """What an evaluation cost, over all tries of the job that settled it."""

    model: str = ""
    local: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: int | None = None


def queue(session: PracticeSession, *, now: datetime) -> Evaluation | None:
    """Create the one evaluation of an ended session, due once its turns are transcribed.

    None if the session was never active.
    """
    if not session.was_active or session.ended_at is None:
        return None
    due = now + TRANSCRIPTION_WAIT if _outstanding(session.pk).exists() else now
    return Evaluation.objects.get_or_create(session=session, defaults={"queued_at": now, "next_attempt_at": due})[0]


def heard(session_id: str, *, now: datetime) -> str | None:
    """A transcription finished or failed: an evaluation that waited for the last one is due now. Returns its id.

    An evaluation that found nothing to score only because nothing was transcribed gets another chance.
    """
    theirs = Evaluation.objects.filter(~Exists(_outstanding(session_id)), session_id=session_id)
    unheard = theirs.filter(
        Exists(_words(session_id)), status=EvaluationStatus.COMPLETED, unheard_turns__gt=0, evaluator_model=""
    )
    with transaction.atomic():
        if PracticeSession.objects.locked(session_id) is None:
            return None
        moved = theirs.filter(status=EvaluationStatus.PENDING, attempts=0, next_attempt_at__gt=now).update(
            next_attempt_at=now
        ) or _move_again(unheard, session_id, now, tries_in_a_row=0)
        if not moved:
            return None
        evaluation_id: str = Evaluation.objects.values_list("pk", flat=True).get(session_id=session_id)
    return evaluation_id


def claim(evaluation_id: str, *, now: datetime) -> Claim | None:
    """Claim the evaluation if it is due; this begins a try."""
    running = {**lifecycle.EVALUATION.to(EvaluationStatus.RUNNING), "next_attempt_at": None, **_NEXT_TRY}
    lease = EVALUATION.claim(evaluation_id, now=now, changes=running)
    evaluation = Evaluation.objects.filter(pk=evaluation_id).first()
    return Claim(lease, evaluation.session_id, evaluation.tries_in_a_row) if lease and evaluation else None


def try_again(claim: Claim, reason: str, *, now: datetime) -> Claim | None:
    """Begin another try at once after an unusable answer; None if none is left or the claim was lost."""
    moved = claim.held.filter(tries_in_a_row__lt=TRIES_IN_A_ROW).update(
        claimed_until=now + LEASE, last_error=_short(reason), **_NEXT_TRY
    )
    if not moved:
        return None
    return replace(claim, tries_in_a_row=claim.tries_in_a_row + 1)


def give_back(claim: Claim, reason: str, *, now: datetime, after: timedelta) -> bool:
    """Leave it to a later try, `after` from now; False if none is left or the claim was lost."""
    return _settle(
        claim,
        claim.held.filter(tries_in_a_row__lt=TRIES_IN_A_ROW),
        status=EvaluationStatus.PENDING,
        next_attempt_at=now + after,
        last_error=_short(reason),
    )


def fail(claim: Claim, reason: str) -> bool:
    """Mark as failed until somebody asks again; False if the claim was lost."""
    return _settle(claim, claim.held, status=EvaluationStatus.FAILED, last_error=_short(reason) or _("Unknown error"))


def give_up(evaluation_id: str, reason: str, *, now: datetime) -> bool:
    """Fail a waiting evaluation until somebody asks again; False in any other state."""
    waiting = Evaluation.objects.filter(pk=evaluation_id, status=EvaluationStatus.PENDING)
    waiting.update(next_attempt_at=now)
    taken = claim(evaluation_id, now=now)
    return taken is not None and fail(taken, reason)


def complete(
    claim: Claim,
    found: Findings,
    cost: Cost,
    *,
    unheard_turns: int,
    now: datetime,
    transcript_read_at: datetime | None = None,
) -> bool:
    """Store the complete result in place of an earlier one; False if the claim was lost, or the evaluation deleted."""
    return _settle(
        claim,
        claim.held,
        also=lambda: stored_results.store(claim.evaluation_id, claim.session_id, found),
        status=EvaluationStatus.COMPLETED,
        completed_at=now,
        last_error="",
        evaluator_model=cost.model[:120],
        scored_locally=cost.local,
        input_tokens=cost.input_tokens,
        output_tokens=cost.output_tokens,
        latency_ms=cost.latency_ms,
        summary=found.summary,
        strengths=found.strengths,
        gaps=found.gaps,
        dropped_quotes=found.dropped_quotes,
        unheard_turns=unheard_turns,
        shape=RATED_BY_BEHAVIOURS,
        agreed=found.agreement.agreed if found.agreement else None,
        agreed_of=found.agreement.of if found.agreement else None,
        doors=list(found.doors),
        transcript_read_at=transcript_read_at,
    )


def requeue(evaluation_id: str, *, now: datetime) -> bool:
    """From failed back to pending, with its first try already counted; False in any other state."""
    failed = Evaluation.objects.filter(pk=evaluation_id, status=EvaluationStatus.FAILED)
    session_id = failed.values_list("session_id", flat=True).first()
    if session_id is None:
        return False
    return _move_again(failed, session_id, now, attempts=F("attempts") + 1, tries_in_a_row=1, try_counted=True)


def start_over(evaluation_id: str, *, now: datetime) -> bool:
    """From completed back to pending, for a new reading; False in any other state."""
    completed = Evaluation.objects.filter(pk=evaluation_id, status=EvaluationStatus.COMPLETED)
    session_id = completed.values_list("session_id", flat=True).first()
    if session_id is None:
        return False
    return _move_again(completed, session_id, now, attempts=F("attempts") + 1, tries_in_a_row=1, try_counted=True)


def take_over_lost(*, now: datetime) -> Sequence[str]:
    """Evaluations whose worker went silent become due again, or fail if no try is left; returns the failed ones."""
    lost = Evaluation.objects.filter(status=EvaluationStatus.RUNNING, claimed_until__lt=now)
    failed = []
    for evaluation in lost.only("pk", "attempts", "claim", "session_id", "tries_in_a_row"):
        lease = Lease(EVALUATION, evaluation.pk, evaluation.attempts, evaluation.claim)
        claim = Claim(lease, evaluation.session_id, evaluation.tries_in_a_row)
        silent = claim.held.filter(claimed_until__lt=now)
        reason = _("The worker that was evaluating stopped.")
        if _settle(
            claim,
            silent.filter(tries_in_a_row__lt=TRIES_IN_A_ROW),
            status=EvaluationStatus.PENDING,
            next_attempt_at=now,
            last_error=reason,
        ):
            continue
        if _settle(claim, silent, status=EvaluationStatus.FAILED, last_error=reason):
            failed.append(evaluation.pk)
    return failed


def due(*, now: datetime, most: int = 50) -> list[str]:
    """Evaluations to call a worker for, longest due first."""
    return list(EVALUATION.due(now).order_by("next_attempt_at").values_list("pk", flat=True)[:most])


def _move_again(rows: "QuerySet[Evaluation]", session_id: str, now: datetime, **counted: Any) -> bool:
    """Back to pending, as if just queued; a result with scores stands meanwhile."""
    return move(
        rows,
        lifecycle.EVALUATION,
        EvaluationStatus.PENDING,
        session_id=session_id,
        tell=False,
        queued_at=now,
        next_attempt_at=now,
        completed_at=None,
        last_error="",
        summary=_SUMMARY_OF_SCORES,
        **counted,
    )


def _settle(
    claim: Claim,
    held: "QuerySet[Evaluation]",
    *,
    status: EvaluationStatus,
    also: Callable[[], None] | None = None,
    **fields: Any,
) -> bool:
    """Leave the running state; `also` is stored in the same transaction."""
    settled = {"claim": "", "claimed_until": None, "next_attempt_at": None} | fields
    session_id, tell = claim.session_id, status != EvaluationStatus.PENDING
    with transaction.atomic():
        moved = move(held, lifecycle.EVALUATION, status, session_id=session_id, tell=tell, **settled)
        if moved and also:
            also()
    return moved


def _outstanding(session_id: str) -> "QuerySet[Turn]":
    return Turn.objects.filter(session_id=session_id, speaker=Speaker.TRAINEE, asr_status=AsrStatus.PENDING)


def _words(session_id: str) -> "QuerySet[Turn]":
    return Turn.objects.filter(session_id=session_id, speaker=Speaker.TRAINEE, transcript__gt="")


def _short(reason: str) -> str:
    return reason if len(reason) <= 400 else reason[:399] + "…"
