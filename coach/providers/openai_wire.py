"""Shared by the HTTP clients: connections to an endpoint, and token usage."""

import asyncio
import functools
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakKeyDictionary

import httpx

from coach.config import ModelEndpoint
from coach.providers.asyncio_connections import AsyncioTransport
from coach.providers.completion_reader import storable
from coach.providers.ports import ModelsRestarting, ProviderMisconfigured, ProviderUnavailable, Usage
from coach.telemetry import metrics, names

CONNECT_SECONDS = 5.0

MOST_TOKENS = 100_000_000
MODEL_CHARACTERS = 120

# Connections stay open between turns; the kernel notices when the other side is gone.
KEEPALIVE_SECONDS = 120.0
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=40, keepalive_expiry=KEEPALIVE_SECONDS)
_SOCKET_OPTIONS: list[tuple[int, int, int]] = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, option), value)
        for option, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
        if hasattr(socket, option)
    ),
]


@functools.cache
def _tls() -> ssl.SSLContext:
    """One TLS context for all clients of a process: loading the certificate authorities takes tens of milliseconds."""
    return httpx.create_ssl_context()


def proxies_apply(endpoint: ModelEndpoint) -> bool:
    """Whether a proxy may be used: never for a model on this machine."""
    return urlsplit(endpoint.base_url).hostname not in ("127.0.0.1", "localhost", "::1")


def proxy(endpoint: ModelEndpoint) -> str | None:
    """The HTTP proxy that the environment names here; httpx looks for none once it has a transport of ours."""
    parts = urlsplit(endpoint.base_url)
    if not parts.hostname or not proxies_apply(endpoint) or proxy_bypass(parts.hostname):
        return None
    proxies = getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all") or ""
    if "://" not in named:
        return f"http://{named}" if named else None
    return named if named.startswith(("http://", "https://")) else None


class EndpointClients:
    """HTTP clients of one endpoint, one for each event loop, because a connection belongs to its loop."""

    def __init__(self, endpoint: ModelEndpoint, *, read_seconds: float) -> None:
        self._endpoint = endpoint
        self._read_seconds = read_seconds
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()

    def here(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._client()
        return self._clients[loop]

    async def close(self) -> None:
        """Drop the connections of this event loop."""
        if http := self._clients.pop(asyncio.get_running_loop(), None):
            await http.aclose()

    def _client(self) -> httpx.AsyncClient:
        endpoint = self._endpoint
        transport = AsyncioTransport(
            verify=_tls(), limits=LIMITS, socket_options=_SOCKET_OPTIONS, proxy=proxy(endpoint)
        )
        timeout = httpx.Timeout(self._read_seconds, connect=CONNECT_SECONDS)
        return httpx.AsyncClient(transport=transport, timeout=timeout, headers=headers(endpoint))


def headers(endpoint: ModelEndpoint) -> httpx.Headers:
    """Encoded as bytes, so that a key pasted with a stray character is refused by the service rather than by us."""
    key = endpoint.api_key.get_secret_value() if endpoint.api_key else "local"
    return httpx.Headers([(b"authorization", f"Bearer {key}".encode()), (b"user-agent", b"practice-coach")])


def completions_url(endpoint: ModelEndpoint) -> str:
    return endpoint.base_url.rstrip("/") + "/chat/completions"


def unreachable(endpoint: ModelEndpoint, error: Exception) -> ProviderUnavailable:
    """The error for a connection that failed, broke off or went silent."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return ProviderUnavailable(f"{endpoint.model} at {host(endpoint)} did not answer in time")
    broken = f"the connection to {endpoint.model} at {host(endpoint)} failed"
    return ModelsRestarting(broken) if endpoint.local else ProviderUnavailable(broken)


def base_variable(endpoint: ModelEndpoint) -> str:
    return "LOCAL_MODELS_URL" if endpoint.local else endpoint.key_variable.removesuffix("_KEY") + "_BASE"


def usage(body: Mapping[str, Any], endpoint: ModelEndpoint) -> Usage:
    """Token usage from an answer, in OpenAI's or DashScope's field names."""
    counted = body.get("usage")
    counted = counted if isinstance(counted, Mapping) else {}
    model = body.get("model")
    return Usage(
        model=storable(model)[:MODEL_CHARACTERS] if isinstance(model, str) and model else endpoint.model,
        input_tokens=_tokens(counted, "prompt_tokens", "input_tokens"),
        output_tokens=_tokens(counted, "completion_tokens", "output_tokens"),
    )


def count_tokens(role: str, spent: Usage) -> None:
    """Count tokens in the metrics; the accounts come from `model_calls`."""
    for direction, tokens in (("input", spent.input_tokens), ("output", spent.output_tokens)):
        if tokens:
            metrics.count(
                names.MODEL_TOKENS,
                tokens,
                **{names.ENDPOINT: role, names.MODEL: spent.model, names.DIRECTION: direction},
            )


def kind(error: BaseException) -> str:
    """The kind of error, in one word for telemetry."""
    if isinstance(error, ProviderMisconfigured):
        return "misconfigured"
    if isinstance(error, ProviderUnavailable):
        return "unavailable"
    return "rejected"


def host(endpoint: ModelEndpoint) -> str:
    return urlsplit(endpoint.base_url).hostname or "its address"


def _tokens(counted: Mapping[str, Any], *keys: str) -> int:
    """The first valid count among these keys; 0 for nonsense that no database column could store."""
    for key in keys:
        try:
            count = float(counted[key])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if 0 < count <= MOST_TOKENS:
            return int(count)
    return 0
