"""If a local model plays the persona, the scenario page shows its name, licence and size."""

import pytest
from django.test import Client

from coach.providers import model_health
from coach.providers.model_health import LocalLlm
from tests import cast

pytestmark = pytest.mark.django_db

SERVED = LocalLlm("qwen2.5:7b", "apache-2.0", 4_700_000_000, "server", "Ollama")


def page(language: str = "en") -> str:
    scenario = cast.scenario()
    answer = Client().get(f"/scenarios/{scenario.pk}/", headers={"accept-language": language})
    return " ".join(answer.content.decode().split())


def test_the_scenario_says_which_model_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_health, "local_llm", lambda: SERVED)
    text = page()
    for fact in ("qwen2.5:7b", "apache-2.0", "4.4", "Ollama"):
        assert fact in text
    assert "许可证" in page("zh-hans")


def test_while_the_model_loads_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_health, "local_llm", lambda: None)
    assert "licence" not in page()
