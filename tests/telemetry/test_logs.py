import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from coach.telemetry import logs, names, redact
from coach.telemetry.spans import span

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}

WORDS = "I am terribly afraid of my boss"


@pytest.fixture
def lines(monkeypatch):
    """`lines()` returns the logged JSON lines as dicts."""
    written = io.StringIO()
    before = structlog.get_config()
    logs.start(["a-secret-of-the-settings"])
    structlog.configure(cache_logger_on_first_use=False)
    formatter = logs.config()["formatters"]["json"]
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        formatter["()"](foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"])
    )
    root = logging.getLogger("tests.logs")
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "propagate", False)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.configure(**before)
    redact.hide(())


ours = structlog.get_logger("tests.logs")
theirs = logging.getLogger("tests.logs.library")


def test_a_line_is_json_with_time_level_logger_and_fields(lines):
    ours.info("the session ended", sessionId="s1", reason="idle", latencyMs=12)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "the session ended",
        "level": "info",
        "logger": "tests.logs",
        "sessionId": "s1",
        "reason": "idle",
        "latencyMs": 12,
    }


def test_a_line_inside_a_span_has_session_turn_and_trace(lines, recorded):
    with span(names.TURN_REPLY, session_id="s1", turn_id="t1"):
        ours.info("speaking")
        theirs.warning("slow")
    (kept,) = recorded.spans()
    for line in lines():
        assert (line["sessionId"], line["turnId"]) == ("s1", "t1")
        assert line["traceId"] == format(kept.context.trace_id, "032x")
        assert line["spanId"] == format(kept.context.span_id, "016x")


def test_fields_that_are_not_allowed_are_dropped_and_only_named(lines):
    ours.info("heard", transcript=WORDS, audio=b"\xff\xf3", sessionId="s1", text=WORDS)
    (line,) = lines()
    assert WORDS not in json.dumps(line)
    assert line["dropped"] == ["audio", "text", "transcript"]


def test_allowed_fields_do_not_let_bytes_and_objects_through(lines):
    ours.info("heard", reason=b"RIFF....", error={"words": WORDS}, filters=["idle", {"words": WORDS}])
    (line,) = lines()
    assert line["reason"] == "…"
    assert line["error"] == "…"
    assert line["filters"] == ["idle"]


def test_an_exception_is_logged_with_class_and_place_without_its_message(lines):
    def listen():
        raise ValueError(WORDS)

    try:
        listen()
    except ValueError as error:
        ours.exception("could not listen")
        ours.warning("could not listen", exc_info=error)
        theirs.exception("could not listen")
        theirs.error("could not listen", exc_info=True)
    assert len(lines()) == 4
    for line in lines():
        assert line["error"] == "ValueError"
        assert line["where"][-1].endswith(" listen")
        assert WORDS not in json.dumps(line)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("the key is a-secret-of-the-settings.", "the key is …."),
        ("Authorization: Bearer abcdef123456", "Authorization: …"),
        ("key sk-1234567890abcdef refused", "key … refused"),
        ("GET /api/audio/t1?signature=abc&expires=1 200", "GET /api/audio/t1 200"),
        ("postgres://coach:pass-word@db/coach", "postgres://…db/coach"),  # not a secret
        ("data " + "UklGR" * 40, "data …"),
        ("what is that? nothing", "what is that? nothing"),
    ],
)
def test_secrets_query_strings_and_encoded_audio_are_removed_from_strings(lines, written, left):
    theirs.warning("%s", written)
    ours.info("told", reason=written)
    assert [lines()[0]["event"], lines()[1]["reason"]] == [left, left]


def test_long_strings_are_truncated(lines):
    theirs.warning("word " * 500)
    assert len(lines()[0]["event"]) == redact.LONGEST


def test_djangos_settings_log_this_way(settings):
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]
    assert settings.LOGGING["formatters"] == logs.config()["formatters"] or settings.LOGGING["formatters"]["json"]


def test_every_field_that_our_code_logs_is_allowed():
    asked = [*structlog_calls()]
    assert len(asked) > 50
    lost = {where: sorted(fields - redact.LOG_FIELDS) for where, fields in asked if fields - redact.LOG_FIELDS}
    assert lost == {}


def structlog_calls() -> Iterator[tuple[str, set[str]]]:
    """The field names of every logging call in our packages, by file and line; `extra` for standard loggers."""
    for package in ("coach", "practice", "evaluations", "history"):
        for file in (ROOT / package).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text())):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                    continue
                logger = call.func.value
                if call.func.attr in LEVELS and isinstance(logger, ast.Name) and logger.id in ("log", "logger"):
                    fields = {each.arg for each in call.keywords if each.arg} - {"exc_info"}
                    yield f"{file.relative_to(ROOT)}:{call.lineno}", fields
