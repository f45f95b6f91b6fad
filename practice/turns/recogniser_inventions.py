"""What speech recognisers write although nobody said it.

Whisper and its kin answer silence with the last words of videos, and noise with one phrase again and again. Only what
is surely an invention is dropped: a voice may be too soft for `coach.audio.speech_activity` and heard nevertheless.
"""

import re
import zlib

# Auctioneers say about 30 characters a second.
CHARACTERS_A_SECOND = 60
# English and Chinese prose shrinks to two thirds; Whisper itself takes 2.4 for a repetition.
SHRINKS_TO_A = 4

_LAST_WORDS = re.compile(
    r"(thank(s| you)( so much| very much)?( for (watching|listening|your attention))?"
    r"|(please )?(like and )?subscribe.*|see you (next time|in the next .*)|(bye[ -]?)+|you"
    r"|.*\b(subtitles|captions|transcribed) by\b.*|.*amara ?\.? ?org.*"
    r"|\[?(music|applause|silence|blank_audio)\]?"
    r"|.*(谢谢|感谢)(大家)?(的)?(观看|收看|收听).*|.*(订阅|点赞|打赏|明镜).*|.*字幕.*|下期再见|谢谢(大家)?|再见)"
)


def is_invented(text: str) -> bool:
    """Whether a recogniser writes this of a recording in which no speech was found."""
    bare = re.sub(r"[^\w\[\] .-]|_(?!audio)", "", text.casefold()).strip(" .")
    return bool(_LAST_WORDS.fullmatch(bare))


def repeats_itself(text: str, duration_ms: int) -> bool:
    """More than can be said in that time, and nearly all of it the same words."""
    raw = text.encode()
    too_much = len(text) > CHARACTERS_A_SECOND * duration_ms / 1000
    return too_much and len(raw) > SHRINKS_TO_A * len(zlib.compress(raw))
