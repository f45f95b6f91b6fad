"""Which reactions of a role brief a trainee's turn calls for. Free of the database.

One turn may call for several, so it is compared sentence by sentence, by the meaning that sentence vectors hold, with
what each reaction lists as `heard` and with its `when`. A sentence calls for one reaction, or for none: a line that the
brief does not foresee is better answered by the language model than by the wrong line. How often that is right is
measured by `scripts/bench/roleplay` (decision 0017).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul

from coach.providers.ports import SentenceEmbeddings, Vector
from practice.role_brief import RoleBrief

LANGUAGE = "mul"  # the multilingual model tells reactions apart better than the English one, in English too
LIKENESS_LEAST = 0.44
CLAUSE_LIKENESS_LEAST = 0.56  # a piece of a sentence says less for certain than a sentence
NEAREST_SHARE = 0.8  # of the nearest line in a reaction's likeness; the rest is the mean of all its lines
CONFIRMS = 0.25  # what only follows on another reaction may be so much less like the sentence once that has happened
LONG_WORDS, LONG_HAN = 12, 16

# Said in any talk and meaning nothing for the role: a sentence nearest to these calls for no reaction.
NOTHING: Mapping[str, Sequence[str]] = {
    "en": (
        "Sorry, what did you say?",
        "Could you repeat that, I didn't hear you.",
        "One moment please.",
        "I need a second to think.",
        "Okay.",
        "Yes.",
        "Well.",
        "I see.",
        "What time is it?",
        "That reminds me of a film I saw.",
        "It looks like snow.",
        "Did you read the newspaper?",
    ),
    "zh": (
        "不好意思，你刚才说什么？",
        "能再说一遍吗？我没听清。",
        "请等一下。",
        "我想一想。",
        "好的。",
        "嗯。",
        "是这样啊。",
        "现在几点了？",
        "这让我想起一部电影。",
        "外面好像要下雪了。",
        "你看新闻了吗？",
    ),
}

_SENTENCE = re.compile(r"[^.!?。！？…\n]+[.!?。！？…]*")
_CLAUSE = re.compile(r"[,;:，；：]\s*(?:and |but |so |because )?|\s+(?:but|because|so that|and then)\s+")


@dataclass(frozen=True)
class Recognised:
    """`likeness` runs from -1 to 1."""

    key: str
    likeness: float


async def recognise(
    brief: RoleBrief,
    text: str,
    embeddings: SentenceEmbeddings,
    *,
    language: str = "en",
    happened: Collection[str] = (),
) -> list[Recognised]:
    """Reactions that the turn calls for, the likeliest first; `happened` are those of earlier turns.

    Raises ProviderError.
    """
    said = sentences(text)
    pieces = [clause for sentence in said for clause in clauses(sentence)]
    if not said:
        return []
    lines = lines_of(brief)
    nothing = NOTHING.get(language, NOTHING["en"])
    vectors = await embeddings.embed([*said, *pieces, *chain(*lines.values()), *nothing], language=LANGUAGE)
    known = dict(zip(chain(said, pieces, *lines.values(), nothing), vectors, strict=True))
    best: dict[str, float] = {}
    wanted = [*((one, LIKENESS_LEAST) for one in said), *((one, CLAUSE_LIKENESS_LEAST) for one in pieces)]
    for piece, least in wanted:
        likeness = {key: _likeness(known[piece], [known[line] for line in each]) for key, each in lines.items()}
        strength = max(likeness.values(), default=-1.0)
        if strength >= max(least, _likeness(known[piece], [known[line] for line in nothing])):
            key = _called_for(brief, likeness, happened)
            best[key] = max(best.get(key, -1.0), strength)
    return sorted((Recognised(*each) for each in best.items()), key=lambda each: (-each.likeness, each.key))


async def prepare(brief: RoleBrief, embeddings: SentenceEmbeddings, *, language: str = "en") -> None:
    """Have the brief's lines read before the first turn. Raises ProviderError."""
    await embeddings.embed(
        [*chain(*lines_of(brief).values()), *NOTHING.get(language, NOTHING["en"])], language=LANGUAGE
    )


def lines_of(brief: RoleBrief) -> dict[str, list[str]]:
    """What a sentence is compared with, by the key of the reaction."""
    return {one.key: [*one.heard, one.when] for one in brief.reactions if not one.by_trust}


def sentences(text: str) -> list[str]:
    """The sentences of a turn.

    >>> sentences("I know. What is in the way?")
    ['I know.', 'What is in the way?']
    """
    return [sentence for found in _SENTENCE.findall(text) if re.search(r"\w", sentence := found.strip())]


def clauses(sentence: str) -> list[str]:
    """The pieces of a long sentence that could stand for themselves; none of a short one.

    >>> clauses("The export was late again, and Lena had to build all the figures by hand.")
    ['The export was late again', 'Lena had to build all the figures by hand.']
    """
    long = len(re.findall(r"[\u4e00-\u9fff]", sentence)) > LONG_HAN or len(sentence.split()) > LONG_WORDS
    found = [piece.strip() for piece in _CLAUSE.split(sentence)] if long else []
    return [piece for piece in found if len(piece.split()) > 3 or len(re.findall(r"[\u4e00-\u9fff]", piece)) > 4]


def _called_for(brief: RoleBrief, likeness: Mapping[str, float], happened: Collection[str]) -> str:
    """The reaction that is most like the sentence, as far as what has happened allows.

    One that follows on another and is near gives way to it while that has not happened, and goes before it afterwards:
    "You can count on it" is a promise the first time, and a promise for good when it is said again.
    """
    ranked = sorted(likeness, key=lambda key: -likeness[key])
    first = brief.reaction(ranked[0])
    near = [key for key in ranked[1:] if likeness[key] >= likeness[first.key] - CONFIRMS]
    missing = [key for key in first.needs.after if key not in happened]
    if first.ends and missing:
        return next((key for key in missing if key in near), first.key)
    if first.key in happened:
        confirming = (key for key in near if brief.reaction(key).ends and first.key in brief.reaction(key).needs.after)
        return next(confirming, first.key)
    return first.key


def _likeness(vector: Vector, lines: Sequence[Vector]) -> float:
    alike = [sum(map(mul, vector, line)) for line in lines]
    return NEAREST_SHARE * max(alike) + (1 - NEAREST_SHARE) * sum(alike) / len(alike)
