"""Sentence embeddings over `POST /embeddings`, as in OpenAI's API and the local model server.

Pieces of turns are embedded over `POST /piece_embeddings`, which only the local model server has.
"""

import base64
import sys
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Generic, TypeVar

import httpx

from coach.config import ModelEndpoint
from coach.event_stream import parsed
from coach.providers import blocking, fault_mapping, openai_wire, recent_failures
from coach.providers.ports import ProviderError, ProviderRejected, TurnPieces, Vector
from coach.telemetry import names, spans

SECONDS = 10.0  # for one request
AT_ONCE = 16  # texts per request: partial results are kept, and other clients get their turn in between
TURNS_AT_ONCE = 4
KEPT = 8192  # vectors, 1.5 KB each
TURNS_KEPT = 2048  # about 15 KB each with ten pieces

Asked = TypeVar("Asked", bound=Hashable)
Found = TypeVar("Found")


class EndpointEmbeddings:
    """A SentenceEmbeddings. Thread-safe; it keeps connections and a cache, so build one per process."""

    def __init__(self, endpoint: ModelEndpoint, *, kept: int = KEPT, turns_kept: int = TURNS_KEPT) -> None:
        self.endpoint = endpoint
        self._texts = _RecentAnswers[str, Vector](kept)
        self._turns = _RecentAnswers[TurnPieces, list[Vector]](turns_kept)
        self._clients = openai_wire.EndpointClients(endpoint, read_seconds=SECONDS)

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        known = self._texts.recalled(texts)
        for unknown in _unknown(texts, known, AT_ONCE):
            body = self._body(unknown, lasting=lasting)
            known |= self._texts.kept(await self._answered("/embeddings", body, unknown, _vectors))
        return [known[text] for text in texts]

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        return blocking.run(self.embed(texts, lasting=lasting))

    def embed_pieces_blocking(self, turns: Sequence[TurnPieces], *, layers: str) -> list[list[Vector]]:
        return blocking.run(self._embed_pieces(turns, layers))

    async def _embed_pieces(self, turns: Sequence[TurnPieces], layers: str) -> list[list[Vector]]:
        known = self._turns.recalled(turns)
        for unknown in _unknown(turns, known, TURNS_AT_ONCE):
            body = {"turns": [asdict(turn) for turn in unknown], "layers": layers}
            read = partial(_piece_vectors, turns=unknown)
            known |= self._turns.kept(await self._answered("/piece_embeddings", body, unknown, read))
        return [known[turn] for turn in turns]

    def _body(self, texts: Sequence[str], *, lasting: bool) -> dict[str, Any]:
        kept = {"lasting": True} if lasting and self.endpoint.local else {}
        return {"model": self.endpoint.model, "input": list(texts), **kept}

    async def _answered(
        self, path: str, body: Mapping[str, Any], asked: Sequence[Asked], read: Callable[[Any], list[Found]]
    ) -> dict[Asked, Found]:
        """One request; `read` gets the JSON of the answer, and raises if it is not what was asked for."""
        with self._span(len(asked)):
            try:
                answer = await self._clients.here().post(self.endpoint.base_url.rstrip("/") + path, json=body)
            except httpx.HTTPError as error:
                raise self._failed(openai_wire.unreachable(self.endpoint, error)) from error
            found = parsed(answer.text)
            if not answer.is_success:
                raise self._failed(fault_mapping.failure(self.endpoint, answer.status_code, found, answer.headers))
            try:
                matched = dict(zip(asked, read(found), strict=True))
            except (KeyError, OverflowError, TypeError, ValueError) as error:
                raise self._failed(ProviderRejected(f"{self.endpoint.model} sent no vector for each text")) from error
            recent_failures.worked(names.EMBEDDINGS, self.endpoint)
            openai_wire.count_tokens(names.EMBEDDINGS, openai_wire.usage(found, self.endpoint))
            return matched

    def _span(self, count: int) -> Any:
        return spans.span(
            names.MODEL_EMBED,
            {
                names.ENDPOINT: names.EMBEDDINGS,
                names.MODEL: self.endpoint.model,
                names.LOCAL: self.endpoint.local,
                names.COUNT: count,
            },
        )

    def _failed(self, error: ProviderError) -> ProviderError:
        recent_failures.failed(names.EMBEDDINGS, self.endpoint, error)
        return error


class _RecentAnswers(Generic[Asked, Found]):
    """The last `room` answers. Thread-safe."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[Asked, Found] = OrderedDict()
        self._lock = threading.Lock()

    def recalled(self, asked: Sequence[Asked]) -> dict[Asked, Found]:
        with self._lock:
            found = {each: self._kept[each] for each in asked if each in self._kept}
            for each in found:
                self._kept.move_to_end(each)
            return found

    def kept(self, found: dict[Asked, Found]) -> dict[Asked, Found]:
        """Keeps `found`, and returns it."""
        with self._lock:
            self._kept |= found
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return found


def _unknown(asked: Sequence[Asked], known: Mapping[Asked, object], at_once: int) -> list[list[Asked]]:
    """What is unknown, in requests of bounded size."""
    unknown = [each for each in dict.fromkeys(asked) if each not in known]
    return [unknown[first : first + at_once] for first in range(0, len(unknown), at_once)]


def _vectors(body: Any) -> list[Vector]:
    vectors: list[Vector] = [array("f", each["embedding"]) for each in _in_order(body)]
    if not all(vectors):
        raise ValueError
    return vectors


def _piece_vectors(body: Any, turns: Sequence[TurnPieces]) -> list[list[Vector]]:
    found = [[_unpacked(vector) for vector in each["embeddings"]] for each in _in_order(body)]
    if [len(vectors) for vectors in found] != [len(turn.pieces) for turn in turns]:
        raise ValueError
    return found


def _in_order(body: Any) -> list[Any]:
    return sorted(body["data"], key=lambda each: int(each["index"]))


def _unpacked(packed: str) -> Vector:
    """Float32, little-endian, in base64."""
    vector = array("f", base64.b64decode(packed, validate=True))
    if not vector:
        raise ValueError
    if sys.byteorder == "big":
        vector.byteswap()
    return vector
