"""Checks after every AI reply whether the conversation has reached its end, in parallel and without delaying it.

Coaching is triggered here too, because both wait for the same words.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef, Q

from coach import clock
from coach.jobs import Backoff, JobKind
from coach.providers.ports import MalformedAnswer, ProviderError, SentenceEmbeddings, ToolCaller
from coach.telemetry import metrics, names, spans
from coach.threads import in_thread
from practice import session_end
from practice.help import coaching
from practice.lifecycle import AsrStatus, ObjectiveStatus, Reason, ReplyStatus, SessionStatus
from practice.models import Turn
from practice.persona.model import role_by_model
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from practice.turns import goal_check_by_model, goal_check_by_recognition, goal_check_reactions

log = structlog.get_logger(__name__)

TRANSCRIPTION_SECONDS = 4.0
CLOUD_SECONDS = 4.0
LOCAL_SECONDS = 60.0
CLOSE_SECONDS = 1.0
CLAIM_SLACK = timedelta(seconds=15)
CHECK: JobKind[Turn] = JobKind(
    "objective check",
    Turn,
    owed=Q(reply_status=ReplyStatus.COMPLETE, session__status=SessionStatus.ACTIVE, objective_check_at__isnull=False),
    # When to check; while a check is running, when to consider it lost.
    held_until="objective_check_at",
    attempts="objective_attempts",
    limit=3,
    lease=CLAIM_SLACK,
    backoff=Backoff(timedelta(seconds=1), 2, timedelta(seconds=10)),
)

ENDS = {ObjectiveStatus.SUCCEEDED: Reason.OBJECTIVE_MET, ObjectiveStatus.FAILED: Reason.OBJECTIVE_FAILED}


class GoalChecks:
    """The checks of one web process.

    `begin` must run in its event loop; `hear` wakes checks that wait for words.
    """

    def __init__(
        self,
        caller: ToolCaller,
        *,
        local: bool,
        by_state: bool = False,
        embeddings: SentenceEmbeddings | None = None,
    ) -> None:
        """`by_state`: with a role brief its state alone decides, and no model is asked.

        `embeddings` update that state if a model with a key plays the persona and only a small model could judge.
        """
        self._embeddings = embeddings if local and not by_state else None
        self._caller = caller
        self._local = local
        self._by_state = by_state
        self._seconds = LOCAL_SECONDS if local else CLOUD_SECONDS
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._latest: dict[str, asyncio.Event] = {}

    def begin(self, turn_id: str) -> None:
        if turn_id not in self._tasks:
            self._tasks[turn_id] = asyncio.create_task(self._run(turn_id), name=f"objective-{turn_id}")

    def hear(self, session_id: str) -> None:
        """Something changed in this session."""
        if event := self._latest.get(session_id):
            event.set()

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    async def _run(self, turn_id: str) -> None:
        try:
            claimed = await in_thread(claim, turn_id, now=clock.now(), seconds=self._seconds)
            if claimed is None:
                return
            decided = self._by_state and await in_thread(decide_by_state, turn_id)
            coached = claimed.coaching and await in_thread(coaching.is_due, turn_id)
            if claimed.words_missing and (coached or not decided):
                await self._words_arrived(claimed.session_id)
            decided = decided or await self._decided_by_recognition(turn_id)
            steps: list[Awaitable[object]] = []
            if coached:
                model = None if self._local else self._caller
                steps.append(in_thread(coaching.offer, turn_id, now=clock.now(), model=model))
            if not decided:
                steps.append(in_thread(check, turn_id, self._caller, local=self._local, timeout=self._seconds))
            await asyncio.gather(*steps)
        except Exception:
            # Retried when the claim has expired, three times in all.
            log.exception("objective check broke off", turnId=turn_id)
        finally:
            self._tasks.pop(turn_id, None)

    async def _decided_by_recognition(self, turn_id: str) -> bool:
        """Recognise reactions in the trainee's words, update the persona's state and let it decide."""
        if self._embeddings is None or (parts := await in_thread(_unjudged_parts, turn_id)) is None:
            return False
        called = await goal_check_by_recognition.called_for(parts, self._embeddings)
        await in_thread(_move_and_decide, turn_id, called)
        return True

    async def _words_arrived(self, session_id: str) -> None:
        """Wait for the transcription of the turn just answered, four seconds at most."""
        event = self._latest.setdefault(session_id, asyncio.Event())
        try:
            async with asyncio.timeout(TRANSCRIPTION_SECONDS):
                while await in_thread(_words_missing, session_id):
                    await event.wait()
                    event.clear()
        except TimeoutError:
            log.info("objective check goes ahead without the last words", sessionId=session_id)
        finally:
            self._latest.pop(session_id, None)


def owed(*, now: datetime) -> list[str]:
    """Replies whose check is due and not claimed."""
    return list(CHECK.due(now).values_list("pk", flat=True))


def give_up_exhausted(*, now: datetime) -> None:
    """Checks that failed every time count as `continue`."""
    for turn_id in CHECK.exhausted(now).values_list("pk", flat=True):
        if CHECK.exhausted(now).filter(pk=turn_id).update(objective_check_at=None):
            log.error("objective check given up: the conversation goes on", turnId=turn_id)


@dataclass(frozen=True)
class CheckClaim:
    """A claimed check. `words_missing`: a turn of the talk is still being transcribed."""

    session_id: str
    coaching: bool
    words_missing: bool


def claim(turn_id: str, *, now: datetime, seconds: float) -> CheckClaim | None:
    """Claim the check of this reply, if it is free."""
    lease = timedelta(seconds=TRANSCRIPTION_SECONDS + 2 * seconds) + CLAIM_SLACK
    if not CHECK.take(turn_id, now=now, lease=lease):
        return None
    missing = Exists(Turn.objects.filter(session=OuterRef("session"), asr_status=AsrStatus.PENDING))
    row = Turn.objects.filter(pk=turn_id).values_list("session_id", "session__coaching", missing).first()
    return CheckClaim(*row) if row else None


def check(turn_id: str, caller: ToolCaller, *, local: bool, timeout: float) -> None:
    """Ask once, act on the answer, and record that the check is done."""
    turn = Turn.objects.select_related("session").defer("session__behaviours").get(pk=turn_id)
    session = turn.session
    if session.status != SessionStatus.ACTIVE:
        return
    asked_at = clock.now()
    found: goal_check_by_model.Verdict | None = None
    with spans.span(names.OBJECTIVE_CHECK, session_id=session.pk, turn_id=turn_id, parent=session.traceparent) as span:
        try:
            unjudged = [] if local else role_by_model.unjudged(session, turn)[-goal_check_reactions.AT_ONCE :]
            judged = goal_check_by_model.ask(
                turn, caller, local=local, now=asked_at, timeout=timeout, unjudged=unjudged
            )
            found = judged.verdict
            if not local:
                found = _moved_by(turn, judged)
            status = "answer"
        except MalformedAnswer as error:
            status = "malformed"
            log.warning(
                "objective check: malformed answer counts as continue", sessionId=session.pk, reason=error.reason
            )
        except ProviderError as error:
            status = "error"
            span.fail(type(error).__name__)
            log.warning("objective check not possible", sessionId=session.pk, error=str(error))
    metrics.count(names.OBJECTIVE_CHECKS, status=status)
    _decide(turn, found)


def _moved_by(turn: Turn, judged: goal_check_by_model.Judgement) -> goal_check_by_model.Verdict | None:
    """The model's verdict, combined with the persona's updated state if there is a role brief."""
    succeeded = judged.verdict is not None and judged.verdict.status == ObjectiveStatus.SUCCEEDED
    state = role_by_model.move(turn.session, judged.reactions, succeeded=turn.sequence if succeeded else None)
    by_state = goal_check_by_model.by_state(turn.session, state) if state is not None else None
    left = by_state is not None and by_state.status == ObjectiveStatus.FAILED
    return by_state if left or judged.verdict is None else judged.verdict


def _unjudged_parts(turn_id: str) -> list[RolePart] | None:
    """None without a role brief."""
    turn = Turn.objects.select_related("session__continues_from").get(pk=turn_id)
    if turn.session.parsed_role_brief is None:
        return None
    return goal_check_by_recognition.parts(turn.session, role_by_model.unjudged(turn.session, turn))


def _move_and_decide(turn_id: str, called: Mapping[int, Sequence[str]]) -> None:
    turn = Turn.objects.select_related("session__continues_from").get(pk=turn_id)
    if turn.session.status != SessionStatus.ACTIVE:
        return
    state = role_by_model.move(turn.session, called)
    _decide(turn, goal_check_by_model.by_state(turn.session, state) if state is not None else None)


def decide_by_state(turn_id: str) -> bool:
    """End the session if the persona's state says that it is over; False if there is no such state."""
    turn = Turn.objects.select_related("session").get(pk=turn_id)
    if turn.role_state is None:
        return False
    _decide(turn, goal_check_by_model.by_state(turn.session, RoleState.read(turn.role_state)))
    return True


def _decide(turn: Turn, found: goal_check_by_model.Verdict | None) -> None:
    """Record that the check is done; end the session if it found the talk over."""
    Turn.objects.filter(pk=turn.pk).update(objective_check_at=None)
    if found:
        session_end.end(turn.session_id, ENDS[found.status], now=clock.now(), objective=(found.status, found.reason))


def _words_missing(session_id: str) -> bool:
    return Turn.objects.filter(session_id=session_id, asr_status=AsrStatus.PENDING).exists()
