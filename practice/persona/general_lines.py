"""Lines that fit any sentence of a kind, for where neither the role brief nor common talk has an answer. Pure."""

from collections.abc import Sequence

from practice.lifecycle import Language
from practice.persona.answer_back import answer_back
from practice.persona.common_talk import common_talk
from practice.persona.dialogue_act import QUESTIONS, act
from practice.persona.line_kind import LineKind, line_kind
from practice.persona.plain_words import plain
from practice.persona.sentence_parts import sentences
from practice.persona.set_phrases import topic

TAKEN_UP = frozenset({"confession", "feeling", "reason", "pause", "view", "wellbeing"})
"""What has to be taken up as such, whatever else the sentence is."""
CLEARER: frozenset[LineKind] = frozenset({"attention", "howWas", "notThat", "plea", "howDid", "lastTime", "whatLike"})
"""What is so clear by its form that it counts more."""
ASKS_BACK = ("is ", "are ", "was ", "were ", "do ", "does ", "did ", "have ", "has ", "had ", "will ", "would ", "no?")


def small_answers(heard: str, language: str) -> Sequence[str]:
    """What answers the last sentence by its form alone; empty if it has none of the small forms."""
    said = _last_said(heard, language)
    kind = line_kind(said, language) if said else None
    return common_talk(language).unforeseen[kind] if kind else ()


def general_lines(heard: str, language: str, *, last: str) -> list[Sequence[str]]:
    """Lines for the last sentence, those that fit its kind most closely first. `last`: the persona's last line."""
    talk, said = common_talk(language), _last_said(heard, language)
    if not said:
        return [talk.unforeseen[kind] for kind in ("statement", "aboutMe")]
    done = "fragment" if topic(said, language) else act(said, language)
    kind = line_kind(said, language)
    if kind == "aboutThem" and done in {*QUESTIONS, "fragment", "unfinished"}:
        kind = None
    close = [talk.unforeseen[kind]] if kind else []
    if done not in {*QUESTIONS, "fragment", "unfinished"}:
        close += _asking_back(said, language, last)
    general, neutral = talk.unforeseen[done], ("which", "view") if done in QUESTIONS else ("statement", "aboutMe")
    taken_up = done in TAKEN_UP and kind not in CLEARER
    return [*([general, *close] if taken_up else [*close, general]), *(talk.unforeseen[each] for each in neutral)]


def _asking_back(said: str, language: str, last: str) -> list[Sequence[str]]:
    """ "Did you? Go on.", unless the persona has just answered like that."""
    back = answer_back(said) if language == Language.ENGLISH else None
    if back is None or last.casefold().startswith(ASKS_BACK):
        return []
    lines = common_talk(language).unforeseen["backYou" if " I" in back else "back"]
    return [[line.replace("{back}", back) for line in lines]]


def _last_said(heard: str, language: str) -> str:
    last = sentences(heard)[-1:]
    return plain(last[0], language) if last else ""
