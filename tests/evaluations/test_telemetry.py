"""Telemetry of an evaluation: spans in the session's trace, SC-003, attempts, quotes; never a spoken word."""

import json
from datetime import timedelta

import pytest

from coach.telemetry import names, spans
from evaluations.models import Evaluation
from tests.evaluations.cast import ENDED, Clock, ended_session, queued, run, run_until_settled
from tests.evaluations.talks import CLARITY, LISTENING, answer, score
from tests.fakes.models import Fake
from tests.telemetry.recording import Recorded, recorded  # noqa: F401

pytestmark = pytest.mark.django_db


def evaluated(judge: Fake) -> Evaluation:
    invented = [{"sequence": 1, "quote": "You never deliver"}]
    judge.answer("evaluation_result", refusal="no")
    judge.answer("evaluation_result", arguments=answer(scores=[score(LISTENING), score(CLARITY, evidence=invented)]))
    session = ended_session()
    with spans.span(names.SESSION_START, session_id=session.pk) as start:
        session.traceparent = start.traceparent
    session.save()
    return run(queued(session), judge.base_url, Clock(ENDED + timedelta(seconds=7)))


def test_job_model_call_and_storage_are_spans_of_the_sessions_trace(judge: Fake, recorded: Recorded) -> None:  # noqa: F811
    done = evaluated(judge)
    (start,) = recorded.spans(names.SESSION_START)
    for name in (names.EVALUATION, names.MODEL_TOOL_CALL, names.EVALUATION_STORE):
        found = recorded.spans(name)[-1]
        assert found.context.trace_id == start.context.trace_id
        assert found.attributes[names.SESSION_ID] == done.session_id
        assert found.attributes[names.STATUS] == names.OK
        assert found.attributes[names.LATENCY_MS] >= 0


def test_readiness_tries_and_quotes_are_counted(judge: Fake, recorded: Recorded) -> None:  # noqa: F811
    evaluated(judge)
    (ready,) = recorded.points(names.EVALUATION_READY)
    assert (ready.count, ready.sum) == (1, 7.0)
    assert recorded.counted(names.EVALUATION_ATTEMPTS, status="malformed") == 1
    assert recorded.counted(names.EVALUATION_ATTEMPTS, status="answer") == 1
    assert recorded.counted(names.EVALUATIONS_FINISHED, status="completed") == 1
    assert (recorded.counted(names.QUOTES_KEPT), recorded.counted(names.QUOTES_DROPPED)) == (1, 1)
    assert recorded.counted(names.MODEL_TOKENS) > 0


def test_a_failure_is_counted_and_marks_the_job(judge: Fake, recorded: Recorded) -> None:  # noqa: F811
    judge.answer("evaluation_result", fault="503", times=None)
    run_until_settled(queued(), judge.base_url)
    assert recorded.counted(names.EVALUATIONS_FINISHED, status="failed") == 1
    assert recorded.spans(names.EVALUATION)[-1].attributes[names.STATUS] == names.FAILED


def test_no_spoken_word_leaves_by_telemetry_or_log(
    judge: Fake,
    recorded: Recorded,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    evaluated(judge)
    left = json.dumps([dict(span.attributes or {}) for span in recorded.spans()]) + capsys.readouterr().out
    assert not any(word in left for word in ("slipped", "deadlines", "You named", "deliver", "heard in the end"))
