import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from coach.providers import health, memory
from coach.providers.ports import ProviderMisconfigured, ProviderUnavailable
from coach.telemetry import names

UNKNOWN = ProviderMisconfigured("qwen3-omni-flash answered 404; change QWEN_MODEL", variable="QWEN_MODEL")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(health, "_answers", {})
    away = memory._redis("redis://127.0.0.1:9")
    monkeypatch.setattr(memory, "_redis", lambda: away)


@pytest.fixture
def local(endpoint, monkeypatch):
    """A local server whose /health is the dict this yields; no server while it is empty."""
    state = {}
    client = TestClient(Starlette(routes=[Route("/health", lambda _: JSONResponse(state))]))
    monkeypatch.setattr(health.httpx, "get", lambda url, **_: client.get("/health"))
    monkeypatch.setattr(health, "LOCAL_KEPT_SECONDS", 0)
    at = endpoint(base_url="http://127.0.0.1:8461/v1", model="local-roleplay", local=True, api_key=None)
    return state, {names.ROLEPLAY: at, names.ASR: at, names.EVALUATOR: at}


def part(status, progress=0.0, detail=""):
    return {"status": status, "progress": progress, "detail": detail}


def test_a_service_that_answers_is_well(fake, endpoint):
    shown = health.report({names.ROLEPLAY: endpoint(), names.ASR: endpoint(), names.EVALUATOR: endpoint(model="gpt")})
    assert shown == health.Report(True, "roleplay, asr: qwen3-omni-flash; evaluator: gpt")
    assert fake.requests() == []


def test_an_unreachable_service_is_named_with_its_variable(endpoint):
    shown = health.report({names.EVALUATOR: endpoint(base_url="http://127.0.0.1:9/v1", key_variable="CHATAI_API_KEY")})
    assert not shown.ok
    assert "CHATAI_API_BASE" in shown.detail


def test_a_refused_key_is_found_without_spending_tokens(fake, endpoint):
    fake.answer("models", fault="401", times=None)
    shown = health.report({names.ROLEPLAY: endpoint()})
    assert not shown.ok
    assert "DASHSCOPE_API_KEY" in shown.detail
    assert "sk-" not in shown.detail


def test_a_service_is_not_asked_at_every_look(fake, endpoint):
    health.report({names.ROLEPLAY: endpoint()})
    fake.answer("models", fault="401", times=None)
    assert health.report({names.ROLEPLAY: endpoint()}).ok


def test_an_unknown_model_is_remembered_until_it_works(endpoint):
    memory.failed(names.ROLEPLAY, endpoint(), UNKNOWN)
    assert health.report({names.ROLEPLAY: endpoint()}) == health.Report(False, f"roleplay: {UNKNOWN}")
    memory.worked(names.ROLEPLAY, endpoint())
    assert health.report({names.ROLEPLAY: endpoint()}).ok


def test_a_changed_setting_begins_afresh(endpoint):
    memory.failed(names.ROLEPLAY, endpoint(), UNKNOWN)
    assert health.report({names.ROLEPLAY: endpoint(model="qwen3.5-omni-flash")}).ok


def test_a_passing_fault_is_not_remembered(endpoint):
    memory.failed(names.ROLEPLAY, endpoint(), ProviderUnavailable("slow"))
    assert health.report({names.ROLEPLAY: endpoint()}).ok


def test_loading_is_shown_part_by_part(local):
    state, roles = local
    state |= {"parts": {"roleplay": part("loading", 0.42, "reading weights"), "asr": part("ready")}, "model": "q.gguf"}
    shown = health.report(roles)
    assert not shown.ok
    assert "roleplay: the local roleplay model is being loaded (42%): reading weights" in shown.detail
    assert health.loading(roles) == health.Loading(
        "the local roleplay model is being loaded (42%): reading weights", 0.42
    )


def test_a_conversation_can_begin_before_evaluations_can(local):
    state, roles = local
    state |= {"parts": {"roleplay": part("ready"), "asr": part("ready"), "text": part("error", 0, "no memory")}}
    assert health.loading(roles) is None
    assert "cannot be loaded: no memory" in health.report(roles).detail


def test_ready_local_models_are_named(local):
    state, roles = local
    state |= {"model": "q.gguf", "parts": dict.fromkeys(("roleplay", "asr", "text"), part("ready", 1))}
    assert health.report(roles) == health.Report(True, "roleplay, asr, evaluator: q.gguf on this machine")


def test_without_the_local_server_a_session_waits(endpoint):
    at = endpoint(base_url="http://127.0.0.1:9/v1", local=True, api_key=None)
    assert "does not answer" in health.loading({names.ROLEPLAY: at, names.ASR: at}).detail
    assert not health.report({names.ROLEPLAY: at}).ok


def test_cloud_models_need_no_loading(endpoint):
    assert health.loading({names.ROLEPLAY: endpoint(), names.ASR: endpoint()}) is None
