import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from coach.providers import model_health, recent_failures
from coach.providers.ports import ProviderMisconfigured, ProviderUnavailable
from coach.telemetry import names

UNKNOWN = ProviderMisconfigured("qwen3-omni-flash answered 404; change QWEN_MODEL", variable="QWEN_MODEL")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(model_health, "_answers", {})
    away = recent_failures._redis("redis://127.0.0.1:9")
    monkeypatch.setattr(recent_failures, "_redis", lambda: away)


@pytest.fixture
def local(endpoint, monkeypatch):
    """Yields (state, roles): `state` is the /health answer of a local server, which is down while `state` is empty."""
    state = {}
    client = TestClient(Starlette(routes=[Route("/health", lambda _: JSONResponse(state))]))
    monkeypatch.setattr(model_health.httpx, "get", lambda url, **_: client.get("/health"))
    monkeypatch.setattr(model_health, "LOCAL_KEPT_SECONDS", 0)
    at = endpoint(base_url="http://127.0.0.1:8461/v1", model="local-roleplay", local=True, api_key=None)
    return state, {names.ROLEPLAY: at, names.ASR: at, names.EVALUATOR: at}


def part(status, progress=0.0, detail=""):
    return {"status": status, "progress": progress, "detail": detail}


def test_a_service_that_answers_is_healthy(fake, endpoint):
    shown = model_health.report(
        {names.ROLEPLAY: endpoint(), names.ASR: endpoint(), names.EVALUATOR: endpoint(model="gpt")}
    )
    assert shown == model_health.ModelsReport(True, "roleplay, asr: qwen3-omni-flash; evaluator: gpt")
    assert fake.requests() == []


def test_an_unreachable_service_is_named_with_its_variable(endpoint):
    shown = model_health.report(
        {names.EVALUATOR: endpoint(base_url="http://127.0.0.1:9/v1", key_variable="CHATAI_API_KEY")}
    )
    assert not shown.ok
    assert "CHATAI_API_BASE" in shown.detail


def test_a_refused_key_is_found_without_spending_tokens(fake, endpoint):
    fake.answer("models", fault="401", times=None)
    shown = model_health.report({names.ROLEPLAY: endpoint()})
    assert not shown.ok
    assert "DASHSCOPE_API_KEY" in shown.detail
    assert "sk-" not in shown.detail


def test_health_answers_are_cached(fake, endpoint):
    model_health.report({names.ROLEPLAY: endpoint()})
    fake.answer("models", fault="401", times=None)
    assert model_health.report({names.ROLEPLAY: endpoint()}).ok


def test_an_unknown_model_is_reported_until_it_works(endpoint):
    recent_failures.failed(names.ROLEPLAY, endpoint(), UNKNOWN)
    assert model_health.report({names.ROLEPLAY: endpoint()}) == model_health.ModelsReport(False, f"roleplay: {UNKNOWN}")
    recent_failures.worked(names.ROLEPLAY, endpoint())
    assert model_health.report({names.ROLEPLAY: endpoint()}).ok


def test_a_changed_setting_clears_remembered_faults(endpoint):
    recent_failures.failed(names.ROLEPLAY, endpoint(), UNKNOWN)
    assert model_health.report({names.ROLEPLAY: endpoint(model="qwen3.5-omni-flash")}).ok


def test_a_temporary_fault_is_not_remembered(endpoint):
    recent_failures.failed(names.ROLEPLAY, endpoint(), ProviderUnavailable("slow"))
    assert model_health.report({names.ROLEPLAY: endpoint()}).ok


def test_loading_is_shown_part_by_part(local):
    state, roles = local
    state |= {"parts": {"roleplay": part("loading", 0.42, "reading weights"), "asr": part("ready")}, "model": "q.gguf"}
    shown = model_health.report(roles)
    assert not shown.ok
    assert "roleplay: the local roleplay model is being loaded (42%): reading weights" in shown.detail
    assert model_health.loading(roles) == model_health.Loading(
        "the local roleplay model is being loaded (42%): reading weights", 0.42
    )


def test_sessions_can_start_before_the_evaluators_models_are_loaded(local):
    state, roles = local
    state |= {"parts": {"roleplay": part("ready"), "asr": part("ready"), "text": part("error", 0, "no memory")}}
    assert model_health.loading(roles) is None
    assert "cannot be loaded: no memory" in model_health.report(roles).detail


def test_ready_local_models_are_named(local):
    state, roles = local
    state |= {"model": "q.gguf", "parts": dict.fromkeys(("roleplay", "asr", "text"), part("ready", 1))}
    assert model_health.report(roles) == model_health.ModelsReport(
        True, "roleplay, asr, evaluator: q.gguf on this machine"
    )


def test_without_the_local_server_a_session_waits(endpoint):
    at = endpoint(base_url="http://127.0.0.1:9/v1", local=True, api_key=None)
    assert "does not answer" in model_health.loading({names.ROLEPLAY: at, names.ASR: at}).detail
    assert not model_health.report({names.ROLEPLAY: at}).ok


def test_cloud_models_never_report_loading(endpoint):
    assert model_health.loading({names.ROLEPLAY: endpoint(), names.ASR: endpoint()}) is None


LLM = {"name": "Qwen2.5 Coder 1.5B Instruct", "licence": "Apache-2.0", "bytes": 1_117_320_768, "source": "packaged"}


def test_the_local_language_model_is_named_with_licence_and_size(local):
    state, roles = local
    state |= {"llm": LLM, "parts": dict.fromkeys(("roleplay", "asr", "text"), part("ready", 1))}
    told = "Qwen2.5 Coder 1.5B Instruct (Apache-2.0, 1.1 GB, packaged) on this machine"
    assert model_health.report(roles).detail == f"roleplay, asr, evaluator: {told}"


@pytest.mark.parametrize("llm", [None, {}, {"name": ""}, "x", ["y"]])
def test_a_model_without_a_name_is_not_shown(local, monkeypatch, llm):
    state, roles = local
    monkeypatch.setattr(model_health, "endpoints", lambda: roles)
    state |= {"llm": llm}
    assert model_health.local_llm() is None


def test_pages_get_the_models_name_from_the_cache(local, monkeypatch):
    state, roles = local
    monkeypatch.setattr(model_health, "endpoints", lambda: roles)
    state |= {"llm": LLM}
    assert model_health.local_llm().licence == "Apache-2.0"
    state.clear()
    assert model_health.local_llm().bytes == 1_117_320_768
