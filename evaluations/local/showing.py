"""How plainly a piece of speech shows a behaviour: log-odds, their bounds, and what rules it out. Pure."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluations.findings.results import Quote
from evaluations.local import (
    detectors,
    known_lines,
    required_words,
    sentence_forms,
    speech_acts,
    summing_up,
    surroundings,
    telling_words,
)
from evaluations.local.examples import Examples, Line, Weights
from evaluations.transcript import sentences, word_matching
from evaluations.transcript.conversation import DOUBTFUL_MOST, Behaviour
from practice.lifecycle import Language

WEIGHTS: Mapping[str, Weights] = {
    "en": Weights(base=-3.27, near=-4.82, close=14.03, margin=4.38, beyond=7.47, cues=0.395),
    "zh": Weights(base=-3.69, near=2.87, close=13.25, margin=1.25, beyond=5.74, cues=0.554),
}
SURE, SURE_TO_AVOID = 0.0, 2.0
"""Minimum log-odds for example lines to show a behaviour; behaviours to avoid are claimed only if plain."""
DETECTED, DETECTED_TO_AVOID = -0.3, 2.4
"""The same for detectors. Things to do are heard a little below evens, because loose talk is less like the examples."""
EVENS = 0.0
NEEDS_EVENS = frozenset(
    {
        "answers-an-objection",
        "asks-for-an-answer",
        "asks-how-they-see-it",
        "brings-it-back",
        "gives-one-reason",
        "keeps-it-warm",
        "leaves-room",
        "lets-it-change-something",
        "lets-them-shape-it",
        "offers-a-way-out",
        "repeats-it-calmly",
        "says-it-back",
        "says-own-feeling",
        "says-the-effect",
        "says-what-it-cost",
        "says-what-they-ask-for",
        "says-who-does-it",
        "speaks-for-themselves",
        "states-the-difference",
        "takes-it-up",
        "takes-the-heat",
    }
)
"""Keys of shipped behaviours for which lines below evens are more often wrong than right on labelled talks."""
PLAINER = ((5, 0.8), (3, 0.3))
"""From so many slips on, so much more: in such a talk, what is barely praised is wrong more often than right."""
TELLING, TELLING_TO_AVOID = 6.0, 1.9
"""What telling words add to a detector's log-odds; a plain insult or threat adds as much as for things to do."""
WITHOUT_WORDS = 0.6
"""What a thing to avoid loses without a set phrase, plain insult or threat: meaning alone has to be plainer."""
ALIKE = 1.4
"""From this likeness to known lines on, a thing to avoid is shown though it is MADE_UP below its bound."""
MADE_UP = 1.6
ALIKE_WORDS, ALIKE_CHARACTERS = 4, 6
"""Fewer words are like something by chance."""
_UNDERSTANDS = re.compile(
    r"^(?:(?:and|but|so|yes|okay|ok),? )?(?:i (?:get|understand|know|see|hear|reali[sz]e)\b"
    r"|(?:it|that|this) (?:hurts|scares|upsets|worries) you"
    r"|(?:it|that|this) (?:makes|made) you (?:sad|angry|afraid|furious|nervous)"
    r"|(?:so )?it(?:['’]s| is) (?:sad\w*|anger|grief|fear)\b|thank"
    r"|you(?:['’]re| are)(?: still| so| very)? (?:angry|afraid|disappointed|furious|hurt|sad|scared|tired|upset"
    r"|worried)\b)",
    re.IGNORECASE,
)
_REPORTS = re.compile(
    r"\b(?:he|she|they|(?:my|our|the|his|her|a)(?: \w+){1,2}) (?:said|says|told|wrote|writes)\b|[“”\"]"
    r"|跟我说|有人说|人家说",
    re.IGNORECASE,
)
"""Understanding, a feeling that is named, and what somebody else said are like a reproach in what they are about."""
MISHEARD = 4.0
"""What a piece loses in log-odds if the recogniser was unsure of all of it; in proportion if of a part."""


LATER = frozenset({"brings-it-back", "repeats-it-calmly", "sums-up", "agrees-to-look-again"})
"""Keys of shipped behaviours that nobody shows in their first turn: there is nothing to come back to yet."""


@dataclass(frozen=True)
class SpokenPiece:
    """A trainee's sentence, two in a row, or part of a long one.

    `turn` is the whole turn; `around` as computed by `surroundings.py`; `misheard` the share of its characters that the
    recogniser was unsure of; `most_like` its similarity to the example lines of all behaviours without a detector.
    """

    sequence: int
    line: Line
    turn: str
    around: Sequence[float]
    misheard: float = 0.0
    most_like: float = 0.0

    @property
    def sentences(self) -> list[str]:
        """The whole sentences that it is, or is a part of."""
        return [one for one in sentences.of(self.turn) if one in self.line.text or self.line.text in one]


@dataclass(frozen=True)
class Showing:
    """`examples`: by skill and key, for behaviours without a detector.

    `blamed`: words that show, or nearly show, a behaviour to avoid; they are never praised.
    """

    language: str
    examples: Mapping[tuple[str, str], Examples]
    blamed: Sequence[Quote] = ()

    def odds(self, skill_id: str, behaviour: Behaviour, piece: SpokenPiece) -> float:
        """Log-odds that the piece shows the behaviour; -inf if it cannot."""
        if not self._may_show(behaviour, piece):
            return -math.inf
        if detector := detectors.of(behaviour):
            by_meaning = detector.odds(piece.line.vector, piece.line.cues, piece.around)
            odds = by_meaning + self._telling(behaviour, piece.line.text)
            if not behaviour.is_wanted and self._is_like_known_lines(behaviour, piece, odds):
                odds += MADE_UP
        else:
            weights = WEIGHTS.get(self.language, WEIGHTS["en"])
            odds = weights.odds(self.examples[skill_id, behaviour.key].fit(piece.line, piece.most_like))
        return odds - MISHEARD * piece.misheard

    def _may_show(self, behaviour: Behaviour, piece: SpokenPiece) -> bool:
        text = piece.line.text
        if piece.misheard > DOUBTFUL_MOST:
            return False
        if not sentence_forms.may_show(behaviour.key, text, " ".join(piece.sentences), self.language):
            return False
        if not required_words.may_show(behaviour.key, text, self.language):
            return False
        if behaviour.key in LATER and surroundings.is_first(piece.around):
            return False
        if behaviour.is_wanted:
            harsh = speech_acts.is_harsh(text, piece.turn, self.language) or (
                behaviour.key in speech_acts.CARING and speech_acts.is_attack(piece.turn, self.language)
            )
            return not harsh and not any(_overlap(each, piece) for each in self.blamed)
        return speech_acts.may_show(behaviour, text, piece.turn, self.language)

    def _is_like_known_lines(self, behaviour: Behaviour, piece: SpokenPiece, odds: float) -> bool:
        if not DETECTED_TO_AVOID - MADE_UP <= odds < DETECTED_TO_AVOID:
            return False
        least = ALIKE_CHARACTERS if self.language == Language.CHINESE else ALIKE_WORDS
        text, whole = piece.line.text, " ".join([piece.line.text, *piece.sentences])
        if len(word_matching.tokens(text)) < least or _UNDERSTANDS.search(text) or _REPORTS.search(whole):
            return False
        return known_lines.likeness(behaviour.key, tuple(piece.line.vector)) >= ALIKE

    def _telling(self, behaviour: Behaviour, text: str) -> float:
        if not behaviour.is_wanted and (
            speech_acts.shows(behaviour.key, text, self.language)
            or telling_words.are_decisive(behaviour.key, text, self.language)
        ):
            return TELLING
        if behaviour.key in summing_up.GATHERED and summing_up.sums_up(text, self.language):
            return TELLING
        if behaviour.key in sentence_forms.YES and required_words.asks_for_a_yes(text):
            return TELLING
        if not telling_words.are_in(behaviour.key, text, self.language):
            return 0.0 if behaviour.is_wanted else -WITHOUT_WORDS
        return TELLING if behaviour.is_wanted else TELLING_TO_AVOID


def bound(behaviour: Behaviour) -> float:
    """The log-odds from which a behaviour is shown."""
    if detectors.of(behaviour) and behaviour.is_wanted:
        return EVENS if behaviour.key in NEEDS_EVENS else DETECTED
    if detectors.of(behaviour):
        return DETECTED_TO_AVOID
    return SURE if behaviour.is_wanted else SURE_TO_AVOID


def plainer(slips: int) -> float:
    """What is added to the bound of a thing to do in a talk with so many different things to avoid."""
    return next((more for least, more in PLAINER if slips >= least), 0.0)


def _overlap(quote: Quote, piece: SpokenPiece) -> bool:
    return quote.sequence == piece.sequence and (quote.text in piece.line.text or piece.line.text in quote.text)
