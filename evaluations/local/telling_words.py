"""Telling words: set phrases that by themselves indicate a behaviour, whatever the topic. Pure.

Similarity alone must be high before a behaviour to avoid is claimed (`showing.DETECTED_TO_AVOID`); a piece with such
words needs less. They are no proof: "I'm not saying you always forget" contains them too. For behaviours to do, the
list has forms that hardly mean anything else ("…, is that right?", "What I'd like is …"). `telling_words.json`:
by language and behaviour key, a list of regular expressions, one match is enough. FLAWS, EVERYBODY and SAYS in them
stand for any of the words listed under these names. `decisive_words.json`, of the same shape, has the few phrases that
show a behaviour to avoid whatever the meaning of the rest ("Let me sleep on it"), unless they are denied or quoted.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from evaluations.transcript import sentences

Patterns = Mapping[str, Mapping[str, re.Pattern[str]]]

FILE = Path(__file__).with_name("telling_words.json")
DECISIVE_FILE = Path(__file__).with_name("decisive_words.json")
LISTS = ("FLAWS", "EVERYBODY", "SAYS")

_DENIED = {
    "en": re.compile(
        r"\b(?:i(?:'m| am) not (?:saying|going to (?:say|tell)|here to)|don't mean (?:that )?you|not that you"
        r"|did i (?:always|never)|nobody (?:says|said|thinks|believes)"
        r"|i (?:don't|never) (?:say|said|think|thought|believe) (?:that )?(?:you|it's)"
        r"|(?<!what )i (?:was about|nearly|almost|wanted) to (?:say|write|tell)"
        r"|i (?:nearly|almost) (?:said|wrote)"
        r"|if i (?:said|told you)"
        r"|i (?:won't|will not|could|'d never|would never) (?:say|tell you)|i told myself|i don't withdraw"
        r"|don't have to get over|calm down (?:myself|first))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:这种?|这个)(?:词|话)我不说|不是(?:说|怪|嫌)[你您]|我不是(?:说|想|要)|没有?(?:怪|说|嫌)[你您]|[你您]不是(?!说|也)"
    ),
}


def are_in(key: str, text: str, language: str) -> bool:
    """Whether a piece has words that indicate this behaviour; False if we know none for it."""
    return _has(_patterns(), key, text, language)


def are_decisive(key: str, text: str, language: str) -> bool:
    """Whether a sentence of a piece has words that show this behaviour to avoid by themselves."""
    return any(_has(_decisive_patterns(), key, sentence, language) for sentence in sentences.of(text) or [text])


def _has(patterns: Patterns, key: str, text: str, language: str) -> bool:
    spoken = language if language in _DENIED else "en"
    pattern = patterns[spoken].get(key)
    plain = text.replace("’", "'").replace("‘", "'").strip()
    return bool(pattern and pattern.search(plain)) and not is_denied(plain, language)


def is_denied(text: str, language: str) -> bool:
    """Whether a sentence denies what it says, or that it says it: “I'm not going to tell you to calm down”."""
    return bool(_DENIED[language if language in _DENIED else "en"].search(text.replace("’", "'")))


@cache
def _decisive_patterns() -> Patterns:
    stored = json.loads(DECISIVE_FILE.read_text(encoding="utf-8"))
    return {
        language: {key: re.compile("|".join(some), re.IGNORECASE) for key, some in stored[language].items()}
        for language in _DENIED
    }


@cache
def _patterns() -> Patterns:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    lists = {name: "(?:" + "|".join(stored[name]) + ")" for name in LISTS}

    def compiled(expressions: list[str]) -> re.Pattern[str]:
        joined = "|".join(expressions)
        for name, words in lists.items():
            joined = joined.replace(name, words)
        return re.compile(joined, re.IGNORECASE)

    return {language: {key: compiled(some) for key, some in stored[language].items()} for language in _DENIED}
