"""What a small model can be asked before the conversation is over, kept for whoever evaluates."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from coach import wake_up
from coach.celery import app as celery
from coach.config import config
from coach.providers.ports import ProviderUnavailable
from evaluations import queue, tasks
from evaluations.asking import Evaluator
from evaluations.evaluate import evaluate, prepare
from evaluations.memory import Kept
from evaluations.models import CourtesyOdds, Evaluation
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession, Turn
from tests.evaluations.cast import ENDED, STARTED, Clock, ended_session, queued, reloaded
from tests.evaluations.test_small import Reader, asked_about_courtesies

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def reader() -> Reader:
    return Reader(lambda question, shown: 0.5)


def worker(reader: Any, *, local: bool = True) -> Evaluator:
    """As a worker that has just started builds it."""
    return Evaluator(reader, "small", local, Kept("small"))


def under_way() -> PracticeSession:
    session = ended_session(["Hi."])
    session.status, session.ended_at, session.termination_reason = SessionStatus.ACTIVE, None, ""
    session.duration_deadline = ENDED
    session.save()
    return session


def test_what_was_asked_during_the_conversation_no_worker_asks_again(reader: Reader) -> None:
    prepare(under_way().pk, worker(reader))
    asked = asked_about_courtesies(reader)
    assert asked == CourtesyOdds.objects.count() == 4
    evaluation = queued()
    evaluate(evaluation.pk, worker(reader), clock=Clock())
    assert (reloaded(evaluation).status, asked_about_courtesies(reader)) == ("completed", asked)


def test_a_worker_killed_in_the_middle_leaves_what_it_has_learnt() -> None:
    class Killed(BaseException):
        pass

    def dying(question: str, shown: str) -> float:
        if len(first.asked) == 2:
            raise Killed
        return 0.5

    first, second = Reader(dying), Reader(lambda question, shown: 0.5)
    with pytest.raises(Killed):
        prepare(under_way().pk, worker(first))
    evaluation = queued()
    evaluate(evaluation.pk, worker(second), clock=Clock())
    assert (reloaded(evaluation).status, asked_about_courtesies(second)) == ("completed", 1)
    assert CourtesyOdds.objects.count() == 4


def test_two_workers_may_learn_the_same(reader: Reader) -> None:
    for _ in range(2):
        Kept("small").keep({"d" * 64: 0.25})
    assert Kept("small").known(["d" * 64, "e" * 64]) == {"d" * 64: 0.25}


def test_nothing_is_asked_once_the_conversation_is_over(reader: Reader) -> None:
    prepare(ended_session().pk, worker(reader))
    prepare("erased", worker(reader))
    assert reader.asked == []


def test_nothing_is_asked_where_a_service_evaluates(reader: Reader) -> None:
    prepare(under_way().pk, worker(reader, local=False))
    assert reader.asked == []


def owe_a_check() -> None:
    talking = under_way()
    talking.turns.update(objective_check_at=STARTED)


def begin_an_evaluation() -> None:
    assert queue.claim(queued().pk, now=ENDED)


@pytest.mark.parametrize("begin", [owe_a_check, begin_an_evaluation])
def test_it_gives_way_to_what_the_model_would_have_to_read_again(begin: Callable[[], None], reader: Reader) -> None:
    session = under_way()
    begin()
    prepare(session.pk, worker(reader))
    assert reader.asked == []
    Turn.objects.update(objective_check_at=None)
    Evaluation.objects.all().delete()
    prepare(session.pk, worker(reader))
    assert asked_about_courtesies(reader) == 4


def test_one_worker_process_asks_one_thing_at_a_time(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_evaluator", lambda: worker(reader))
    session = under_way()
    with tasks._preparing:
        tasks.run_prepare(session.pk)
        assert reader.asked == []
    tasks.run_prepare(session.pk)
    assert asked_about_courtesies(reader) == 4


def test_a_model_that_is_still_loading_is_left_alone() -> None:
    class Loading:
        asked = 0

        def call(self, *_: Any, **__: Any) -> Any:
            self.asked += 1
            raise ProviderUnavailable("local-text answered 503 models_loading")

    loading = Loading()
    prepare(under_way().pk, worker(loading))
    assert (loading.asked, CourtesyOdds.objects.count()) == (1, 0)


@pytest.mark.parametrize("local", [True, False])
def test_the_sweep_calls_for_conversations_under_way_only_where_a_small_model_evaluates(
    local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[str, ...]] = []
    monkeypatch.setattr(wake_up, "call", lambda *call: called.append(call))
    monkeypatch.setattr(tasks, "config", _with_evaluator(local))
    session = under_way()
    ended_session()
    for _ in range(2):  # also after a worker that was killed in the middle
        tasks.sweep()
    assert called == ([("evaluations.prepare", session.pk)] * 2 if local else [])
    assert tasks.PREPARE in celery.tasks


def _with_evaluator(local: bool) -> Any:
    class Changed:
        evaluator = dataclasses.replace(config.evaluator, local=local)

    return Changed
