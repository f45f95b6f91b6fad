"""What speech recognisers write although nobody said it. Pure.

Whisper and its kin answer silence with the last words of videos, noise with "[Music]" or one phrase again and again.
Only what is surely an invention is dropped: `coach.audio.speech_activity` may miss a soft voice that was heard.
"""

import re
import zlib

# Auctioneers say about 30 characters a second.
CHARACTERS_A_SECOND = 60
# English and Chinese prose shrinks to two thirds; Whisper itself takes 2.4 for a repetition.
SHRINKS_TO_A = 4

_NOISES = (
    r"(?:(?:soft |loud |background )?(?:music|applause|laugh(?:s|ter|ing)?|cough(?:s|ing)?|sigh(?:s|ing)?"
    r"|silence|noise|"
    r"inaudible|unintelligible|blank[_ ]audio|breath(?:es|ing)|door \w+|clears throat|speaking \w+)|音乐|掌声|笑声?"
    r"|咳嗽|叹气|沉默)"
)
_SOUND = re.compile(rf"[\[【][^\]】]{{0,40}}[\]】]|[(（*]\s*{_NOISES}\s*[)）*]|[♪♫]+[^♪♫]*[♪♫]*", re.IGNORECASE)
_CREDITS = re.compile(
    r"^(?:thanks?(?: you)?(?: so much| very much)? for (?:watching|viewing)"
    r"|(?:please )?(?:don['’]?t forget to )?(?:like,? (?:and )?)?(?:share,? (?:and )?)?subscribe\b.*"
    r"|(?:subtitles?|captions?|transcri(?:bed|ption))(?: provided| created)? by\b.*|see you in the next video"
    r"|.*\bamara\.org\b.*"
    r"|.*(?:字幕(?:由|组|制作|提供|志愿者)|请不吝点赞|点赞.{0,6}订阅|谢谢(?:大家的?)?(?:观看|收看)|明镜与点点).*)[.!。！]*$",
    re.IGNORECASE,
)


_LAST_WORDS = re.compile(
    r"thank(s| you)( so much| very much)?( for (listening|your attention))?|you|(bye[ -]?)+|see you next time|subscribe"
    r"|.*(谢谢|感谢)(大家)?(的)?(观看|收看|收听).*|下期再见|谢谢(大家)?|再见"
)
"""Of silence a recogniser writes these too; where somebody speaks they may be meant."""


def without_noise(text: str) -> str:
    """The words of the text; empty if only sounds or the end of a subtitle file were written.

    >>> without_noise("[Music] I saw it (on Friday). (coughs)"), without_noise("Thank you for watching!")
    ('I saw it (on Friday).', '')
    """
    words = " ".join(_SOUND.sub(" ", text).split())
    return "" if _CREDITS.match(words) else words


def is_invented(text: str) -> bool:
    """Whether a recogniser writes this of a recording in which no speech was found."""
    words = without_noise(text)
    bare = re.sub(r"[^\w -]", "", words.casefold()).strip()
    return bool(text.strip()) and (not words or _LAST_WORDS.fullmatch(bare) is not None)


def repeats_itself(text: str, duration_ms: int) -> bool:
    """More than can be said in that time, and nearly all of it the same words."""
    raw = text.encode()
    too_much = len(text) > CHARACTERS_A_SECOND * duration_ms / 1000
    return too_much and len(raw) > SHRINKS_TO_A * len(zlib.compress(raw))
