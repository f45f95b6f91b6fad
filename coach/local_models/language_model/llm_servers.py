"""Finds language model servers that are already running on this machine: Ollama, LM Studio, llama.cpp."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

CONNECT_SECONDS, READ_SECONDS = 0.5, 2.0
LEAST_PARAMETERS = 3e9  # smaller ones are no better than the packaged one

_BILLIONS = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*b\b", re.IGNORECASE)
_EXPERTS = re.compile(r"(\d+)x(\d+(?:\.\d+)?)b\b", re.IGNORECASE)
_NO_CHAT = re.compile(r"embed|rerank|bge-|minilm|whisper|\bocr\b|guard", re.IGNORECASE)


@dataclass(frozen=True)
class ServedModel:
    """`parameters` and `bytes` are 0 if the server does not say; `loaded` is None if unknown."""

    name: str
    parameters: float = 0.0
    bytes: int = 0
    licence: str = ""
    loaded: bool | None = None

    @property
    def weight(self) -> int:
        """Size in bytes, estimated at four bits per parameter if the server does not say."""
        return self.bytes or int(self.parameters * 0.6)


@dataclass(frozen=True)
class LlmServer:
    """`base` ends in /v1; `models` lists what it serves, and may raise anything if it is a different server."""

    name: str
    base: str
    models: Callable[[httpx.Client, str], Iterable[ServedModel]]


@dataclass(frozen=True)
class FoundServer:
    server: LlmServer
    model: ServedModel

    @property
    def llm(self) -> str:
        """The value that LOCAL_LLM would have."""
        return f"{self.server.base}#{self.model.name}"


def _ollama(http: httpx.Client, base: str) -> Iterable[ServedModel]:
    root = base.removesuffix("/v1")
    loaded = {model["name"] for model in _json(http, f"{root}/api/ps").get("models") or ()}
    for model in _json(http, f"{root}/api/tags")["models"]:
        details = model.get("details") or {}
        size = _parameters(str(details.get("parameter_size") or "")) or _parameters(model["name"])
        yield ServedModel(model["name"], size, int(model.get("size") or 0), loaded=model["name"] in loaded)


def _lm_studio(http: httpx.Client, base: str) -> Iterable[ServedModel]:
    for model in _json(http, f"{base.removesuffix('/v1')}/api/v0/models")["data"]:
        if model.get("type") in ("llm", "vlm"):
            yield ServedModel(model["id"], _parameters(model["id"]), loaded=model.get("state") == "loaded")


def _llama_cpp(http: httpx.Client, base: str) -> Iterable[ServedModel]:
    for model in _json(http, f"{base}/models")["data"]:
        if model.get("owned_by") == "llamacpp":  # many programs use port 8080
            facts = model.get("meta") or {}
            size = float(facts.get("n_params") or 0) or _parameters(model["id"])
            yield ServedModel(model["id"], size, int(facts.get("size") or 0), loaded=True)


SERVERS: Sequence[LlmServer] = (
    LlmServer("Ollama", "http://127.0.0.1:11434/v1", _ollama),
    LlmServer("LM Studio", "http://127.0.0.1:1234/v1", _lm_studio),
    LlmServer("llama.cpp", "http://127.0.0.1:8080/v1", _llama_cpp),
)


def find_server(
    misfit: Callable[[int], str], servers: Sequence[LlmServer] = SERVERS
) -> tuple[FoundServer | None, list[str]]:
    """The first server with a suitable chat model, and why those before it were passed over. Takes at most 3 s."""
    reasons: list[str] = []
    with ThreadPoolExecutor(len(servers), thread_name_prefix="llm-server") as threads:
        answers = list(threads.map(lambda server: _asked(server, misfit), servers))
    for server, answer in zip(servers, answers, strict=True):
        if isinstance(answer, ServedModel):
            return FoundServer(server, answer), reasons
        reasons.append(f"{server.name}: {answer}")
    return None, reasons


def _asked(server: LlmServer, misfit: Callable[[int], str]) -> ServedModel | str:
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        with httpx.Client(timeout=timeout, trust_env=False) as http:
            served = list(server.models(http, server.base))
    except httpx.HTTPError:
        return f"nothing answers at {server.base}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"what answers at {server.base} is something else"
    chats = [model for model in served if not _NO_CHAT.search(model.name)]
    large = [model for model in chats if model.parameters >= LEAST_PARAMETERS]
    fit = [model for model in large if model.loaded or not misfit(model.weight)]
    if fit:
        return max(fit, key=lambda model: (bool(model.loaded), model.parameters))
    if large:
        return f"{large[0].name}: {misfit(large[0].weight)}"
    if chats:
        return f"serves no chat model of at least {LEAST_PARAMETERS / 1e9:.0f}B (but {chats[0].name})"
    return "serves no chat model"


def _json(http: httpx.Client, url: str) -> Mapping[str, Any]:
    answer = http.get(url)
    answer.raise_for_status()
    body = answer.json()
    if not isinstance(body, dict):
        raise ValueError(url)
    return body


def _parameters(text: str) -> float:
    """The number of parameters in a name: "7.6B", "qwen2.5:7b", "mixtral-8x7b", "270M"."""
    if experts := _EXPERTS.search(text):
        return float(experts.group(1)) * float(experts.group(2)) * 1e9
    if billions := _BILLIONS.search(text.replace("-", " ").replace("_", " ")):
        return float(billions.group(1)) * 1e9
    return 0.0
