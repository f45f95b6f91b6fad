"""Marks that models put around words: nobody says them, nobody reads them."""

import re
import unicodedata

_TOKEN = re.compile(r"<\s*\|[^<>|]{0,64}\|\s*>")
# qwen3-asr: `language Chinese<asr_text>…`; `language None<asr_text>` where nobody speaks.
_LANGUAGE = re.compile(
    r"(?:\blanguage[\s:]+[^\s<>]+\s*(?:<audio_language>[^<>]*</audio_language>\s*)?)?<asr_text>|</asr_text>",
    re.IGNORECASE,
)
_NO_LANGUAGE = re.compile(r"\s*language[\s:]+(?:none|null|unknown|n/a)\s*", re.IGNORECASE)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_NOTE = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|（[^（）]*）|【[^【】]*】|<[^<>]*>|\*[^*]*\*")
_QUOTATION_MARKS = (('"', '"'), ("“", "”"), ("「", "」"))
_LONGEST_MARK = 72


def transcript_words(text: str) -> str:
    """What a recogniser heard, without marks and wrapping; empty where the marks or a note of silence are all."""
    text = _END_OF_THOUGHT.split(_THOUGHT.sub("", text))[-1]
    if _NO_LANGUAGE.fullmatch(text):
        return ""
    text = _TOKEN.sub("", _LANGUAGE.sub("", text)).strip()
    for opening, closing in _QUOTATION_MARKS:
        if len(text) > 1 and text.startswith(opening) and text.endswith(closing) and text.count(opening) <= 2:
            text = text[1:-1].strip()
    # "[silence]", "(no speech)", "…": notes and punctuation are no words.
    return text if any(map(_is_spoken, _NOTE.sub("", text))) else ""


class CaptionMarks:
    """Takes marks and thoughts out of text that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def feed(self, piece: str) -> str:
        """Text that is surely no part of a mark; the start of one is held back."""
        text, self._held, shown = self._held + piece, "", []
        while text:
            if self._thinking:
                text = self._after_thought(text)
                continue
            before, angle, _ = text.partition("<")
            shown.append(before)
            text = text[len(before) :]
            if not angle:
                break
            mark = _TOKEN.match(text) or re.match(r"</?think(?:ing)?>", text, re.IGNORECASE)
            if mark:
                self._thinking = mark[0].lower().startswith("<think")
                text = text[mark.end() :]
            elif _may_be_a_mark(text):
                self._held = text
                break
            else:
                shown.append("<")
                text = text[1:]
        return "".join(shown)

    def finish(self) -> str:
        held, self._held = self._held, ""
        return "" if self._thinking else held

    def _after_thought(self, text: str) -> str:
        end = re.search(r"</think(?:ing)?>", text, re.IGNORECASE)
        if end is None:
            self._held = text[-_LONGEST_MARK:]
            return ""
        self._thinking = False
        return text[end.end() :]


def _may_be_a_mark(text: str) -> bool:
    lower = text.lower()
    if any(mark.startswith(lower) for mark in ("<thinking>", "</thinking>", "<think>", "</think>")):
        return True
    return len(text) < _LONGEST_MARK and re.fullmatch(r"<\s*(?:\|[^<>|]*(?:\|\s*)?)?", text) is not None


def _is_spoken(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"
