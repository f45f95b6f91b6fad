"""Words without which a sentence is not a kind of common talk, however near it is to its lines. Pure.

"Where did it go?" is near to "Why is that?", and "Because that's how I see it" no answer to it.
"""

import re
from collections.abc import Mapping

from practice.lifecycle import Language

_EN: Mapping[str, str] = {
    "why": r"\b(?:why|how (?:so|come)|what for|reason)\b",
    "identity": r"\b(?:who|name|real|human|ai|bot|chat ?bot|machine|robot|computer|program|person|recording|gpt)\b",
    "goodbye": r"\b(?:bye|see you|good night|take care|stop here|leave it (?:there|here))\b"
    r"|\b(?:another|some other) (?:time|day)\b|\btalk (?:to you )?(?:later|soon|tomorrow)\b"
    r"|\bi(?:['’]m|['’]d| have| must|['’]ve| should| need)\b.{0,20}\b(?:go|going|leaving|off|run|dash)\b",
    "thanks": r"\b(?:thank\w*|thanks|cheers|ta)\b(?!,? but\b)",
    "closing": r"\b(?:settled|deal|agreed|sorted|all set|everything|leave it at|at that|like that)\b",
    "accused": r"\b(?:always|never|promised?|let me down|should(?: have|['’]ve) (?:told|said)|owe|every time|last time"
    r"|(?:said|told me) you)\b",
    "your-turn": r"\b(?:listening|ears|first|go on|go ahead|tell me|you (?:talk|go|say|speak|start))\b",
    "nice": r"\b(?:nice|like|love|lovely|great|good|thank\w*|appreciate|beautiful|cool|pretty|sweet|kind|amazing"
    r"|wonderful|gorgeous|grateful|glad|smells?|fancy|new)\b",
    "what-now": r"\b(?:now|next|then|from here|do we|should|shall|what else)\b",
    "waiting": r"\b(?:hold on|hang on|wait|second|sec|moment|minute|mo)\b",
    "agreeing": r"\b(?:right|true|fair|agree\w*|exactly|point|same|yes|yeah|yep|correct|see it)\b",
    "hesitation": r"\b(?:u[hm]+|e[hr]m+|(?:don['’]?t|not) (?:\w+ )?(?:know|sure)|hard|second|moment|think|nervous"
    r"|(?:good|bad) at|speech prepared|whole speech|forgot\w*|planned|difficult|put this)\b",
}
_ZH: Mapping[str, str] = {
    "why": r"为[什啥何]|凭[什啥]|怎么说|干[嘛吗]|咋",
    "identity": r"谁|名字|真人|人工|智能|机器|程序|AI|ai|是人",
    "goodbye": r"再见|拜|走了|得走|要走|先走|改天|回头|到这|不想再|明天见",
    "thanks": r"谢",
    "closing": r"定|这么办|说好|先这样|就这样",
    "accused": r"每次|上次|上回|从来|答应|早点|早就|逼|总是|老是",
    "your-turn": r"听|轮到|[你您]先|[你您]说",
}
_WORDS = {
    Language.ENGLISH: {kind: re.compile(words, re.IGNORECASE) for kind, words in _EN.items()},
    Language.CHINESE: {kind: re.compile(words) for kind, words in _ZH.items()},
}


def has_words_of(sentence: str, kind: str, language: str) -> bool:
    """Whether the sentence has a word that this kind of common talk needs, if it needs any.

    >>> has_words_of("Where did it go?", "why", "en"), has_words_of("How come?", "why", "en")
    (False, True)
    """
    words = _WORDS[Language.CHINESE if language == Language.CHINESE else Language.ENGLISH].get(kind)
    return words is None or words.search(sentence) is not None
