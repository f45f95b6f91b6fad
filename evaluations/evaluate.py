"""Runs one evaluation, from claim to result."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.utils import translation
from django.utils.translation import gettext as _

from coach.jobs import Backoff, kept
from coach.providers.ports import ProviderError, ToolAnswer
from coach.telemetry import metrics, names
from coach.telemetry.spans import OpenSpan, span
from evaluations import evaluation_job
from evaluations.ask_evaluator import Evaluator, Outcome, Question
from evaluations.findings import goal_reached
from evaluations.findings.results import Findings
from evaluations.local import evaluator as local_evaluator
from evaluations.transcript import conversation as conversations
from evaluations.transcript.conversation import Conversation, Said
from practice.lifecycle import Language, Speaker
from practice.models import PracticeSession

log = structlog.get_logger(__name__)

BACKOFF_LOCAL = Backoff(timedelta(seconds=8), 4, timedelta(seconds=60), jitter=0.25)
"""A local model may still be loading, and serves turns first."""


@dataclass
class _Spent:
    """What was spent, added up over the tries of one job."""

    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: int = 0

    def add(self, answer: ToolAnswer) -> None:
        self.model = answer.usage.model or self.model
        self.input_tokens += answer.usage.input_tokens
        self.output_tokens += answer.usage.output_tokens
        self.latency_ms += answer.latency_ms

    def cost(self, local: bool) -> evaluation_job.Cost:
        return evaluation_job.Cost(self.model, local, self.input_tokens, self.output_tokens, self.latency_ms)


@dataclass(frozen=True)
class _Job:
    session: PracticeSession
    evaluator: Evaluator
    clock: Callable[[], datetime]
    span: OpenSpan
    spent: _Spent
    read_at: datetime


def evaluate(
    evaluation_id: str,
    evaluator: Evaluator,
    *,
    clock: Callable[[], datetime],
    before: Callable[[PracticeSession], None] | None = None,
) -> bool:
    """Claim the evaluation if it is due and finish it; False if another worker has it or there is nothing to do.

    Leaves it completed, failed, or pending for a later try. `before`: what the conversation still owes.
    """
    claim = evaluation_job.claim(evaluation_id, now=clock())
    if claim is None:
        return False
    session = PracticeSession.objects.filter(pk=claim.session_id).first()
    if session is None:  # erased just now, along with the evaluation
        return False
    with (
        span(
            names.EVALUATION,
            session_id=session.pk,
            parent=session.traceparent,
            evaluationId=evaluation_id,
            model=evaluator.name,
            local=evaluator.local,
        ) as opened,
        kept(claim.lease, now=clock),
    ):
        job = _Job(session, evaluator, clock, opened, _Spent(evaluator.name), clock())
        try:
            if before:
                before(session)
            _see_through(claim, job, of_session(session))
        except Exception as error:
            # A bug of ours must not block a result for ever: the next try may run newer code.
            log.error("evaluation broke off", error=type(error).__name__, where=_where(error))
            _later_or_never(claim, job, Outcome("error", f"Internal error ({type(error).__name__})", ask_again="later"))
    return True


def prepare(session_id: str, evaluator: Evaluator) -> None:
    """Embed the example lines and what was said so far while the conversation goes on, if the evaluator is local."""
    session = PracticeSession.objects.filter(pk=session_id).first()
    if session is None or evaluator.embeddings is None:
        return
    try:
        local_evaluator.prepare(of_session(session), evaluator.embeddings)
    except ProviderError as error:
        # The evaluation itself will meet the same problem and report it.
        log.info("evaluation not prepared", sessionId=session_id, error=type(error).__name__)


def of_session(session: PracticeSession) -> Conversation:
    """The conversation as known now."""
    turns = [
        Said(turn.sequence, "ai" if turn.speaker == Speaker.AI else "trainee", turn.transcript, turn.doubtful)
        for turn in session.turns.said().order_by("sequence")
    ]
    return conversations.of_brief(
        session.brief,
        language=session.language,
        turns=turns,
        behaviours=session.behaviours,
        has_role_brief=goal_reached.plays_a_role(session),
        role_brief=session.role_brief,
    )


def _see_through(claim: evaluation_job.Claim, job: _Job, conversation: Conversation) -> None:
    unheard = conversation.unheard
    if not conversation.has_trainee_words_from(job.session.continues_at or 0):
        _store(claim, job, _nothing_to_score(conversation), evaluation_job.Cost(), unheard, "empty")
        return
    local = job.evaluator.local
    question = Question(job.evaluator, conversation)
    while True:
        put = question.put(session_id=job.session.pk)
        metrics.count(names.EVALUATION_ATTEMPTS, status=put.status, local=local)
        job.span.set(names.ATTEMPT, claim.tries_in_a_row)
        for answer in put.answers:
            job.spent.add(answer)
        if put.findings is not None:
            _store(claim, job, put.findings, job.spent.cost(local), unheard, "completed")
            return
        log.warning("evaluation try failed", status=put.status, attempt=claim.tries_in_a_row, error=put.reason)
        further = evaluation_job.try_again(claim, put.reason, now=job.clock()) if put.ask_again == "now" else None
        if further is None:
            break
        claim = further
    if question.findings is not None:
        # Only one of two readings could be used: better than none, and the result says so.
        _store(claim, job, question.findings, job.spent.cost(local), unheard, "completed")
    else:
        _later_or_never(claim, job, put)


def _later_or_never(claim: evaluation_job.Claim, job: _Job, outcome: Outcome) -> None:
    job.span.fail(outcome.status)
    if outcome.ask_again == "later":
        backoff = BACKOFF_LOCAL if job.evaluator.local else evaluation_job.EVALUATION.backoff
        wait = backoff.after(claim.tries_in_a_row, asked_for=outcome.retry_after)
        if evaluation_job.give_back(claim, outcome.reason, now=job.clock(), after=wait):
            return
    if evaluation_job.fail(claim, outcome.reason):
        metrics.count(names.EVALUATIONS_FINISHED, status="failed")
        log.error("evaluation failed", error=outcome.reason)


def _store(
    claim: evaluation_job.Claim, job: _Job, scored: Findings, cost: evaluation_job.Cost, unheard: int, status: str
) -> None:
    now = job.clock()
    with span(names.EVALUATION_STORE, session_id=job.session.pk) as storing:
        scored = replace(scored, doors=goal_reached.doors(job.session))
        stored = evaluation_job.complete(
            claim, scored, cost, unheard_turns=unheard, transcript_read_at=job.read_at, now=now
        )
        if not stored:
            # Taken over by another worker, or erased with its session.
            storing.fail("lost")
            return
    metrics.count(names.EVALUATIONS_FINISHED, status=status)
    metrics.count(names.QUOTES_KEPT, scored.kept_quotes)
    metrics.count(names.QUOTES_DROPPED, scored.dropped_quotes)
    if job.session.ended_at is not None:
        seconds = (now - job.session.ended_at).total_seconds()
        metrics.measure(names.EVALUATION_READY, seconds)
        job.span.set(names.SECONDS, seconds)
        log.info("evaluation ready", status=status, seconds=round(seconds, 1))


def _where(error: Exception) -> str:
    """The line that raised; a full traceback could quote the conversation."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{frame.f_code.co_filename}:{line}"


def _nothing_to_score(conversation: Conversation) -> Findings:
    with translation.override("zh-hans" if conversation.language == Language.CHINESE else "en"):
        if conversation.unheard:
            summary = _("There was nothing to score: what you said could not be transcribed.")
        else:
            summary = _("There was nothing to score: you did not say anything in this session.")
    return Findings((), summary)
