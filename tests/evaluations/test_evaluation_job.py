"""A session that was active has one evaluation record: when it is due, and how its status can change."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from evaluations import evaluation_job, evaluation_schema
from evaluations.findings.results import Findings
from evaluations.lifecycle import EvaluationStatus
from evaluations.models import Evaluation
from practice.lifecycle import AsrStatus
from practice.models import PracticeSession, Turn
from practice.signals import session_ended, turn_transcribed
from tests.evaluations.cast import ENDED, Clock, ended_session, queued, reloaded

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

EMPTY = Findings((), "Nothing.")


def test_a_session_that_was_active_gets_an_evaluation_when_it_ends() -> None:
    session = ended_session()
    session_ended.send(PracticeSession, session=session, now=ENDED)
    session_ended.send(PracticeSession, session=session, now=ENDED)
    evaluation = Evaluation.objects.get(session=session)
    assert (evaluation.status, evaluation.queued_at, evaluation.attempts) == ("pending", ENDED, 0)


def test_a_session_that_never_became_active_gets_no_evaluation() -> None:
    session_ended.send(PracticeSession, session=ended_session([], was_active=False), now=ENDED)
    assert not Evaluation.objects.exists()


def test_a_session_has_one_evaluation_at_most() -> None:
    session = ended_session()
    queued(session)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.create(session=session, queued_at=ENDED, next_attempt_at=ENDED)


def test_with_all_turns_transcribed_it_is_due_at_once() -> None:
    assert queued().next_attempt_at == ENDED


def test_it_waits_twenty_seconds_for_an_open_transcription() -> None:
    evaluation = queued(ended_session(["Hi.", None], asr=AsrStatus.PENDING))
    assert evaluation.next_attempt_at == ENDED + timedelta(seconds=20)
    assert evaluation_job.claim(evaluation.pk, now=ENDED + timedelta(seconds=19)) is None
    assert evaluation_job.due(now=ENDED + timedelta(seconds=19)) == []
    assert evaluation_job.due(now=ENDED + timedelta(seconds=20)) == [evaluation.pk]


def test_the_last_transcription_starts_it(django_capture_on_commit_callbacks) -> None:
    session = ended_session(["Hi.", None, "Yes?", None], asr=AsrStatus.PENDING)
    session.ended_at = timezone.now()
    session.save()
    evaluation = queued(session, now=session.ended_at)
    first, second = Turn.objects.filter(session=session, asr_status=AsrStatus.PENDING)
    for turn, starts in ((first, False), (second, True)):
        with django_capture_on_commit_callbacks(execute=True):
            Turn.objects.filter(pk=turn.pk).update(asr_status=AsrStatus.COMPLETED, transcript="We missed it again.")
            turn_transcribed.send(Turn, turn=turn)
        due = reloaded(evaluation).next_attempt_at
        assert due is not None
        assert (due <= timezone.now()) is starts


def test_a_failed_transcription_is_not_waited_for() -> None:
    assert queued(ended_session(["Hi.", None], asr=AsrStatus.FAILED)).next_attempt_at == ENDED


def test_words_transcribed_later_are_still_scored() -> None:
    session = ended_session(["Hi.", None], asr=AsrStatus.FAILED)
    evaluation = queued(session)
    claim = evaluation_job.claim(evaluation.pk, now=ENDED)
    assert claim
    evaluation_job.complete(claim, EMPTY, evaluation_job.Cost(), unheard_turns=1, now=ENDED)
    assert evaluation_job.heard(session.pk, now=ENDED) is None
    Turn.objects.filter(session=session, sequence=1).update(asr_status=AsrStatus.COMPLETED, transcript="We missed it.")
    assert evaluation_job.heard(session.pk, now=ENDED) == evaluation.pk
    again = reloaded(evaluation)
    assert (again.status, again.attempts, again.tries_in_a_row) == ("pending", 1, 0)


def test_a_result_with_scores_is_not_changed_by_a_later_transcription() -> None:
    session = ended_session(["Hi.", "We missed it.", "Oh.", None], asr=AsrStatus.FAILED)
    claim = evaluation_job.claim(queued(session).pk, now=ENDED)
    assert claim
    evaluation_job.complete(claim, EMPTY, evaluation_job.Cost(model="judge-1"), unheard_turns=1, now=ENDED)
    Turn.objects.filter(session=session, sequence=3).update(asr_status=AsrStatus.COMPLETED, transcript="More.")
    assert evaluation_job.heard(session.pk, now=ENDED) is None


def test_only_what_is_due_can_be_claimed_and_only_once() -> None:
    evaluation = queued()
    assert evaluation_job.claim(evaluation.pk, now=ENDED)
    assert evaluation_job.claim(evaluation.pk, now=ENDED) is None


def test_a_requeue_has_three_tries_and_counts_the_first_at_once() -> None:
    evaluation, clock = queued(), Clock()
    claim = evaluation_job.claim(evaluation.pk, now=clock())
    assert claim
    evaluation_job.fail(claim, "the service is gone")
    assert evaluation_job.requeue(evaluation.pk, now=clock())
    again = reloaded(evaluation)
    assert (again.status, again.attempts, again.last_error) == ("pending", 2, "")
    claim = evaluation_job.claim(evaluation.pk, now=clock())
    assert (reloaded(evaluation).attempts, claim and claim.tries_in_a_row) == (2, 1)
    tries = 1
    while claim and (claim := evaluation_job.try_again(claim, "no", now=clock())):
        tries += 1
    assert (tries, reloaded(evaluation).attempts) == (3, 4)


def state(status: EvaluationStatus) -> Evaluation:
    evaluation = queued(ended_session())
    if status == EvaluationStatus.PENDING:
        return evaluation
    claim = evaluation_job.claim(evaluation.pk, now=ENDED)
    assert claim
    if status == EvaluationStatus.FAILED:
        evaluation_job.fail(claim, "no")
    if status == EvaluationStatus.COMPLETED:
        evaluation_job.complete(claim, EMPTY, evaluation_job.Cost(), unheard_turns=0, now=ENDED)
    return reloaded(evaluation)


@pytest.mark.parametrize("status", EvaluationStatus)
def test_only_a_failed_evaluation_can_be_requeued(status: EvaluationStatus) -> None:
    evaluation = state(status)
    assert evaluation_job.requeue(evaluation.pk, now=ENDED) is (status == EvaluationStatus.FAILED)
    assert reloaded(evaluation).status == ("pending" if status == EvaluationStatus.FAILED else status)


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "waiting"},
        {"next_attempt_at": None},
        {"claim": "x"},
        {"status": "completed", "next_attempt_at": None, "summary": "x"},
        {"status": "failed", "next_attempt_at": None},
        {"status": "running", "next_attempt_at": None, "claim": "x"},
        {"tries_in_a_row": 4, "attempts": 4},
        {"tries_in_a_row": 2, "attempts": 1},
    ],
)
def test_the_database_refuses_an_inconsistent_record(broken: dict) -> None:
    evaluation = queued()
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=evaluation.pk).update(**broken)


def test_briefs_of_many_sessions_take_one_query(django_assert_num_queries) -> None:
    sessions = [ended_session() for _ in range(5)]
    ids = {session.pk: queued(session).pk for session in sessions}
    with django_assert_num_queries(1):
        briefs = evaluation_schema.briefs([*ids, "unknown"])
    assert {key: brief.id for key, brief in briefs.items()} == ids
