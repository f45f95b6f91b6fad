import pytest
from pydantic import SecretStr

from coach.config import ModelEndpoint
from coach.providers import recent_failures
from coach.providers.asr import CompletionsRecognizer
from coach.providers.roleplay import StreamedRoleplay
from tests.fakes import models
from tests.providers.said import no_waiting
from tests.telemetry.recording import recorded  # noqa: F401

KEY = "sk-a-very-secret-key"


@pytest.fixture(scope="session")
def served():
    with models.running() as fake:
        yield fake


@pytest.fixture
def fake(served):
    yield served
    served.reset()


@pytest.fixture
def endpoint(fake):
    """`endpoint(**changes)` builds a cloud endpoint that points at the fake."""

    def built(**changes) -> ModelEndpoint:
        fields = {
            "base_url": fake.base_url,
            "model": "qwen3-omni-flash",
            "api_key": SecretStr(KEY),
            "local": False,
            "key_variable": "DASHSCOPE_API_KEY",
            "model_variable": "QWEN_MODEL",
            "voice": "Cherry",
            "audio_prefix": "data:;base64,",
        }
        return ModelEndpoint(**fields | changes)

    return built


@pytest.fixture
async def roleplay(endpoint):
    built = StreamedRoleplay(endpoint(), sleep=no_waiting)
    yield built
    await built.close()


@pytest.fixture
def recognizer(endpoint):
    return CompletionsRecognizer(endpoint(), stall_seconds=30)


@pytest.fixture(autouse=True)
def kept_to_this_process(monkeypatch):
    """Failures are not shared with other processes over Redis."""
    monkeypatch.setattr(recent_failures, "_in_background", lambda *found: None)
    monkeypatch.setattr(recent_failures, "_seen", {})
    monkeypatch.setattr(recent_failures, "_told_at", {})
