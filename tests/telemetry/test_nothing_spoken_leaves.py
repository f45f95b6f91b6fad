"""No log line, span or metric contains a transcript, audio or a secret, whatever the models do."""

import base64
import io
import json
import logging

import pytest
import structlog
from pydantic import SecretStr

from coach.config import ModelEndpoint
from coach.providers import recent_failures
from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import Message, PromptLine, ProviderError, ReplyRequest, Tool
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import logs, names
from tests.fakes import models
from tests.fixtures import speech

KEY = "sk-a-very-secret-key"
SPOKEN = "quibbling marmalade"
ANSWERED = "periwinkle dominoes"
TOOL = Tool("evaluation_result", "Judge.", {"type": "object", "properties": {"summary": {"type": "string"}}})
FAULTS = [
    {},
    {"fault": "503", "message": f"upstream said {ANSWERED} to {KEY}"},
    {"fault": "401", "message": f"wrong key {KEY}"},
    {"fault": "400", "message": f"cannot read {SPOKEN}"},
    {"error_in_stream": True, "after": 2, "message": f"failed at {ANSWERED}"},
    {"cut": True, "after": 2},
]


@pytest.fixture
def fake():
    with models.running() as fake:
        yield fake


@pytest.fixture
def left(recorded, monkeypatch):
    """`left()` returns all logs, spans and metrics as one text."""
    written = io.StringIO()
    form = logs.config()["formatters"]["json"]
    handler = logging.StreamHandler(written)
    handler.setFormatter(form["()"](foreign_pre_chain=form["foreign_pre_chain"], processors=form["processors"]))
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    monkeypatch.setattr(recent_failures, "_in_background", lambda *found: None)
    monkeypatch.setattr(recent_failures, "_seen", {})
    before = structlog.get_config()
    logs.start([KEY])
    structlog.configure(cache_logger_on_first_use=False)

    def everything() -> str:
        spans = "".join(span.to_json() for span in recorded.spans())
        points = [repr(point) for name in names.METRICS for point in recorded.points(name)]
        return written.getvalue() + spans + "".join(points)

    yield everything
    structlog.configure(**before)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, list(fault.values())[:1])) or "well")
async def test_no_transcript_audio_or_secret_leaves_by_telemetry(fake, left, fault, recorded):
    endpoint = ModelEndpoint(
        fake.base_url,
        "qwen3-omni-flash",
        SecretStr(KEY),
        False,
        "DASHSCOPE_API_KEY",
        "QWEN_MODEL",
        "Cherry",
        "data:;base64,",
    )
    fake.answer("roleplay", text=[ANSWERED], times=None, **fault)
    fake.answer("asr", text=[ANSWERED], times=None, **fault)
    calm = {name: value for name, value in fault.items() if name in ("fault", "message")}
    fake.answer("evaluation_result", arguments={"summary": ANSWERED}, times=None, **calm)
    request = ReplyRequest(f"You are {SPOKEN}.", (PromptLine("trainee", mp3=speech.mp3("thanks")),), SPOKEN, "s1")
    roleplay = StreamedRoleplay(endpoint)
    heard = []
    try:
        heard += [piece async for piece in roleplay.reply(request)]
        heard.append(CompletionsRecognizer(endpoint).transcribe(speech.mp3("thanks"), language="en", session_id="s1"))
        asked = [Message("user", SPOKEN)]
        heard.append(CompletionsToolCaller(endpoint, names.EVALUATOR).call(asked, TOOL, timeout=30, session_id="s1"))
        structlog.get_logger("tests").info("heard", transcript=ANSWERED, heard=heard, sessionId="s1")
    except ProviderError as error:
        structlog.get_logger("tests").exception("a turn failed")
        logging.getLogger("tests").exception("a turn failed", exc_info=error)
    await roleplay.close()

    text = left()
    assert recorded.spans(names.MODEL_REPLY)
    for forbidden in (SPOKEN, ANSWERED, KEY, base64.b64encode(speech.mp3("thanks"))[:40].decode()):
        assert forbidden not in text
        assert json.dumps(forbidden)[1:-1] not in text
    assert "s1" in text
