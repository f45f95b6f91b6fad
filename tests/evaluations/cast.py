"""Creates ended sessions with their turns, and runs their evaluations."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coach.config import ModelEndpoint
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names
from evaluations import evaluation_job
from evaluations.ask_evaluator import Evaluator
from evaluations.evaluate import evaluate
from evaluations.models import Evaluation
from practice.lifecycle import AsrStatus, Language, Reason, ReplyStatus, SessionStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn
from tests.evaluations.talks import CLARITY, DEADLINES, FEEDBACK, LISTENING

STARTED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDED = STARTED + timedelta(minutes=4)

BRIEF: dict[str, Any] = {
    "title": "Deadlines keep slipping",
    "objective": "Agree on an early warning.",
    "aiPersona": {"name": "Alex", "role": "Engineer", "background": ""},
    "traineePersona": {"name": "Robin", "role": "Team lead", "background": ""},
    "endCriteria": ["The teammate agrees to warn earlier.", "Someone walks out."],
    "skillSummaries": [
        {"skillId": skill.id, "name": skill.name, "rubric": skill.rubric} for skill in (LISTENING, CLARITY)
    ],
}


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = ENDED) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def ended_session(
    lines: Sequence[str | None] = DEADLINES,
    *,
    language: str = Language.ENGLISH,
    was_active: bool = True,
    brief: dict[str, Any] | None = None,
    asr: AsrStatus = AsrStatus.COMPLETED,
    behaviours: dict[str, Any] | None = None,
) -> PracticeSession:
    """A session of alternating lines, the AI's first. None: a spoken turn without transcript, of status `asr`."""
    scenario, _ = Scenario.objects.get_or_create(
        external_id="deadlines", defaults={"title": "Deadlines keep slipping", "category": "Work"}
    )
    session = PracticeSession.objects.create(
        user_id="pilot-user",
        scenario=scenario,
        scenario_title=scenario.title,
        brief=BRIEF if brief is None else brief,
        behaviours=behaviours or {},
        language=language,
        status=SessionStatus.ENDED,
        termination_reason=Reason.MANUAL if was_active else Reason.CAPACITY,
        client_session_started_at=STARTED,
        created_at=STARTED,
        started_at=STARTED if was_active else None,
        ended_at=ENDED,
        sorted_at=STARTED,
        idle_limit_seconds=8,
        duration_limit_seconds=300,
    )
    for sequence, line in enumerate(lines):
        spoke = {"speaker": Speaker.TRAINEE, "asr_status": asr if line is None else AsrStatus.COMPLETED}
        replied = {"speaker": Speaker.AI, "reply_status": ReplyStatus.COMPLETE}
        Turn.objects.create(
            session=session,
            sequence=sequence,
            transcript=line,
            created_at=STARTED + timedelta(seconds=10 * sequence),
            **(spoke if sequence % 2 else replied),
        )
    return session


def session_with_behaviours(lines: Sequence[str | None] = DEADLINES, **about: Any) -> PracticeSession:
    """A conversation in which one skill is assessed by its behaviours."""
    stored = [
        {
            "key": each.key,
            "text": each.text,
            "kind": each.kind,
            "shown": list(each.shown),
            "notShown": list(each.not_shown),
        }
        for each in FEEDBACK.behaviours
    ]
    summary = {"skillId": FEEDBACK.id, "name": FEEDBACK.name, "rubric": FEEDBACK.rubric}
    brief = BRIEF | {"skillSummaries": [summary]}
    return ended_session(lines, brief=brief, behaviours={FEEDBACK.id: stored}, **about)


def queued(session: PracticeSession | None = None, *, now: datetime = ENDED) -> Evaluation:
    evaluation = evaluation_job.queue(session or ended_session(), now=now)
    assert evaluation is not None
    return evaluation


def evaluator(base_url: str, *, local: bool = False) -> Evaluator:
    """The product's own evaluator client, pointed at the fake service."""
    endpoint = ModelEndpoint(
        base_url=base_url,
        model="judge-1",
        api_key=None,
        local=local,
        key_variable="CHATAI_API_KEY",
        model_variable="CHATAI_API_MODEL",
    )
    return Evaluator(CompletionsToolCaller(endpoint, names.EVALUATOR), endpoint.model, local)


def run(evaluation: Evaluation, base_url: str, clock: Clock | None = None) -> Evaluation:
    """Run the job once; returns the record as it is afterwards."""
    evaluate(evaluation.pk, evaluator(base_url), clock=clock or Clock())
    return reloaded(evaluation)


def run_until_settled(evaluation: Evaluation, base_url: str, clock: Clock | None = None) -> Evaluation:
    """Run the job each time it is due, until it has settled."""
    clock = clock or Clock()
    while (evaluation := reloaded(evaluation)).next_attempt_at is not None:
        clock.at = max(clock.at, evaluation.next_attempt_at)
        evaluate(evaluation.pk, evaluator(base_url), clock=clock)
    return evaluation


def reloaded(evaluation: Evaluation) -> Evaluation:
    return Evaluation.objects.get(pk=evaluation.pk)
