"""Sentence embeddings over `POST /embeddings`, as in OpenAI's API and the local model server."""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from coach.config import ModelEndpoint
from coach.event_stream import parsed
from coach.providers import blocking, fault_mapping, openai_wire, recent_failures
from coach.providers.ports import ProviderError, ProviderRejected, Vector
from coach.telemetry import names, spans

SECONDS = 10.0  # for one request
AT_ONCE = 16  # texts per request: partial results are kept, and other clients get their turn in between
KEPT = 8192  # vectors, 1.5 KB each


class EndpointEmbeddings:
    """A SentenceEmbeddings. Thread-safe; it keeps connections and a cache, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint, *, kept: int = KEPT) -> None:
        self.endpoint = endpoint
        self._room = kept
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()
        self._clients = openai_wire.EndpointClients(endpoint, read_seconds=SECONDS)

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        known = self._recalled(texts)
        for unknown in _unknown(texts, known):
            with self._span(unknown):
                try:
                    body = self._body(unknown, lasting=lasting)
                    answer = await self._clients.here().post(self._url, json=body)
                except httpx.HTTPError as error:
                    raise self._failed(openai_wire.unreachable(self.endpoint, error)) from error
                known |= self._kept_from(answer, unknown)
        return [known[text] for text in texts]

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        return blocking.run(self.embed(texts, lasting=lasting))

    @property
    def _url(self) -> str:
        return self.endpoint.base_url.rstrip("/") + "/embeddings"

    def _body(self, texts: Sequence[str], *, lasting: bool) -> dict[str, Any]:
        kept = {"lasting": True} if lasting and self.endpoint.local else {}
        return {"model": self.endpoint.model, "input": list(texts), **kept}

    def _span(self, texts: Sequence[str]) -> Any:
        return spans.span(
            names.MODEL_EMBED,
            {
                names.ENDPOINT: names.EMBEDDINGS,
                names.MODEL: self.endpoint.model,
                names.LOCAL: self.endpoint.local,
                names.COUNT: len(texts),
            },
        )

    def _recalled(self, texts: Sequence[str]) -> dict[str, Vector]:
        with self._lock:
            found = {text: self._kept[text] for text in texts if text in self._kept}
            for text in found:
                self._kept.move_to_end(text)
            return found

    def _kept_from(self, answer: httpx.Response, texts: Sequence[str]) -> dict[str, Vector]:
        body = parsed(answer.text)
        if not answer.is_success:
            raise self._failed(fault_mapping.failure(self.endpoint, answer.status_code, body, answer.headers))
        try:
            found = dict(zip(texts, _vectors(body), strict=True))
        except (KeyError, TypeError, ValueError) as error:
            raise self._failed(ProviderRejected(f"{self.endpoint.model} sent no vector for each text")) from error
        recent_failures.worked(names.EMBEDDINGS, self.endpoint)
        openai_wire.count_tokens(names.EMBEDDINGS, openai_wire.usage(body, self.endpoint))
        with self._lock:
            self._kept |= found
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return found

    def _failed(self, error: ProviderError) -> ProviderError:
        recent_failures.failed(names.EMBEDDINGS, self.endpoint, error)
        return error


def _unknown(texts: Sequence[str], known: Mapping[str, Vector]) -> list[list[str]]:
    """The unknown texts, in requests of bounded size."""
    asked = [text for text in dict.fromkeys(texts) if text not in known]
    return [asked[first : first + AT_ONCE] for first in range(0, len(asked), AT_ONCE)]


def _vectors(body: Any) -> list[Vector]:
    data = sorted(body["data"], key=lambda each: int(each["index"]))
    vectors: list[Vector] = [array("f", each["embedding"]) for each in data]
    if not all(vectors):
        raise ValueError
    return vectors
