"""An embeddings client that knows the vectors of common talk, so that only other texts are requested."""

from array import array
from collections.abc import Sequence
from functools import cache

from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.ports import Vector
from practice.persona.common_talk import common_talk
from tests.fakes import models_answers


@cache
def vectors_of_common_talk() -> dict[str, Vector]:
    """The fake's vectors for the hundreds of lines of common talk, which would take it a second in each test."""
    lines = list(dict.fromkeys(line for language in ("en", "zh") for line in common_talk(language).lines()))
    answer = models_answers.embeddings({"input": lines})
    return {line: array("f", each["embedding"]) for line, each in zip(lines, answer["data"], strict=True)}


class KnowsCommonTalk(EndpointEmbeddings):
    async def embed(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        known = vectors_of_common_talk()
        asked = [text for text in texts if text not in known]
        known = known | dict(zip(asked, await super().embed(asked, lasting=lasting), strict=True))
        return [known[text] for text in texts]

    def embed_blocking(self, texts: Sequence[str], *, lasting: bool = False) -> list[Vector]:
        known = vectors_of_common_talk()
        asked = [text for text in texts if text not in known]
        known = known | dict(zip(asked, super().embed_blocking(asked), strict=True))
        return [known[text] for text in texts]
