"""Chooses which words to quote for each behaviour that was shown. Pure.

The piece that shows it most plainly, unless it has a name that nobody else in the talk uses, often a misheard word
("Layness that here until eleven"), or only asks when the answer comes, and another sentence shows it nearly as plainly.

Of the chosen sentence the shortest part is quoted that shows the behaviour by itself.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from evaluations.local import segments
from evaluations.local.showing import SpokenPiece
from evaluations.transcript import sentences, word_matching
from evaluations.transcript.conversation import Conversation
from practice.lifecycle import Language

SURE_ALONE = 0.5
"""How far above its bound a part of the best piece must be, to be quoted instead of all of it."""
SURE_ELSE = 0.5
"""How far above it another sentence must be, to be quoted instead of the plainest."""
STRANGE = 2.0
"""What a strange name costs, or words beside the matter, in log-odds."""
AS_PLAINLY = 0.7
"""How much less plainly than the whole sentence a part of it may show the behaviour, to be quoted instead."""
QUOTED_WORDS = {Language.ENGLISH: (5, 20), Language.CHINESE: (7, 30)}
"""A longer sentence is quoted in part, by a part of no fewer words (Chinese: characters)."""

_ASIDE: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("says-what-they-want", "says-what-they-ask-for"),
        re.compile(r"\b(?:give|tell|let) me (?:an answer|a yes|know|whether|by)\b|\ban answer by\b", re.IGNORECASE),
    ),
    "says-by-when": re.compile(r"\b(?:not|never|\w+n['’]t)\b", re.IGNORECASE),
}
"""By key: words of a sentence that has the behaviour's form beside the matter (“Can I have an answer by Friday?”)."""

# A capital inside a sentence; the first word of a sentence and "I" are capitalised anyway.
_NAME = re.compile(r"(?<=[\w,;:’'\-] )(?!I['’])[A-Z][a-z’']+")
_NEVER_STRANGE = word_matching.DAYS_AND_MONTHS | {"may", "i", "christmas", "easter", "english", "mr", "mrs", "ms", "dr"}

Key = tuple[str, str]
"""Skill id and behaviour key."""


def names(conversation: Conversation) -> frozenset[str]:
    """The words that the scenario and the other person use: a name among them was heard rightly."""
    lines = [turn.text or "" for turn in conversation.turns if turn.speaker == "ai"]
    known = [conversation.title, conversation.objective, conversation.trainee, conversation.counterpart]
    known += [conversation.trainee_role, conversation.counterpart_role]
    known += [*conversation.end_criteria, *conversation.example_lines]
    return frozenset(word for text in (*lines, *known) for word in word_matching.tokens(text))


def chosen(
    said: Sequence[SpokenPiece],
    odds: Mapping[Key, Sequence[float]],
    least: Mapping[Key, float],
    *,
    known: Collection[str],
    language: str,
) -> dict[Key, SpokenPiece]:
    """The piece to quote for each behaviour that is shown. `odds`: log-odds per piece; `least`: the bound."""
    strange = [_is_strange(piece.line.text, known) for piece in said]
    sure = {
        key: [at for at, one in enumerate(given) if one >= least[key] + SURE_ALONE]
        for key, given in odds.items()
        if given and max(given) >= least[key]
    }
    found = {}
    for key in sure:
        given = odds[key]
        plainest = max(range(len(said)), key=given.__getitem__)

        aside = [_is_aside(key[1], piece.line.text) for piece in said]

        def worth(at: int, given: Sequence[float] = given, aside: Sequence[bool] = aside) -> float:
            return given[at] - STRANGE * (strange[at] or aside[at])

        others = [at for at in sure[key] if given[at] >= least[key] + SURE_ELSE]
        best = max([plainest, *others], key=worth)
        found[key] = _narrowest(said[best], given[best], [(said[at], given[at]) for at in sure[key]], language)
    return found


def _is_strange(text: str, known: Collection[str]) -> bool:
    found = (word for one in sentences.of(text) for name in _NAME.findall(one) for word in word_matching.tokens(name))
    return any(word not in known and word not in _NEVER_STRANGE for word in found)


def _is_aside(key: str, text: str) -> bool:
    return key in _ASIDE and _ASIDE[key].search(text) is not None


def _narrowest(
    best: SpokenPiece, plainly: float, sure: Sequence[tuple[SpokenPiece, float]], language: str
) -> SpokenPiece:
    """The shortest whole sentence within the best piece that shows the behaviour by itself.

    Of a sentence that runs on, the shortest part of some words that shows it about as plainly; of a long one, the
    shortest that shows it.
    """
    within = [(one, odds) for one, odds in sure if one.sequence == best.sequence and one.line.text in best.line.text]
    whole = set(segments.whole_sentences(best.turn))
    sentence, least = _shortest([each for each in within if each[0].line.text in whole], (best, plainly))
    fewest, most = QUOTED_WORDS[Language(language)]
    parts = [each for each in within if each[0].line.text in sentence.line.text and _words(each[0]) >= fewest]
    if _words(sentence) <= most:
        parts = [each for each in parts if each[1] >= least - AS_PLAINLY]
    return _shortest(parts, (sentence, least))[0]


def _words(piece: SpokenPiece) -> int:
    return len(word_matching.tokens(piece.line.text))


def _shortest(
    among: Sequence[tuple[SpokenPiece, float]], otherwise: tuple[SpokenPiece, float]
) -> tuple[SpokenPiece, float]:
    return min(among, key=lambda each: len(each[0].line.text), default=otherwise)
