"""A proxy from the environment is used for remote models and never for models on this machine."""

import pytest

from coach.providers import openai_wire
from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.ports import ProviderMisconfigured


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_request_goes_through_the_proxy(endpoint, monkeypatch):
    # The fake plays the proxy; it answers as no proxy would, but the model's own host does not exist.
    monkeypatch.setenv("http_proxy", endpoint().base_url.removesuffix("/v1"))
    with pytest.raises(ProviderMisconfigured, match="answered 404"):
        EndpointEmbeddings(endpoint(base_url="http://models.invalid/v1")).embed_blocking(["Lena stayed."])


@pytest.mark.parametrize(
    ("variables", "base_url", "expected"),
    [
        ({"https_proxy": "http://proxy:3128"}, "https://models.example/v1", "http://proxy:3128"),
        ({"all_proxy": "proxy:3128"}, "https://models.example/v1", "http://proxy:3128"),
        ({"https_proxy": "http://proxy:3128", "no_proxy": ".example"}, "https://models.example/v1", None),
        ({"all_proxy": "http://proxy:3128"}, "http://127.0.0.1:8001/v1", None),
        ({"all_proxy": "socks5://proxy:1080"}, "https://models.example/v1", None),
        ({}, "https://models.example/v1", None),
    ],
)
def test_the_proxy_depends_on_the_models_address(endpoint, monkeypatch, variables, base_url, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert openai_wire.proxy(endpoint(base_url=base_url)) == expected
