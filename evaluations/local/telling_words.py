"""Words that by themselves give a behaviour away: a set phrase, not a topic. Pure.

Likeness alone needs to be great before something to avoid is claimed (`evaluator.DETECTED_TO_AVOID`); with such words
in it a piece needs less. They are no proof: whoever says "I'm not saying you always forget" says them too. Of things to
do only tag questions are here ("…, is that right?"), which a long sentence before them would drown.
`telling_words.json`: by language and behaviour key, regular expressions of which one is enough. FLAWS, EVERYBODY and
SAYS in them stand for any of the words listed under these names.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("telling_words.json")
LISTS = ("FLAWS", "EVERYBODY", "SAYS")

_DENIED = {
    "en": re.compile(
        r"\b(?:i(?:'m| am) not saying|don't mean (?:that )?you|not that you|did i (?:always|never))\b", re.IGNORECASE
    ),
    "zh": re.compile(r"不是说[你您]|我不是(?:说|想)"),
}


def are_in(key: str, text: str, language: str) -> bool:
    """Whether a piece has words that give this behaviour away; False for one we know no such words of."""
    spoken = language if language in _DENIED else "en"
    pattern = _patterns()[spoken].get(key)
    plain = text.replace("’", "'").replace("‘", "'").strip()
    return bool(pattern and pattern.search(plain)) and not _DENIED[spoken].search(plain)


@cache
def _patterns() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    lists = {name: "(?:" + "|".join(stored[name]) + ")" for name in LISTS}

    def compiled(expressions: list[str]) -> re.Pattern[str]:
        joined = "|".join(expressions)
        for name, words in lists.items():
            joined = joined.replace(name, words)
        return re.compile(joined, re.IGNORECASE)

    return {language: {key: compiled(some) for key, some in stored[language].items()} for language in _DENIED}
