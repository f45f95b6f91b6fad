"""Turns the model's raw text into what is said: cleaned, a few sentences, in pieces that a voice can speak."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_SENTENCES = 3
ENOUGH_CHARACTERS = 160  # after this many characters no further sentence begins
ENOUGH_HAN = 50

FIRST_WORDS = 5  # the first piece is spoken after this many words even if no clause ends
NEXT_WORDS = 5  # later pieces end at a clause only if they have this many words
FIRST_HAN = 9
NEXT_HAN = 8

_ABBREVIATIONS = frozenset(["mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "jr", "sr", "e.g", "i.e", "a.m", "p.m"])
_ASIDES = {"(": ")", "[": "]", "*": "*", "（": "）", "【": "】", "<": ">"}
_DROPPED = '"“”„«»「」『』_#`~\ufffd'
_SENTENCE_END = ".!?…。！？"
_CLAUSE_END = ",;:—，；：、"
_HAN_END = "。！？，；：、…"


class Cleaner:
    """Removes stage directions in brackets or asterisks, quotation marks and markup; keeps what is said.

    An aside that never closes is dropped when the reply ends.
    """

    def __init__(self) -> None:
        self._closing = ""
        self._begun = False

    def feed(self, piece: str) -> str:
        out = []
        for sign in piece:
            if self._closing:
                if sign == self._closing:
                    self._closing = ""
            elif sign in _ASIDES:
                self._closing = _ASIDES[sign]
            elif sign in _DROPPED:
                continue
            elif self._begun or not (sign.isspace() or sign in ",.;:-–—…，。、"):
                self._begun = True
                out.append(" " if sign.isspace() else sign)
        return "".join(out)


class Limiter:
    """Passes on one to three sentences; `done` when nothing more should be said.

    The end of a sentence is only known from the next character, so a full stop is passed on at once and the cut is made
    before the next sentence.
    """

    def __init__(self) -> None:
        self._text = ""
        self._sentences = 0
        self.done = False

    @property
    def text(self) -> str:
        return self._text

    def feed(self, piece: str) -> str:
        passed = []
        for sign in piece:
            if self.done:
                break
            if self._ended() and self._starts_anew(sign):
                self._sentences += 1
                if self._sentences >= MOST_SENTENCES or self._enough():
                    self.done = True
                    break
            if sign == " " and self._text.endswith((" ", *_HAN_END)):
                continue
            self._text += sign
            passed.append(sign)
        return "".join(passed)

    def _ended(self) -> bool:
        text = self._text.rstrip()
        return bool(text) and text[-1] in _SENTENCE_END and not _abbreviated(text)

    def _starts_anew(self, sign: str) -> bool:
        if sign in _SENTENCE_END or sign in ")'’”\"":
            return False
        return self._text[-1:] in "。！？" or (self._text[-1:] != " " and sign == " ")

    def _enough(self) -> bool:
        return len(self._text) >= ENOUGH_CHARACTERS or sum(map(_han, self._text)) >= ENOUGH_HAN


class Clauses:
    """Cuts a growing text into pieces to speak: the first as early as a clause allows, later ones longer."""

    def __init__(self) -> None:
        self._waiting = ""
        self._given = 0

    def feed(self, piece: str) -> Iterator[str]:
        self._waiting += piece
        while (cut := self._cut()) is not None:
            said, self._waiting = self._waiting[:cut].strip(), self._waiting[cut:].lstrip()
            if pronounceable(said):
                self._given += 1
                yield said

    def rest(self) -> str | None:
        said, self._waiting = self._waiting.strip(), ""
        return said if pronounceable(said) else None

    def _cut(self) -> int | None:
        text = self._waiting
        for at, sign in enumerate(text):
            after = text[at + 1 : at + 2]
            # At the end of the known text only a digit or an abbreviation could make the sign part of a longer word.
            closed = after == " " or (not after and not text[at - 1 : at].isdigit())
            ends_here = sign in _HAN_END or (closed and sign in _SENTENCE_END + _CLAUSE_END)
            if not ends_here or not pronounceable(text[: at + 1]) or _abbreviated(text[: at + 1]):
                continue
            if sign in _SENTENCE_END or self._long_enough(text[: at + 1]):
                return at + 1
        return self._breath(text) if self._given == 0 else None

    def _long_enough(self, clause: str) -> bool:
        if self._given == 0:
            return True
        return len(clause.split()) >= NEXT_WORDS or sum(map(_han, clause)) >= NEXT_HAN

    def _breath(self, text: str) -> int | None:
        """Where a speaker may breathe in a long first clause: before a linking word, else anywhere."""
        if sum(map(_han, text)) > FIRST_HAN * 2:
            return FIRST_HAN
        words = [match.end() for match in re.finditer(r"\S+(?= )", text)]
        if len(words) <= FIRST_WORDS:
            return None
        linking = [
            match.start()
            for match in re.finditer(r"(?<= )(?:and|but|because|that|when|if|so|or|with|about|for|to|in)\b", text)
        ]
        return next((at for at in reversed(linking) if len(text[:at].split()) >= 3), words[FIRST_WORDS - 1])


@dataclass(frozen=True)
class SpeakablePieces:
    """`delta` is for the captions; `pieces` are ready to be spoken."""

    delta: str
    pieces: tuple[str, ...] = ()


class Utterance:
    """The whole pipeline for one reply: `feed` raw model text until `done`, then `finish`."""

    def __init__(self) -> None:
        self._cleaner, self._limiter, self._clauses = Cleaner(), Limiter(), Clauses()

    @property
    def done(self) -> bool:
        return self._limiter.done

    @property
    def text(self) -> str:
        return self._limiter.text.strip()

    def feed(self, raw: str) -> SpeakablePieces:
        delta = self._limiter.feed(self._cleaner.feed(raw))
        return SpeakablePieces(delta, tuple(self._clauses.feed(delta)))

    def finish(self) -> SpeakablePieces:
        """The remaining text; an unfinished sentence after a finished one is kept, so that captions and voice agree."""
        rest = self._clauses.rest()
        return SpeakablePieces("", (rest,) if rest else ())


def pronounceable(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _abbreviated(text: str) -> bool:
    if not text.endswith("."):
        return False
    word = text.rstrip(".").split(" ")[-1].lower().lstrip("('\"")
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i")


def _han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"
