"""Removes what a speech recogniser writes although nobody said it. Pure.

From silence or noise, models trained on subtitles write "[Music]", "(applause)" or "Thank you for watching".
"""

import re

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


def without_noise(text: str) -> str:
    """The words of the text; empty if only sounds or the end of a subtitle file were written.

    >>> without_noise("[Music] I saw it (on Friday). (coughs)"), without_noise("Thank you for watching!")
    ('I saw it (on Friday).', '')
    """
    words = " ".join(_SOUND.sub(" ", text).split())
    return "" if _CREDITS.match(words) else words
