"""Whether a line takes up words that only another line would have said. Pure.

A reaction has several lines, and several that call for it. "Afraid of my Finn?" answers "The others are afraid of him",
and is odd after "He pushed him off the bench", which calls for the same reaction.
"""

import re
from functools import lru_cache

from practice.lifecycle import Language

STEM = 5
"""Two English words are the same if they begin alike by this many letters."""
WORD_LEAST = 4
GROUPS_KEPT = 16_384

_NUMBER = re.compile(
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|hundred|thousand|half|"
    r"twice)$"
)
_SMALL_WORD = re.compile(
    r"(?:about|after|again|always|another|because|been|before|being|could|does|doing|don't|done|down|each|even|"
    r"ever|every|everything|feel|find|from|give|going|gone|good|great|have|haven't|hear|heard|here|into|it's|"
    r"just|keep|know|knew|last|leave|like|little|long|look|made|make|maybe|mean|more|most|much|must|need|never|"
    r"next|nobody|nothing|only|other|over|people|please|really|right|said|same|says|should|since|some|somebody|"
    r"something|sorry|still|such|take|talk|tell|thank|thanks|that|that's|their|them|then|there|there's|these|"
    r"they|thing|things|think|this|those|though|thought|through|told|took|under|until|very|want|wanted|was|"
    r"wasn't|well|went|were|what|what's|when|where|which|while|who|will|with|without|won't|wouldn't|would|yeah|"
    r"years|your|you're|yours|you've)$"
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'’-]*")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_SMALL_HAN = re.compile(
    r"[的了是在我你您他她它们这那就都也不没有一个什么怎说啊吧吗呢着过得地和跟给把被让要想会能可以妈爸哥姐还很太真好来去上下里]"
)


@lru_cache(maxsize=GROUPS_KEPT)
def words(text: str, language: str) -> frozenset[str]:
    """What a text is about: stems of English words and numbers, pairs of Chinese characters."""
    if language == Language.CHINESE:
        runs = [run for part in _HAN_RUN.findall(text) for run in _SMALL_HAN.split(part)]
        return frozenset(run[at : at + 2] for run in runs for at in range(len(run) - 1))
    found = (word.replace("’", "'") for word in _WORD.findall(text.casefold()))
    return frozenset(
        word.removesuffix("'s")[:STEM]
        for word in found
        if not _SMALL_WORD.match(word) and (len(word) >= WORD_LEAST or word.isdigit() or _NUMBER.match(word))
    )


@lru_cache(maxsize=GROUPS_KEPT)
def taken_up(line: str, heard: tuple[str, ...], language: str) -> frozenset[str]:
    """The words that a line has of lines that call for it, but for those that most of them have.

    >>> sorted(taken_up("Afraid of my Finn?", ("He pushed him off the bench.", "They are afraid of him."), "en"))
    ['afrai']
    """
    said = [words(each, language) for each in heard]
    return frozenset(word for word in words(line, language) if 0 < sum(word in each for each in said) <= len(said) / 2)


def presupposes(line: str, heard: tuple[str, ...], said: str, language: str) -> bool:
    """Whether a line takes up words that were not said.

    >>> heard = ("He pushed him off the bench.", "They are afraid of him.")
    >>> [presupposes("Afraid of my Finn?", heard, each, "en") for each in heard]
    [True, False]
    """
    return bool(taken_up(line, heard, language) - words(said, language))
