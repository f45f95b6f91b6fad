"""Lines of common talk are embedded as soon as the model answers, before anybody waits for them."""

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest

from coach.providers.ports import Vector
from practice.lifecycle import Language
from practice.persona import role_player
from practice.persona.common_talk import common_talk
from practice.persona.sentences.likeness import compared


class Recorded:
    """Embeddings that record the texts they are asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        assert lasting, "they are kept for the next start"
        self.asked += texts
        return [array("f", [1.0]) for _ in texts]


async def test_common_lines_of_every_language_are_embedded_once_the_model_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(role_player, "MODEL_LOOK_SECONDS", 0)
    embeddings, looks = Recorded(), iter([False, False, True])
    asked_before: list[int] = []

    def ready() -> bool:
        asked_before.append(len(embeddings.asked))
        return next(looks)

    unused: Any = None
    await role_player.RolePlayer(unused, unused, embeddings).prepare_when(ready)  # type: ignore[arg-type]
    assert asked_before == [0, 0, 0]
    every = set(map(compared, chain.from_iterable(common_talk(language).lines() for language in Language)))
    assert set(embeddings.asked) == every
