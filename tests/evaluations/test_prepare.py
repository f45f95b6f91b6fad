"""While a conversation is running, a machine that evaluates locally embeds it as far as it can."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from coach.providers.ports import ProviderUnavailable, Vector
from evaluations import evaluate, tasks
from evaluations.ask_evaluator import Evaluator
from evaluations.local import evaluator as local_evaluator
from practice.lifecycle import SessionStatus
from practice.models import PracticeSession
from tests.evaluations.cast import ENDED, ended_session, session_with_behaviours
from tests.evaluations.cast import evaluator as cloud_evaluator
from tests.evaluations.talks import DEADLINES, FEEDBACK, talk
from tests.evaluations.test_local import NoModel, SharedWords

NOWHERE = "http://127.0.0.1:9/v1"


def talking(session: PracticeSession) -> PracticeSession:
    going_on = {"status": SessionStatus.ACTIVE, "termination_reason": "", "ended_at": None}
    PracticeSession.objects.filter(pk=session.pk).update(duration_deadline=ENDED, **going_on)
    return session


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The wake-up calls that a sweep sends."""
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(tasks.wake_up, "call", lambda *call: made.append(call))
    return made


def evaluates(monkeypatch: pytest.MonkeyPatch, *, locally: bool) -> None:
    monkeypatch.setattr(tasks, "config", SimpleNamespace(evaluator=SimpleNamespace(local=locally)))


@pytest.mark.django_db
def test_the_sweep_requests_preparation_for_every_running_conversation(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, ...]]
) -> None:
    evaluates(monkeypatch, locally=True)
    two = [talking(ended_session()), talking(ended_session())]
    ended_session()
    tasks.sweep()
    assert sorted(calls) == sorted((tasks.PREPARE, session.pk) for session in two)


@pytest.mark.django_db
def test_nothing_is_prepared_for_a_cloud_evaluator(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, ...]]
) -> None:
    evaluates(monkeypatch, locally=False)
    session = talking(ended_session())
    tasks.sweep()
    assert calls == []
    evaluate.prepare(session.pk, cloud_evaluator(NOWHERE))


def test_after_the_end_only_new_lines_are_embedded() -> None:
    early, late = SharedWords(), SharedWords()
    here = "On Friday the rent was not there."
    local_evaluator.prepare(replace(talk(*DEADLINES[:3], skills=[FEEDBACK]), example_lines=(here,)), early)
    local_evaluator.read(replace(talk(*DEADLINES, skills=[FEEDBACK]), example_lines=(here,)), NoModel(), late)
    prepared = {text for texts in early.asked for text in texts}
    examples = {text for each in FEEDBACK.behaviours for text in (*each.shown, *each.not_shown)} | {here}
    assert examples <= prepared
    assert early.lasting == examples, "what curators wrote is kept for good, never what was said"
    left = " ".join({text for texts in late.asked for text in texts} - prepared)
    assert "two days before" in left
    assert "slipped" not in left
    assert "two days before" in " ".join({each.text for each in late.turns} - {each.text for each in early.turns})


@pytest.mark.django_db
@pytest.mark.parametrize("known", [True, False])
def test_a_failing_preparation_breaks_nothing(known: bool) -> None:
    class Down(SharedWords):
        def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
            raise ProviderUnavailable("local-embeddings is down")

    session = talking(session_with_behaviours())
    local = replace(cloud_evaluator(NOWHERE, local=True), embeddings=Down())
    evaluate.prepare(session.pk if known else "no-such-session", local)
    session.refresh_from_db()
    assert session.status == SessionStatus.ACTIVE


@pytest.mark.django_db
def test_lines_of_a_running_session_are_embedded() -> None:
    session, embeddings = talking(session_with_behaviours()), SharedWords()
    evaluator: Evaluator = replace(cloud_evaluator(NOWHERE, local=True), embeddings=embeddings)
    evaluate.prepare(session.pk, evaluator)
    asked: list[Any] = list(embeddings.asked[0])
    assert any("two days before" in text for text in asked)
    assert [(each.answered, each.text) for each in embeddings.turns] == list(
        zip(DEADLINES[::2], DEADLINES[1::2], strict=False)
    )
