"""Finds somebody else's words in a line: in quotation marks, or after “you said” to the sentence's end. Pure."""

from collections.abc import Iterator

from evaluations.local import speech_act_words
from evaluations.transcript import sentences

Span = tuple[int, int]


def without(piece: str, line: str, language: str) -> str:
    """The piece of this line without what repeats somebody else's words."""
    start = line.find(piece)
    if start < 0:
        return piece
    said = [*_spans(line, language)]
    kept = [at for at in range(start, start + len(piece)) if not any(first <= at < last for first, last in said)]
    return piece if len(kept) == len(piece) else "".join(line[at] for at in kept).strip()


def _spans(line: str, language: str) -> Iterator[Span]:
    spoken = language if language in speech_act_words.REPEATS else "en"
    plain = line.replace("’", "'")
    yield from (found.span() for found in speech_act_words.MARKED.finditer(plain))
    at = 0
    for sentence in sentences.of(line):
        at = line.index(sentence, at)
        end = at + len(sentence)
        if said := speech_act_words.REPEATS[spoken].search(plain, at, end):
            resumed = speech_act_words.RESUMES[spoken].search(plain, said.end(), end)
            yield said.end(), resumed.start() if resumed else end
        at = end
