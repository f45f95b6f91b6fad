"""Which reactions a turn calls for: sentence by sentence, each for what it is most like."""

from collections.abc import Sequence

import pytest

from practice.role_brief import RoleBrief
from practice.turns.recognition import recognise, sentences
from tests import cast
from tests.fakes.models_answers import embeddings

BRIEF = RoleBrief.model_validate(cast.role_brief())


class WordCounts:
    """The fake's embeddings without the wire: texts that share words are alike."""

    async def embed(self, texts: Sequence[str], *, language: str = "en") -> list[list[float]]:
        return [each["embedding"] for each in embeddings({"input": list(texts)})["data"]]

    def embed_blocking(self, texts: Sequence[str], *, language: str = "en") -> list[list[float]]:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("The search page was four days late.", ["late-work"]),
        ("What is getting in your way? You are lazy.", ["behind-it", "insult"]),
        ("You are lazy! Thanks. The search page was four days late.", ["insult", "late-work"]),
        ("Good morning.", []),
        ("…", []),
        ("", []),
    ],
)
async def test_each_sentence_calls_for_what_it_is_most_like(text: str, keys: list[str]) -> None:
    assert sorted(each.key for each in await recognise(BRIEF, text, WordCounts())) == sorted(keys)  # type: ignore[arg-type]


async def test_what_is_less_like_the_same_sentence_is_not_called_for() -> None:
    found = await recognise(BRIEF, "What is getting in your way?", WordCounts())  # type: ignore[arg-type]
    assert [(each.key, round(each.likeness, 2)) for each in found] == [("behind-it", 1.0)]


def test_sentences_end_at_the_signs_of_either_language() -> None:
    assert sentences("I know. What is in the way? … 你好。怎么了！") == [
        "I know.",
        "What is in the way?",
        "你好。",
        "怎么了！",
    ]
