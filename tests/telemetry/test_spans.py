import asyncio

import pytest
import structlog
from opentelemetry.trace import StatusCode

from coach.telemetry import names
from coach.telemetry.spans import begin, span, trace_ids, traceparent


def test_a_span_has_session_turn_latency_and_status(recorded):
    with span(names.TURN_REPLY, session_id="s1", turn_id="t1", sequence=2) as reply:
        reply.set(names.FIRST_AUDIO_MS, 12)
        reply.set(names.MODEL, None)
    (kept,) = recorded.spans(names.TURN_REPLY)
    assert kept.attributes[names.SESSION_ID] == "s1"
    assert kept.attributes[names.TURN_ID] == "t1"
    assert kept.attributes[names.SEQUENCE] == 2
    assert kept.attributes[names.FIRST_AUDIO_MS] == 12
    assert kept.attributes[names.LATENCY_MS] >= 0
    assert kept.attributes[names.STATUS] == names.OK
    assert names.MODEL not in kept.attributes


def test_a_span_records_an_exceptions_class_without_its_message(recorded):
    with pytest.raises(ValueError, match="secret"), span(names.TURN_REPLY):
        raise ValueError("secret words of a trainee")
    (kept,) = recorded.spans()
    assert kept.attributes[names.ERROR] == "ValueError"
    assert kept.attributes[names.STATUS] == names.FAILED
    assert kept.status.status_code is StatusCode.ERROR
    assert "secret" not in kept.to_json()


def test_cancellation_is_not_an_error(recorded):
    with pytest.raises(asyncio.CancelledError), span(names.TURN_REPLY):
        raise asyncio.CancelledError
    (kept,) = recorded.spans()
    assert kept.attributes[names.STATUS] == names.CANCELLED
    assert kept.status.status_code is StatusCode.UNSET


def test_a_failure_without_exception_can_be_recorded(recorded):
    with span(names.OBJECTIVE_CHECK) as check:
        check.fail("malformed")
    assert recorded.spans()[0].attributes[names.STATUS] == names.FAILED


def test_a_stored_traceparent_joins_a_later_job_to_the_trace(recorded):
    with span(names.TURN_ACCEPT):
        stored = traceparent()
        accepted, _ = trace_ids()
    assert stored.split("-")[1] == accepted
    with span(names.TRANSCRIPTION, parent=stored):
        assert trace_ids()[0] == accepted
    accept, job = recorded.spans()
    assert job.parent.span_id == accept.context.span_id


@pytest.mark.parametrize("stored", ["", "rubbish", "00-0-0-01"])
def test_without_a_usable_traceparent_a_new_trace_begins(recorded, stored):
    with span(names.TRANSCRIPTION, parent=stored):
        pass
    assert recorded.spans()[0].parent is None


def test_spans_nest(recorded):
    with span(names.TURN_REPLY), span(names.AUDIO_STORE):
        pass
    inner, outer = recorded.spans()
    assert inner.parent.span_id == outer.context.span_id
    assert trace_ids() == ("", "")


def test_log_lines_inside_a_span_have_its_ids():
    with span(names.TURN_REPLY, session_id="s1", turn_id="t1"):
        assert structlog.contextvars.get_contextvars() == {names.SESSION_ID: "s1", names.TURN_ID: "t1"}
    assert structlog.contextvars.get_contextvars() == {}


def test_a_generators_span_ends_once_and_is_never_current(recorded):
    opened = begin(names.MODEL_REPLY, session_id="s1")
    assert trace_ids() == ("", "")
    assert opened.traceparent.startswith("00-")
    opened.end(GeneratorExit())
    opened.end()
    (kept,) = recorded.spans()
    assert kept.attributes[names.STATUS] == names.CANCELLED
